"""A unit's approved money of a year: ceiling, floor, what is held and spent, and every entry."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from kernel.database import Base
from kernel.holds import FenEntry, FenHold
from kernel.money import Fen
from procurement.filings.models import FilingId
from procurement.policies.models import OrderKind
from registry.organisations.models import OrganisationId, OrganisationKind
from registry.regions.models import OriginKind

QuotaId = NewType("QuotaId", UUID)
MoveId = NewType("MoveId", UUID)


class Fund(StrEnum):
    """Whose money it is: the canteen's, the union's, or what the staff pay themselves."""

    CANTEEN = "canteen"
    UNION = "union"
    STAFF = "staff"


class MoveKind(StrEnum):
    """Why approved money changed its place or its size without an order doing it."""

    REVISION = "revision"
    """A confirmed revision of the promise raised or cut it."""
    ALLOCATION = "allocation"
    RECALL = "recall"
    REBINDING = "rebinding"
    MERGER = "merger"
    ABOLITION = "abolition"
    LAPSE = "lapse"
    CARRY_OVER = "carry_over"
    REOPENING = "reopening"
    """What had lapsed or was carried over came back."""


class SettingKind(StrEnum):
    """What a dated setting of quotas says, in basis points."""

    CARRY_OVER = "carry_over"
    """How much of what a year leaves unspent goes to the next one; the rest lapses."""
    WARNING = "warning"
    """From which part of its ceiling on a quota is shown as nearly used."""


class Quota(Base):
    """The counter of a unit's year and fund, in fen.

    `ceiling_fen` is the approved money, `floor_fen` the share promised of it. `filing_id` is
    the promise it came from; a quota that was not filed for has none. From `closed_at` on it
    serves what it still holds, and nothing new; reopened, it closes again at `reopened_until`.
    """

    __tablename__ = "quota"
    __table_args__ = (
        UniqueConstraint("unit_id", "year", "fund", name="uq_quota_unit_year_fund"),
        CheckConstraint("held_fen >= 0 AND spent_fen >= 0", name="counters"),
        CheckConstraint("floor_fen >= 0", name="floor"),
        CheckConstraint("held_fen + spent_fen <= ceiling_fen", name="ceiling"),
        CheckConstraint("closed_at IS NULL OR reopened_until IS NULL", name="closed"),
        Index("ix_quota_filing_id", "filing_id"),
        Index("ix_quota_year", "year"),
    )

    id: Mapped[QuotaId] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    year: Mapped[int]
    fund: Mapped[Fund]
    ceiling_fen: Mapped[Fen]
    floor_fen: Mapped[Fen]
    held_fen: Mapped[Fen]
    spent_fen: Mapped[Fen]
    filing_id: Mapped[FilingId | None] = mapped_column(Uuid, ForeignKey("filing.id"))
    closed_at: Mapped[datetime | None]
    reopened_until: Mapped[datetime | None]

    @property
    def available_fen(self) -> Fen:
        """Give what may still be ordered."""
        return Fen(self.ceiling_fen - self.held_fen - self.spent_fen)


class _PurchaseHold(FenHold):
    """A hold that goods are accepted against, never more than were ordered."""

    accepted_fen: Mapped[Fen] = mapped_column(BigInteger, server_default="0")

    @declared_attr.directive
    def __table_args__(self) -> Any:
        accepted = CheckConstraint("accepted_fen >= 0 AND accepted_fen <= amount", name="accepted")
        term = CheckConstraint("payment_term_days > 0", name="payment_term")
        return (*super().__table_args__, accepted, term)


def heading_of(origin_kind: OriginKind, category_code: str | None) -> str:
    """Give the heading under which an order's goods of one origin and category hold money."""
    return origin_kind if category_code is None else f"{origin_kind}/{category_code}"


class QuotaHold(_PurchaseHold, Base):
    """Money kept for one order's goods of one heading: origin kind and category.

    `source_id` is made of the order and the heading.

    `accepted_fen` is what of it was taken in at the door. `buyer_kind` is what kind of
    organisation placed the order, `payment_term_days` in how many days from acceptance it is paid
    (without: those of the law).
    """

    __tablename__ = "quota_hold"

    counter_id: Mapped[QuotaId] = mapped_column(Uuid, ForeignKey("quota.id"))
    order_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    origin_kind: Mapped[OriginKind]
    order_kind: Mapped[OrderKind]
    category_code: Mapped[str | None]
    buyer_kind: Mapped[OrganisationKind | None]
    payment_term_days: Mapped[int | None]

    @property
    def heading(self) -> str:
        """Give the heading that the money is kept under."""
        return heading_of(self.origin_kind, self.category_code)


