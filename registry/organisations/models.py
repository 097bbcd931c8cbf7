"""Organisations, and the tree of who supervises whom."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen
from registry.regions.models import Region

OrganisationId = NewType("OrganisationId", UUID)
CreditEntryId = NewType("CreditEntryId", UUID)


class OrganisationKind(StrEnum):
    """Who buys, who sells, and who watches over both."""

    BUDGET_UNIT = "budget_unit"
    STATE_ENTERPRISE = "state_enterprise"
    TRADE_UNION = "trade_union"
    PRIVATE_ENTERPRISE = "private_enterprise"
    SOCIAL_ORGANISATION = "social_organisation"
    CANTEEN_CONTRACTOR = "canteen_contractor"
    COOPERATIVE = "cooperative"
    LEADING_ENTERPRISE = "leading_enterprise"
    FAMILY_FARM = "family_farm"
    VILLAGE_COLLECTIVE = "village_collective"
    TRADING_AGENT = "trading_agent"
    AUTHORITY = "authority"
    FINANCE_BUREAU = "finance_bureau"
    PLATFORM = "platform"


BUYERS = frozenset(
    {
        OrganisationKind.BUDGET_UNIT,
        OrganisationKind.STATE_ENTERPRISE,
        OrganisationKind.TRADE_UNION,
        OrganisationKind.PRIVATE_ENTERPRISE,
        OrganisationKind.SOCIAL_ORGANISATION,
    }
)
PRODUCERS = frozenset(
    {
        OrganisationKind.COOPERATIVE,
        OrganisationKind.LEADING_ENTERPRISE,
        OrganisationKind.FAMILY_FARM,
        OrganisationKind.VILLAGE_COLLECTIVE,
    }
)
SELLERS = PRODUCERS | {OrganisationKind.TRADING_AGENT}


class Ending(StrEnum):
    """How an organisation came to its end."""

    MERGED = "merged"
    ABOLISHED = "abolished"


class ChangeKind(StrEnum):
    """What happened to an organisation in the tree."""

    RENAMED = "renamed"
    MERGED = "merged"
    ABOLISHED = "abolished"
    MOVED = "moved"
    """It came under the successor of the one that supervised it."""


class CreditKind(StrEnum):
    """What an entry of the credit record says."""

    COMMENDATION = "commendation"
    WARNING = "warning"
    PENALTY = "penalty"
    DISHONEST = "dishonest"


class Consequence(StrEnum):
    """What an entry of the credit record leads to while it is in force."""

    NO_NEW_APPLICATIONS = "no_new_applications"
    NO_NEW_LISTINGS = "no_new_listings"
    MORE_INSPECTIONS = "more_inspections"
    PRIORITY = "priority"


class Organisation(Base):
    """A legal person by its credit code (GB 32100).

    `lineage` is the path from the top of its tree down to itself, `/<id>/<id>/`;
    `region_prefix` is what all codes of its region's subtree begin with. One that was merged
    stays, under its successor. Members and capital (fen) are a cooperative's.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        UniqueConstraint("credit_code", name="uq_organisation_credit_code"),
        UniqueConstraint("lineage", name="uq_organisation_lineage"),
        CheckConstraint("credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'", name="credit_code"),
        CheckConstraint("right(lineage, 38) = '/' || id || '/'", name="lineage"),
        CheckConstraint("starts_with(region_code, region_prefix)", name="region_prefix"),
        CheckConstraint("(ended_on IS NULL) = (ending IS NULL)", name="ending"),
        CheckConstraint(
            "successor_id IS NULL OR (ended_on IS NOT NULL AND successor_id <> id)",
            name="successor",
        ),
        CheckConstraint("ending <> 'merged' OR successor_id IS NOT NULL", name="merged"),
        CheckConstraint(
            "kind = 'cooperative' OR (member_count IS NULL AND capital_fen IS NULL)",
            name="cooperative",
        ),
        CheckConstraint("member_count > 0 AND capital_fen >= 0", name="members"),
        Index("ix_organisation_lineage", "lineage", postgresql_ops={"lineage": "text_pattern_ops"}),
        Index(
            "ix_organisation_region_code",
            "region_code",
            postgresql_ops={"region_code": "text_pattern_ops"},
        ),
        Index("ix_organisation_supervising_id", "supervising_id"),
        Index("ix_organisation_successor_id", "successor_id"),
    )

    id: Mapped[OrganisationId] = mapped_column(Uuid, primary_key=True)
    credit_code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[OrganisationKind]
    region_code: Mapped[str] = mapped_column(ForeignKey(Region.code))
    region_prefix: Mapped[str]
    supervising_id: Mapped[OrganisationId | None] = mapped_column(
        Uuid, ForeignKey("organisation.id")
    )
    lineage: Mapped[str]
    ended_on: Mapped[date | None]
    ending: Mapped[Ending | None]
    successor_id: Mapped[OrganisationId | None] = mapped_column(Uuid, ForeignKey("organisation.id"))
    member_count: Mapped[int | None]
    capital_fen: Mapped[Fen | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class OrganisationName(Base):
    """A name that an organisation bore until it was renamed; `since_on` None: from the start."""

    __tablename__ = "organisation_name"
    __table_args__ = (
        CheckConstraint("since_on < until_on", name="period"),
        ExcludeConstraint(
            (text("organisation_id"), "="),
            (text("daterange(since_on, until_on)"), "&&"),
            name="ex_organisation_name_period",
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    name: Mapped[str]
    since_on: Mapped[date | None]
    until_on: Mapped[date]
    source: Mapped[str]


class OrganisationPlace(Base):
    """A place in the tree that an organisation left at an instant: its lineage until then."""

    __tablename__ = "organisation_place"
    __table_args__ = (
        UniqueConstraint("organisation_id", "until_at", name="uq_organisation_place_until_at"),
        CheckConstraint("right(lineage, 38) = '/' || organisation_id || '/'", name="lineage"),
        Index("ix_organisation_place_until_at", "until_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    lineage: Mapped[str]
    until_at: Mapped[datetime]


class OrganisationChange(Base):
    """What happened to an organisation, for good: from and to are organisations."""

    __tablename__ = "organisation_change"
    __table_args__ = (Index("ix_organisation_change_organisation_id", "organisation_id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    kind: Mapped[ChangeKind]
    effective_on: Mapped[date]
    from_id: Mapped[OrganisationId | None] = mapped_column(Uuid, ForeignKey("organisation.id"))
    to_id: Mapped[OrganisationId | None] = mapped_column(Uuid, ForeignKey("organisation.id"))
    source: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(Uuid)
    recorded_at: Mapped[datetime]


class CreditEntry(Base):
    """An entry of an organisation's credit record; one made in error is withdrawn, not erased."""

    __tablename__ = "credit_entry"
    __table_args__ = (
        CheckConstraint("since_on < until_on", name="period"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)", name="withdrawn"),
        Index("ix_credit_entry_organisation_id", "organisation_id"),
    )

    id: Mapped[CreditEntryId] = mapped_column(Uuid, primary_key=True)
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    kind: Mapped[CreditKind]
    source: Mapped[str]
    document_id: Mapped[UUID | None] = mapped_column(Uuid)
    recorded_on: Mapped[date]
    since_on: Mapped[date]
    until_on: Mapped[date | None]
    consequences: Mapped[list[str]]
    recorded_by: Mapped[UUID] = mapped_column(Uuid)
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawal_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once
