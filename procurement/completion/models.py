"""Whose completion is meant, what entries add up to, and the totals kept beside the entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen
from procurement.policies.models import OrderKind, PolicyId, Purchase, Situation
from procurement.quotas.models import Fund, QuotaId
from registry.organisations.models import Ending, Organisation, OrganisationId, OrganisationKind
from registry.regions.models import OriginKind


@dataclass(frozen=True, slots=True)
class Reach:
    """The units of a report: a unit with what stands under it, or all inside a region.

    Of a past instant, `joined` stood under the unit then and do not now; `left` the reverse.
    """

    unit_id: OrganisationId | None
    lineage: str | None
    region_code: str
    region_prefix: str
    joined: tuple[OrganisationId, ...] = ()
    left: tuple[OrganisationId, ...] = ()


@dataclass(frozen=True, slots=True)
class Sum:
    """What entries of one policy, origin, order kind and purchase add up to (fen).

    `paid_fen` was paid inside the year, whatever year its quota is of; `paid_elsewhere_fen`
    was paid on quotas of the year, but outside it. Entries without an order have no kinds.
    """

    unit_id: OrganisationId | None
    policy_id: PolicyId | None
    origin_kind: OriginKind | None
    order_kind: OrderKind | None
    purchase: Purchase
    reserved_fen: Fen
    ordered_fen: Fen
    accepted_fen: Fen
    paid_fen: Fen
    paid_elsewhere_fen: Fen


class Axis(StrEnum):
    """What a figure may be parted by."""

    UNIT = "unit_id"
    REGION = "region"
    """The regions directly inside the one asked for."""
    LEVEL = "level"
    """The level of the region that the unit is registered in."""
    UNIT_KIND = "unit_kind"
    BUYER_KIND = "buyer_kind"
    """What kind of organisation placed the order: the unit itself, its contractor, its union."""
    FUND = "fund"
    CATEGORY = "category_code"
    ORIGIN_KIND = "origin_kind"
    ORDER_KIND = "order_kind"
    MONTH = "month"


class Figure(StrEnum):
    """A figure that opens down to its entries; what is owed is reserved less counted."""

    RESERVED = "reserved"
    ORDERED = "ordered"
    ACCEPTED = "accepted"
    PAID = "paid"
    COUNTED = "counted"
    NOT_COUNTED = "not_counted"
    PAID_ELSEWHERE = "paid_elsewhere"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which part of a figure is opened; `month` is the first day of one."""

    month: date | None = None
    fund: Fund | None = None
    origin_kind: OriginKind | None = None
    order_kind: OrderKind | None = None
    category_code: str | None = None
    buyer_kind: OrganisationKind | None = None
    unit_kind: OrganisationKind | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A sum of one part; None is what is not known, as of entries that no order made."""

    key: str | None
    sum: Sum


@dataclass(frozen=True, slots=True)
class Monthly:
    """A sum, and what of its `paid_fen` was paid in each month of the year, January first."""

    sum: Sum
    paid_fen: Sequence[Fen]


@dataclass(frozen=True, slots=True)
class Counting:
    """Each policy with kinds whose paid money counts under it, and with whose purchases do not."""

    kinds: frozenset[tuple[PolicyId, OriginKind, OrderKind]]
    without: frozenset[tuple[PolicyId, Purchase]]


class Ranking(StrEnum):
    """What units are ranked by, the most first."""

    RATE = "rate"
    OWED = "owed"
    COUNTED = "counted"


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as it was on the day asked about: its name, what it had filed, how it had ended."""

    unit: Organisation
    name: str
    situation: Situation | None
    ending: Ending | None
    successor: str | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A unit with its place and amounts (fen); `ruled_fen` was reserved under a policy."""

    row: UnitRow
    place: int | None
    reserved_fen: Fen
    ordered_fen: Fen
    accepted_fen: Fen
    paid_fen: Fen
    counted_fen: Fen
    ruled_fen: Fen


class CompletionYear(Base):
    """What a quota's entries of one Shanghai year and kinds add up to (fen), in twelve months too.

    Entries without an order have the kind `""`. Written by the trigger on `quota_entry`, in the
    statement of the entries; a total is whole for every instant from `last_at` on. What reports
    ask of the quota and its promise (confirmed at `filed_at`) stands beside it, so that they join
    neither; triggers on both carry it over.
    """

    __tablename__ = "completion_year"
    __table_args__ = (
        Index("ix_completion_year_unit_id", "unit_id"),
        {"postgresql_with": {"fillfactor": "70"}},
    )

    quota_id: Mapped[QuotaId] = mapped_column(Uuid, ForeignKey("quota.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin_kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    order_kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    buyer_kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    reserved_fen: Mapped[Fen]
    ordered_fen: Mapped[Fen]
    accepted_fen: Mapped[Fen]
    paid_fen: Mapped[Fen]
    paid_months: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    first_paid_at: Mapped[datetime | None]
    unit_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    quota_year: Mapped[int]
    fund: Mapped[Fund]
    policy_id: Mapped[PolicyId | None] = mapped_column(Uuid, ForeignKey("share_policy.id"))
    situation: Mapped[Situation | None]
    filed_at: Mapped[datetime | None]


class CompletionMonth(Base):
    """What a quota's entries of one Shanghai month and kinds add up to (fen).

    `month` is its first day. What is not known of an entry is `""`.
    """

    __tablename__ = "completion_month"
    __table_args__ = {"postgresql_with": {"fillfactor": "70"}}  # noqa: RUF012 - SQLAlchemy reads it

    quota_id: Mapped[QuotaId] = mapped_column(Uuid, ForeignKey("quota.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    origin_kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    order_kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    category_code: Mapped[str] = mapped_column(primary_key=True)
    buyer_kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    reserved_fen: Mapped[Fen]
    ordered_fen: Mapped[Fen]
    accepted_fen: Mapped[Fen]
    paid_fen: Mapped[Fen]


class LeadTimeRule(Base):
    """From an order to its payment in days, where too little was observed; dated, never changed.

    `quantile_bp` is the part of the observed payments that a safe day must be in time for, and
    `least_observations` how many of a year's payments say enough.
    """

    __tablename__ = "lead_time_rule"
    __table_args__ = (
        UniqueConstraint("from_on", name="uq_lead_time_rule_from_on"),
        CheckConstraint(
            "delivery_days >= 0 AND acceptance_days >= 0 AND payment_days >= 0", name="days"
        ),
        CheckConstraint("quantile_bp BETWEEN 0 AND 10000", name="quantile"),
        CheckConstraint("least_observations > 0", name="observations"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    from_on: Mapped[date]
    delivery_days: Mapped[int]
    acceptance_days: Mapped[int]
    payment_days: Mapped[int]
    quantile_bp: Mapped[int]
    least_observations: Mapped[int]
    source_zh: Mapped[str]
    source_en: Mapped[str]
