"""What a listing cost, and from when on."""

from datetime import datetime
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen
from marketplace.catalogue.models.listings import ListingId
from registry.accounts.models import UserId

ListingPriceId = NewType("ListingPriceId", UUID)


class ListingPrice(Base):
    """The price of a listing from an instant on, until the next row; only ever added to."""

    __tablename__ = "listing_price"
    __table_args__ = (
        CheckConstraint("unit_price_fen > 0", name="price"),
        Index("ix_listing_price_listing", "listing_id", "from_at", "id"),
    )

    id: Mapped[ListingPriceId] = mapped_column(Uuid, primary_key=True)
    listing_id: Mapped[ListingId] = mapped_column(Uuid, ForeignKey("listing.id"))
    unit_price_fen: Mapped[Fen]
    tiers: Mapped[list[Any]]
    from_at: Mapped[datetime]
    set_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
