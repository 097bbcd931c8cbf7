"""Users, the roles they hold, the tokens they act with, and what they read in clear."""

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.crypto import EncryptedText
from kernel.database import Base
from registry.organisations.models import OrganisationId

UserId = NewType("UserId", UUID)
TokenId = NewType("TokenId", UUID)
InvitationId = NewType("InvitationId", UUID)
ResetId = NewType("ResetId", UUID)
TOTP_SECRET = "app_user.totp_secret"  # noqa: S105 - the name of a column


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
MANAGES = frozenset({Role.UNIT_ADMIN})
TRADES = frozenset({Role.CANTEEN_BUYER, Role.CONTRACTOR_BUYER, Role.UNION_OFFICER})
SEE_ALL = frozenset({Role.AUDITOR, Role.PLATFORM_ADMIN})
SEE_REGION = REVIEWERS | {Role.VILLAGE_CADRE, Role.FINANCE_SUPERVISOR, Role.MONITOR}


class AppUser(Base):
    """A person who signs in; `organisation_id` is the one they act for.

    `person_index` is the blind index of their identity number, which is not kept: two accounts
    of one person have the same. `totp_last_step` is the last half minute whose code was used. A
    closed account stays, with everything that was done under it.
    """

    __tablename__ = "app_user"
    __table_args__ = (
        UniqueConstraint("username", name="uq_app_user_username"),
        CheckConstraint("username = lower(username)", name="username"),
        CheckConstraint("failed_attempts >= 0", name="failed_attempts"),
        CheckConstraint("totp_confirmed_at IS NULL OR totp_secret IS NOT NULL", name="totp"),
        Index("ix_app_user_organisation_id", "organisation_id"),
        Index("ix_app_user_person_index", "person_index"),
    )

    id: Mapped[UserId] = mapped_column(Uuid, primary_key=True)
    username: Mapped[str]
    password_hash: Mapped[str]
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    failed_attempts: Mapped[int]
    locked_until_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    password_changed_at: Mapped[datetime | None]
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText(TOTP_SECRET))
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    person_index: Mapped[bytes | None] = mapped_column(LargeBinary)
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


class TokenKind(StrEnum):
    """A session ends with idleness too; a machine's token is named and scoped."""

    SESSION = "session"
    API = "api"


class AccessToken(Base):
    """A bearer token; only its SHA-256 is kept.

    Without `scopes` it opens what the roles open. From `touch_after_at` on, a use is noted.
    """

    __tablename__ = "access_token"
    __table_args__ = (
        UniqueConstraint("digest", name="uq_access_token_digest"),
        CheckConstraint("issued_at < expires_at", name="period"),
        CheckConstraint("(kind = 'session') = (idle_until_at IS NOT NULL)", name="idle"),
        Index("ix_access_token_user_id", "user_id"),
    )

    id: Mapped[TokenId] = mapped_column(Uuid, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    user_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    kind: Mapped[TokenKind] = mapped_column(default=TokenKind.API, server_default="api")
    name: Mapped[str | None]
    scopes: Mapped[list[str] | None]
    idle_until_at: Mapped[datetime | None]
    touch_after_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class UsedPassword(Base):
    """A password that the user had, as a hash, so that it does not come back."""

    __tablename__ = "used_password"
    __table_args__ = (Index("ix_used_password_user_id", "user_id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    password_hash: Mapped[str]
    set_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code that stands in once for the second factor; only its SHA-256 is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (
        UniqueConstraint("digest", name="uq_recovery_code_digest"),
        Index("ix_recovery_code_user_id", "user_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    user_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    used_at: Mapped[datetime | None]


class Invitation(Base):
    """Leave to open one's own account, with roles and organisation fixed by who invites."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("digest", name="uq_invitation_digest"),
        CheckConstraint("issued_at < expires_at", name="period"),
        CheckConstraint("(accepted_at IS NULL) = (accepted_by IS NULL)", name="accepted"),
        CheckConstraint("accepted_at IS NULL OR revoked_at IS NULL", name="ended_once"),
        Index("ix_invitation_organisation_id", "organisation_id"),
    )

    id: Mapped[InvitationId] = mapped_column(Uuid, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    roles: Mapped[list[str]]
    invited_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    revoked_at: Mapped[datetime | None]


class PasswordReset(Base):
    """Leave to set a new password once, given by an administrator; only its SHA-256 is kept."""

    __tablename__ = "password_reset"
    __table_args__ = (
        UniqueConstraint("digest", name="uq_password_reset_digest"),
        CheckConstraint("issued_at < expires_at", name="period"),
        Index("ix_password_reset_user_id", "user_id"),
    )

    id: Mapped[ResetId] = mapped_column(Uuid, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    user_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    issued_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


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
