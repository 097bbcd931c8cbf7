"""What buyers say of goods they took in."""

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from marketplace.catalogue.models.listings import ListingId
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

RatingId = NewType("RatingId", UUID)
CENTS = Decimal("0.01")


class ListingRating(Base):
    """One to five marks for goods and service by a buyer, once for what `source_id` names.

    The buyer may change it before `open_until`; the supplier answers once.
    """

    __tablename__ = "listing_rating"
    __table_args__ = (
        UniqueConstraint("source", "source_id", name="uq_listing_rating_source"),
        CheckConstraint("goods BETWEEN 1 AND 5 AND service BETWEEN 1 AND 5", name="marks"),
        CheckConstraint("num_nulls(reply, replied_by, replied_at) IN (0, 3)", name="reply"),
        Index("ix_listing_rating_listing", "listing_id", "created_at", "id"),
    )

    id: Mapped[RatingId] = mapped_column(Uuid, primary_key=True)
    listing_id: Mapped[ListingId] = mapped_column(Uuid, ForeignKey("listing.id"))
    supplier_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    buyer_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    author_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    source: Mapped[str]
    source_id: Mapped[UUID] = mapped_column(Uuid)
    goods: Mapped[int]
    service: Mapped[int]
    text: Mapped[str]
    created_at: Mapped[datetime]
    open_until: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    reply: Mapped[str | None]
    replied_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    replied_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


def marks_of(goods: int, service: int, count: int) -> Mapping[str, Any]:
    """Give mean marks of two places, None where nobody rated, of so many ratings' sums."""
    goods_mean, service_mean = (
        (Decimal(total) / count).quantize(CENTS, ROUND_HALF_UP) if count else None
        for total in (goods, service)
    )
    return {"count": count, "goods": goods_mean, "service": service_mean}
