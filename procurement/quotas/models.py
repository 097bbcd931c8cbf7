"""A unit's approved money of a year: ceiling, floor, what is held and spent, and every entry."""

from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from kernel.database import Base
from kernel.holds import FenEntry, FenHold
from kernel.money import Fen
from procurement.filings.models import FilingId
from procurement.policies.models import OrderKind
from registry.organisations.models import OrganisationId
from registry.regions.models import OriginKind

QuotaId = NewType("QuotaId", UUID)


class Fund(StrEnum):
    """Whose money it is: the canteen's, or the union's."""

    CANTEEN = "canteen"
    UNION = "union"


class Quota(Base):
    """The counter of a unit's year and fund, in fen.

    `ceiling_fen` is the approved money, `floor_fen` the share promised of it. `filing_id` is
    the promise it came from; a quota that was not filed for has none.
    """

    __tablename__ = "quota"
    __table_args__ = (
        UniqueConstraint("unit_id", "year", "fund", name="uq_quota_unit_year_fund"),
        CheckConstraint("held_fen >= 0 AND spent_fen >= 0", name="counters"),
        CheckConstraint("floor_fen >= 0", name="floor"),
        CheckConstraint("held_fen + spent_fen <= ceiling_fen", name="ceiling"),
        Index("ix_quota_filing_id", "filing_id"),
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
        return (*super().__table_args__, accepted)


class QuotaHold(_PurchaseHold, Base):
    """Money kept for one order's goods of one origin kind; `source_id` is made of both.

    `accepted_fen` is what of it was taken in at the door.
    """

    __tablename__ = "quota_hold"

    counter_id: Mapped[QuotaId] = mapped_column(Uuid, ForeignKey("quota.id"))
    order_id: Mapped[UUID] = mapped_column(Uuid, index=True)
    origin_kind: Mapped[OriginKind]
    order_kind: Mapped[OrderKind]


class QuotaEntry(FenEntry, Base):
    """What happened to a quota, never changed afterwards; all amounts are differences in fen."""

    __tablename__ = "quota_entry"
    __table_args__ = (Index("ix_quota_entry_counter_id", "counter_id", "position"),)

    counter_id: Mapped[QuotaId] = mapped_column(Uuid, ForeignKey("quota.id"))
    hold_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("quota_hold.id"))
    accepted_fen: Mapped[Fen] = mapped_column(BigInteger, server_default="0")
    ceiling_fen: Mapped[Fen] = mapped_column(BigInteger, server_default="0")
    floor_fen: Mapped[Fen] = mapped_column(BigInteger, server_default="0")