class QuotaEntry(FenEntry, Base):
    """What happened to a quota, never changed afterwards; all amounts are differences in fen."""

    __tablename__ = "quota_entry"
    __table_args__ = (
        Index("ix_quota_entry_counter_id", "counter_id", "position"),
        Index(
            "ix_quota_entry_at",
            "at",
            postgresql_using="brin",
            postgresql_with={"pages_per_range": "16", "autosummarize": "on"},
        ),
        Index("ix_quota_entry_move_id", "move_id", postgresql_where=text("move_id IS NOT NULL")),
        CheckConstraint("move_id IS NULL OR kind = 'adjust'", name="move"),
    )

    counter_id: Mapped[QuotaId] = mapped_column(Uuid, ForeignKey("quota.id"))
    hold_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("quota_hold.id"))
    accepted_fen: Mapped[Fen] = mapped_column(BigInteger, server_default="0")
    ceiling_fen: Mapped[Fen] = mapped_column(BigInteger, server_default="0")
    floor_fen: Mapped[Fen] = mapped_column(BigInteger, server_default="0")
    move_id: Mapped[MoveId | None] = mapped_column(Uuid, ForeignKey("quota_move.id"))


class QuotaMove(Base):
    """Why entries of one or two quotas were written together; never changed afterwards.

    What leaves `from_id` comes to `to_id`, so the entries of a move between two add up to
    nothing. `source` is the document or reason it rests on; the actor may be the system.
    """

    __tablename__ = "quota_move"
    __table_args__ = (
        CheckConstraint("num_nonnulls(from_id, to_id) > 0", name="somewhere"),
        CheckConstraint("from_id <> to_id", name="apart"),
        CheckConstraint("(kind = 'rebinding') = (order_id IS NOT NULL)", name="order"),
        Index("ix_quota_move_from_id", "from_id", "to_id"),
        Index("ix_quota_move_to_id", "to_id"),
    )

    id: Mapped[MoveId] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    kind: Mapped[MoveKind]
    from_id: Mapped[QuotaId | None] = mapped_column(Uuid, ForeignKey("quota.id"))
    to_id: Mapped[QuotaId | None] = mapped_column(Uuid, ForeignKey("quota.id"))
    order_id: Mapped[UUID | None] = mapped_column(Uuid)
    source: Mapped[str]
    moved_by: Mapped[UUID] = mapped_column(Uuid)
    at: Mapped[datetime]


class QuotaSetting(Base):
    """A dated rule of quotas in basis points, for a region and all in it, or for a unit's tree.

    It holds from `from_on` until a newer row of the same unit or region.
    """

    __tablename__ = "quota_setting"
    __table_args__ = (
        CheckConstraint("value_bp BETWEEN 0 AND 10000", name="value"),
        CheckConstraint("num_nonnulls(unit_id, region_code) = 1", name="place"),
        CheckConstraint("region_code ~ '^[0-9]{6}$'", name="region_code"),
        Index("ix_quota_setting_unit_id", "unit_id"),
        Index(
            "uq_quota_setting_default",
            "kind",
            "region_code",
            "from_on",
            unique=True,
            postgresql_where=text("author_id IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[SettingKind]
    unit_id: Mapped[OrganisationId | None] = mapped_column(Uuid, ForeignKey("organisation.id"))
    region_code: Mapped[str | None]
    value_bp: Mapped[int]
    from_on: Mapped[date]
    source: Mapped[str]
    author_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    created_at: Mapped[datetime]


class QuotaWarning(Base):
    """A quota crossed its warning level: told once for each level and ceiling."""

    __tablename__ = "quota_warning"
    __table_args__ = (
        UniqueConstraint("quota_id", "ceiling_fen", "value_bp", name="uq_quota_warning_once"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    quota_id: Mapped[QuotaId] = mapped_column(Uuid, ForeignKey("quota.id"))
    ceiling_fen: Mapped[Fen]
    used_fen: Mapped[Fen]
    value_bp: Mapped[int]
    at: Mapped[datetime]
