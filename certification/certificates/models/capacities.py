"""What may be sold under a certificate each year, with its holds, entries and signals."""

from datetime import date, datetime
from decimal import Decimal
from typing import NewType
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from certification.certificates.models.certificates import CertificateId
from kernel.database import Base
from kernel.holds import QuantityEntry, QuantityHold

CapacityId = NewType("CapacityId", UUID)


class Capacity(Base):
    """What may be sold under a certificate in one of its years, in the certificate's unit.

    The gate's counter: `held` waits for acceptance, `sold` was accepted. `is_open` says
    whether the certificate's state lets new orders in; the year is `[from_on, until_on)`, and
    from `papers_until_on` on, the certificate's, nothing is taken of it.
    `signals` are the used quantities, rising, at which the table's trigger asks for a signal;
    `is_nearing` says that the first is crossed. An order that crosses none changes no index.
    """

    __tablename__ = "capacity"
    __table_args__ = (
        UniqueConstraint("certificate_id", "from_on", name="uq_capacity_year"),
        CheckConstraint("from_on < until_on", name="period"),
        CheckConstraint("held >= 0", name="held"),
        CheckConstraint("sold >= 0", name="sold"),
        CheckConstraint("held + sold <= declared", name="ceiling"),
        Index(
            "ix_capacity_nearing", "certificate_id", postgresql_where=text("is_nearing AND is_open")
        ),
    )

    id: Mapped[CapacityId] = mapped_column(Uuid, primary_key=True)
    certificate_id: Mapped[CertificateId] = mapped_column(Uuid, ForeignKey("certificate.id"))
    from_on: Mapped[date]
    until_on: Mapped[date]
    is_open: Mapped[bool]
    papers_until_on: Mapped[date | None]
    declared: Mapped[Decimal]
    held: Mapped[Decimal] = mapped_column(server_default="0")
    sold: Mapped[Decimal] = mapped_column(server_default="0")
    signals: Mapped[list[Decimal]] = mapped_column(
        ARRAY(Numeric(14, 3)), server_default="{}", default=list
    )
    is_nearing: Mapped[bool] = mapped_column(
        Computed("COALESCE(held + sold >= signals[1], false)", persisted=True)
    )


class CapacityHold(QuantityHold, Base):
    """What one order line keeps of a capacity; `source` is `order_line`."""

    __tablename__ = "capacity_hold"

    counter_id: Mapped[CapacityId] = mapped_column(Uuid, ForeignKey("capacity.id"))


class CapacityEntry(QuantityEntry, Base):
    """What happened to a capacity; the sum of all entries is its counters."""

    __tablename__ = "capacity_entry"

    counter_id: Mapped[CapacityId] = mapped_column(Uuid, ForeignKey("capacity.id"), index=True)
    hold_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("capacity_hold.id"))


class CapacitySignal(Base):
    """A crossing of so many of a capacity's `signals`; written by the trigger on `capacity`."""

    __tablename__ = "capacity_signal"
    __table_args__ = (
        Index("ix_capacity_signal_capacity_id", "capacity_id"),
        Index("ix_capacity_signal_due", "id", postgresql_where=text("signalled_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    capacity_id: Mapped[CapacityId] = mapped_column(Uuid, ForeignKey("capacity.id"))
    level: Mapped[int]
    used: Mapped[Decimal]
    declared: Mapped[Decimal]
    signalled_at: Mapped[datetime | None]
