"""What there is of a lot: produce gathered at once, who delivered it, and what is left of it."""

from datetime import date, datetime
from decimal import Decimal
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.holds import QuantityEntry, QuantityHold
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.models.listings import ListingId
from registry.accounts.models import UserId
from registry.households.models.households import HouseholdId
from registry.organisations.models import OrganisationId

LotId = NewType("LotId", UUID)
LotContributionId = NewType("LotContributionId", UUID)


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
    """What one household put into a lot, at the farm price it is promised per unit of the lot."""

    __tablename__ = "lot_contribution"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("farm_price_fen >= 0", name="price"),
        UniqueConstraint("lot_id", "household_id", name="uq_lot_contribution_lot_household"),
    )

    id: Mapped[LotContributionId] = mapped_column(Uuid, primary_key=True)
    lot_id: Mapped[LotId] = mapped_column(Uuid, ForeignKey("lot.id"))
    household_id: Mapped[HouseholdId] = mapped_column(Uuid, ForeignKey("household.id"), index=True)
    quantity: Mapped[Decimal]
    farm_price_fen: Mapped[Fen]


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
