"""What there is of a lot: produce gathered at once, who delivered it, and what is left of it."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.holds import QuantityEntry, QuantityHold
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.models.listings import ListingId
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.households.models.households import HouseholdId
from registry.organisations.models import OrganisationId

LotId = NewType("LotId", UUID)
LotContributionId = NewType("LotContributionId", UUID)
LotAdjustmentId = NewType("LotAdjustmentId", UUID)


class AdjustmentKind(StrEnum):
    """Why a lot is less, or more, than was recorded."""

    SPOILED = "spoiled"
    SHRUNK = "shrunk"
    DAMAGED = "damaged"
    SAMPLED = "sampled"
    FOUND = "found"
    """More was there: it is the cooperative's own until somebody says whose."""
    CORRECTED = "corrected"


class Lot(Base):
    """A harvest or purchase lot; all its quantities are in its own `unit`.

    `total` is every contribution and the cooperative's own part; `held` is promised to orders,
    `shipped` has left (and comes back when it is rejected).
    """

    __tablename__ = "lot"
    __table_args__ = (
        CheckConstraint("held >= 0 AND shipped >= 0 AND held + shipped <= total", name="stock"),
        CheckConstraint("own_quantity >= 0 AND total > 0 AND own_quantity <= total", name="total"),
        CheckConstraint("expires_on > harvested_on", name="life"),
        UniqueConstraint("number", name="uq_lot_number"),
        Index("ix_lot_listing_id_expires_on", "listing_id", "expires_on"),
    )

    id: Mapped[LotId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    listing_id: Mapped[ListingId] = mapped_column(Uuid, ForeignKey("listing.id"))
    supplier_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    harvested_on: Mapped[date]
    expires_on: Mapped[date | None]
    unit: Mapped[Unit]
    own_quantity: Mapped[Decimal]
    total: Mapped[Decimal]
    held: Mapped[Decimal]
    shipped: Mapped[Decimal]
    created_at: Mapped[datetime]
    created_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))


class LotContribution(Base):
    """What one household put into a lot, at the farm price it is promised per unit of the lot.

    Carried over from another lot it names the contribution that was recorded, its `root_id`.
    """

    __tablename__ = "lot_contribution"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("farm_price_fen >= 0", name="price"),
        Index(
            "uq_lot_contribution_lot_household",
            "lot_id",
            "household_id",
            unique=True,
            postgresql_where=text("root_id IS NULL"),
        ),
        Index(
            "uq_lot_contribution_root",
            "lot_id",
            "root_id",
            unique=True,
            postgresql_where=text("root_id IS NOT NULL"),
        ),
    )

    id: Mapped[LotContributionId] = mapped_column(Uuid, primary_key=True)
    lot_id: Mapped[LotId] = mapped_column(Uuid, ForeignKey("lot.id"))
    household_id: Mapped[HouseholdId] = mapped_column(Uuid, ForeignKey("household.id"), index=True)
    quantity: Mapped[Decimal]
    farm_price_fen: Mapped[Fen]
    root_id: Mapped[LotContributionId | None] = mapped_column(
        Uuid, ForeignKey("lot_contribution.id")
    )


class ContributionPayment(Base):
    """That a contribution was paid to its household, or (an even step) that this was wrong.

    Steps alternate, so that a contribution is paid once until that is taken back.
    """

    __tablename__ = "contribution_payment"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("(sequence % 2 = 0) = (reason IS NOT NULL)", name="reversal"),
        CheckConstraint("(reason IS NULL) = (document_id IS NOT NULL)", name="proof"),
        CheckConstraint("sequence > 0", name="sequence"),
        UniqueConstraint("contribution_id", "sequence", name="uq_contribution_payment_step"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    contribution_id: Mapped[LotContributionId] = mapped_column(
        Uuid, ForeignKey("lot_contribution.id")
    )
    sequence: Mapped[int]
    amount_fen: Mapped[Fen]
    paid_on: Mapped[date]
    document_id: Mapped[DocumentId | None] = mapped_column(Uuid, ForeignKey("document.id"))
    reason: Mapped[str | None]
    recorded_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    recorded_at: Mapped[datetime]


class LotAdjustment(Base):
    """A loss of a lot, or what was found more; a correction takes a loss back whole."""

    __tablename__ = "lot_adjustment"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("(kind = 'corrected') = (reverses_id IS NOT NULL)", name="correction"),
        UniqueConstraint("reverses_id", name="uq_lot_adjustment_reverses_id"),
        Index("ix_lot_adjustment_lot_id", "lot_id"),
    )

    id: Mapped[LotAdjustmentId] = mapped_column(Uuid, primary_key=True)
    lot_id: Mapped[LotId] = mapped_column(Uuid, ForeignKey("lot.id"))
    kind: Mapped[AdjustmentKind]
    quantity: Mapped[Decimal]
    reason: Mapped[str]
    document_id: Mapped[DocumentId | None] = mapped_column(Uuid, ForeignKey("document.id"))
    reverses_id: Mapped[LotAdjustmentId | None] = mapped_column(
        Uuid, ForeignKey("lot_adjustment.id")
    )
    recorded_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    recorded_at: Mapped[datetime]


class LotCarriage(Base):
    """So much of a lot that became (part of) another one, with the cooperative's own in it."""

    __tablename__ = "lot_carriage"
    __table_args__ = (
        CheckConstraint("quantity > 0 AND own_quantity >= 0", name="quantity"),
        CheckConstraint("from_lot_id <> to_lot_id", name="apart"),
        UniqueConstraint("from_lot_id", "to_lot_id", name="uq_lot_carriage_lots"),
        Index("ix_lot_carriage_to_lot_id", "to_lot_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    from_lot_id: Mapped[LotId] = mapped_column(Uuid, ForeignKey("lot.id"))
    to_lot_id: Mapped[LotId] = mapped_column(Uuid, ForeignKey("lot.id"))
    quantity: Mapped[Decimal]
    own_quantity: Mapped[Decimal]
    reason: Mapped[str]
    recorded_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    recorded_at: Mapped[datetime]


class LotCarriagePart(Base):
    """How much of one contribution went along."""

    __tablename__ = "lot_carriage_part"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        UniqueConstraint("carriage_id", "contribution_id", name="uq_lot_carriage_part"),
        Index("ix_lot_carriage_part_contribution_id", "contribution_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    carriage_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("lot_carriage.id"))
    contribution_id: Mapped[LotContributionId] = mapped_column(
        Uuid, ForeignKey("lot_contribution.id")
    )
    quantity: Mapped[Decimal]


class LotHold(QuantityHold, Base):
    """Stock promised to an order line (`source` "order_line"), in the lot's unit."""

    __tablename__ = "lot_hold"
    counter_id: Mapped[LotId] = mapped_column(Uuid, ForeignKey("lot.id"), index=True)


class LotEntry(QuantityEntry, Base):
    """Every move of a lot's stock, never changed."""

    __tablename__ = "lot_entry"
    __table_args__ = (Index("ix_lot_entry_at", "at", postgresql_using="brin"),)
    counter_id: Mapped[LotId] = mapped_column(Uuid, ForeignKey("lot.id"), index=True)
    hold_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("lot_hold.id"), index=True)
