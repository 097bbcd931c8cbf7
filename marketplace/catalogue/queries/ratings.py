"""What buyers think of goods and of who sells them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select

from kernel.actor import Actor
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked
from marketplace.catalogue.models.listings import Listing, ListingId
from marketplace.catalogue.models.ratings import ListingRating, RatingId, marks_of
from marketplace.catalogue.queries.listings import get_listing_view
from registry.organisations.models import OrganisationId


def list_ratings(
    actor: Actor, listing_id: ListingId, *, today: date, limit: int, cursor: str | None
) -> Page[ListingRating]:
    """List what was said of a listing in sight (NotFound), the newest first."""
    get_listing_view(actor, listing_id, today=today)
    return page(
        select(ListingRating).where(ListingRating.listing_id == listing_id),
        keys=[(ListingRating.created_at, True), (ListingRating.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"listing": listing_id},
    )


def get_supplier_marks(actor: Actor, supplier_id: OrganisationId) -> Mapping[str, Any]:
    """Give what buyers think of a supplier, over all that it ever offered."""
    del actor  # as public as the ratings themselves
    sums = select(
        func.coalesce(func.sum(Listing.goods_sum), 0),
        func.coalesce(func.sum(Listing.service_sum), 0),
        func.coalesce(func.sum(Listing.rating_count), 0),
    )
    row = db.session.execute(sums.where(Listing.supplier_id == supplier_id)).one()
    return marks_of(*map(int, row))


def lock_said_rating(actor: Actor, rating_id: RatingId) -> ListingRating:
    """Lock a rating that the actor's organisation gave (NotFound)."""
    mine = ListingRating.buyer_id == actor.organisation_id
    return locked(select(ListingRating).where(ListingRating.id == rating_id, mine))


def lock_received_rating(actor: Actor, rating_id: RatingId) -> ListingRating:
    """Lock a rating of goods of the actor's organisation (NotFound)."""
    mine = ListingRating.supplier_id == actor.organisation_id
    return locked(select(ListingRating).where(ListingRating.id == rating_id, mine))
