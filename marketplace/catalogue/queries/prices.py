"""What a listing has cost, day by day."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from kernel.actor import Actor
from kernel.paging import Page, page
from marketplace.catalogue.models.listings import ListingId
from marketplace.catalogue.models.prices import ListingPrice
from marketplace.catalogue.queries.listings import get_listing_view


def list_prices(
    actor: Actor, listing_id: ListingId, *, today: date, limit: int, cursor: str | None
) -> Page[ListingPrice]:
    """List the prices of a listing in sight (NotFound), the present one first."""
    get_listing_view(actor, listing_id, today=today)
    return page(
        select(ListingPrice).where(ListingPrice.listing_id == listing_id),
        keys=[(ListingPrice.from_at, True), (ListingPrice.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"listing": listing_id},
    )
