"""How organisations help households: links, their papers, yearly results, consents."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen
from kernel.quantity import Unit
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.households.models.households import HouseholdId
from registry.organisations.models import OrganisationId

BenefitLinkId = NewType("BenefitLinkId", UUID)
ConsentId = NewType("ConsentId", UUID)


class BenefitWay(StrEnum):
    """The seven ways in which an organisation helps households."""

    UNIFIED_INPUTS = "unified_inputs"
    TECHNIQUE = "technique"
    FAVOURABLE_PURCHASE = "favourable_purchase"
    JOBS = "jobs"
    PROCESSING = "processing"
    LAND_OR_SHARES = "land_or_shares"
    OTHER = "other"


class HouseholdConsent(Base):
    """A household's word, recorded by its village, that an organisation may link it."""

    __tablename__ = "household_consent"
    __table_args__ = (
        Index(
            "uq_household_consent_in_force",
            "household_id",
            "organisation_id",
            unique=True,
            postgresql_where=text("until_on IS NULL"),
        ),
        CheckConstraint("since_on <= until_on", name="period"),
    )

    id: Mapped[ConsentId] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[HouseholdId] = mapped_column(Uuid, ForeignKey("household.id"))
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    since_on: Mapped[date]
    until_on: Mapped[date | None]
    recorded_by_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    recorded_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class BenefitLink(Base):
    """How an organisation helps a household, for `[since_on, until_on)`.

    `product`, `yearly_quantity` and `price_fen` (a unit, tax in) are the terms in figures;
    `promised_fen` is what the household is to have of it in a year.
    """

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
        CheckConstraint("(yearly_quantity IS NULL) = (unit IS NULL)", name="unit"),
        CheckConstraint("yearly_quantity IS NULL OR product IS NOT NULL", name="product"),
        CheckConstraint("yearly_quantity > 0", name="yearly_quantity"),
        CheckConstraint("price_fen > 0", name="price_fen"),
        CheckConstraint("promised_fen >= 0", name="promised_fen"),
        Index("ix_benefit_link_organisation_id", "organisation_id", "household_id"),
        Index(
            "ix_benefit_link_household_id",
            "household_id",
            "way",
            postgresql_include=["id", "organisation_id", "since_on", "until_on"],
        ),
    )

    id: Mapped[BenefitLinkId] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[HouseholdId] = mapped_column(Uuid, ForeignKey("household.id"))
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    way: Mapped[BenefitWay]
    since_on: Mapped[date]
    until_on: Mapped[date | None]
    terms: Mapped[str]
    product: Mapped[str | None]
    yearly_quantity: Mapped[Decimal | None]
    unit: Mapped[Unit | None]
    price_fen: Mapped[Fen | None]
    promised_fen: Mapped[Fen | None]
    consent_id: Mapped[ConsentId | None] = mapped_column(Uuid, ForeignKey("household_consent.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class DoubleLink(Base):
    """Two links of one household in one way with two organisations, both for `[since, until)`.

    The database finds them with every link that is written, and follows a household that moves.
    """

    __tablename__ = "double_link"
    __table_args__ = (
        CheckConstraint("since_on < until_on", name="period"),
        Index(
            "ix_double_link_place",
            "village_code",
            "household_code",
            "benefit_link_id",
            "other_benefit_link_id",
        ),
        Index("ix_double_link_household_id", "household_id"),
    )

    benefit_link_id: Mapped[BenefitLinkId] = mapped_column(Uuid, primary_key=True)
    other_benefit_link_id: Mapped[BenefitLinkId] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[HouseholdId] = mapped_column(Uuid, ForeignKey("household.id"))
    village_code: Mapped[str]
    household_code: Mapped[str]
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid)
    other_organisation_id: Mapped[OrganisationId] = mapped_column(Uuid)
    since_on: Mapped[date]
    until_on: Mapped[date | None]


class BenefitLinkDocument(Base):
    """A paper that proves a benefit link, in the order given."""

    __tablename__ = "benefit_link_document"

    benefit_link_id: Mapped[BenefitLinkId] = mapped_column(
        Uuid, ForeignKey("benefit_link.id"), primary_key=True
    )
    document_id: Mapped[DocumentId] = mapped_column(
        Uuid, ForeignKey("document.id"), primary_key=True
    )
    position: Mapped[int]


class BenefitLinkResult(Base):
    """What a household had of a link in a year; of several rows the last one counts."""

    __tablename__ = "benefit_link_result"
    __table_args__ = (
        CheckConstraint("benefit_fen >= 0", name="benefit_fen"),
        CheckConstraint("year BETWEEN 2000 AND 2100", name="year"),
        Index("ix_benefit_link_result_benefit_link_id", "benefit_link_id", "year", "position"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    benefit_link_id: Mapped[BenefitLinkId] = mapped_column(Uuid, ForeignKey("benefit_link.id"))
    year: Mapped[int]
    benefit_fen: Mapped[Fen]
    document_id: Mapped[DocumentId | None] = mapped_column(Uuid, ForeignKey("document.id"))
    recorded_by_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    recorded_at: Mapped[datetime]
