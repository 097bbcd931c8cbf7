"""Users, the roles they hold, the tokens they act with, and what they read in clear."""

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from registry.organisations.models import OrganisationId

UserId = NewType("UserId", UUID)
TokenId = NewType("TokenId", UUID)


class Role(StrEnum):
    """What a person may do in the name of an organisation."""

    UNIT_ADMIN = "unit_admin"
    CANTEEN_BUYER = "canteen_buyer"
    CONTRACTOR_BUYER = "contractor_buyer"
    UNIT_APPROVER = "unit_approver"
    UNIT_FINANCE = "unit_finance"
    UNION_OFFICER = "union_officer"
    COOP_CLERK = "coop_clerk"
    COOP_MANAGER = "coop_manager"
    VILLAGE_CADRE = "village_cadre"
    TOWN_CHECKER = "town_checker"
    COUNTY_REVIEWER = "county_reviewer"
    CITY_REVIEWER = "city_reviewer"
    PROVINCE_REVIEWER = "province_reviewer"
    FINANCE_SUPERVISOR = "finance_supervisor"
    MONITOR = "monitor"
    AUDITOR = "auditor"
    PLATFORM_ADMIN = "platform_admin"


REVIEWERS = frozenset(
    {
        Role.TOWN_CHECKER,
        Role.COUNTY_REVIEWER,
        Role.CITY_REVIEWER,
        Role.PROVINCE_REVIEWER,
    }
)
SEE_ALL = frozenset({Role.AUDITOR, Role.PLATFORM_ADMIN})
SEE_REGION = REVIEWERS | {Role.VILLAGE_CADRE, Role.FINANCE_SUPERVISOR, Role.MONITOR}


class AppUser(Base):
    """A person who signs in; `organisation_id` is the one they act for."""

    __tablename__ = "app_user"
    __table_args__ = (
        UniqueConstraint("username", name="uq_app_user_username"),
        CheckConstraint("username = lower(username)", name="username"),
        CheckConstraint("failed_attempts >= 0", name="failed_attempts"),
        Index("ix_app_user_organisation_id", "organisation_id"),
    )

    id: Mapped[UserId] = mapped_column(Uuid, primary_key=True)
    username: Mapped[str]
    password_hash: Mapped[str]
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    failed_attempts: Mapped[int]
    locked_until_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class Membership(Base):
    """A role that a user holds in an organisation."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("user_id", "organisation_id", "role", name="uq_membership_role"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    role: Mapped[Role]
    created_at: Mapped[datetime]


class AccessToken(Base):
    """A bearer token; only its SHA-256 is kept."""

    __tablename__ = "access_token"
    __table_args__ = (
        UniqueConstraint("digest", name="uq_access_token_digest"),
        CheckConstraint("issued_at < expires_at", name="period"),
        Index("ix_access_token_user_id", "user_id"),
    )

    id: Mapped[TokenId] = mapped_column(Uuid, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    user_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Disclosure(Base):
    """Something personal read in clear: by whom, and for which stated purpose; never altered."""

    __tablename__ = "disclosure"
    __table_args__ = (Index("ix_disclosure_subject", "subject_kind", "subject_id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    user_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    purpose: Mapped[str]
    at: Mapped[datetime]
