"""Households with their persons encrypted, and their benefit links."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.crypto import EncryptedText
from kernel.database import Base
from registry.organisations.models import OrganisationId
from registry.regions.models import Region

HouseholdId = NewType("HouseholdId", UUID)
BenefitLinkId = NewType("BenefitLinkId", UUID)


class HouseholdClass(StrEnum):
    """Why a household is on the register."""

    REGISTERED = "registered"
    UNSTABLE = "unstable"
    MARGINAL = "marginal"
    SUDDEN_DIFFICULTY = "sudden_difficulty"


class BenefitWay(StrEnum):
    """The seven ways in which an organisation helps households."""

    UNIFIED_INPUTS = "unified_inputs"
    TECHNIQUE = "technique"
    FAVOURABLE_PURCHASE = "favourable_purchase"
    JOBS = "jobs"
    PROCESSING = "processing"
    LAND_OR_SHARES = "land_or_shares"
    OTHER = "other"


class Household(Base):
    """A household of a village. Its persons are encrypted; `id_number_index` finds one again."""

    __tablename__ = "household"
    __table_args__ = (
        UniqueConstraint("code", name="uq_household_code"),
        UniqueConstraint("id_number_index", name="uq_household_id_number_index"),
        CheckConstraint("members > 0", name="members"),
        CheckConstraint("able_labour BETWEEN 0 AND members", name="able_labour"),
        Index(
            "ix_household_village_code",
            "village_code",
            postgresql_ops={"village_code": "text_pattern_ops"},
        ),
    )

    id: Mapped[HouseholdId] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str]
    village_code: Mapped[str] = mapped_column(ForeignKey(Region.code))
    head_name: Mapped[str] = mapped_column(EncryptedText("household.head_name"))
    id_number: Mapped[str] = mapped_column(EncryptedText("household.id_number"))
    id_number_index: Mapped[bytes] = mapped_column(LargeBinary)
    phone: Mapped[str | None] = mapped_column(EncryptedText("household.phone"))
    bank_card: Mapped[str | None] = mapped_column(EncryptedText("household.bank_card"))
    members: Mapped[int]
    able_labour: Mapped[int]
    willing: Mapped[bool]
    household_class: Mapped[HouseholdClass] = mapped_column("class")
    registered_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class BenefitLink(Base):
    """How an organisation helps a household, for `[since_on, until_on)`."""

    __tablename__ = "benefit_link"
    __table_args__ = (
        Index(
            "uq_benefit_link_in_force",
            "household_id",
            "organisation_id",
            "way",
            unique=True,
            postgresql_where=text("until_on IS NULL"),
        ),
        CheckConstraint("since_on < until_on", name="period"),
        Index("ix_benefit_link_organisation_id", "organisation_id", "household_id"),
        Index("ix_benefit_link_household_id", "household_id"),
    )

    id: Mapped[BenefitLinkId] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[HouseholdId] = mapped_column(Uuid, ForeignKey("household.id"))
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    way: Mapped[BenefitWay]
    since_on: Mapped[date]
    until_on: Mapped[date | None]
    terms: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once
