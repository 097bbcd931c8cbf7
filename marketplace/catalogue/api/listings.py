"""Doors to listings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.exports.lists import export_door
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint, expected_version
from kernel.imports.trying import row_by_row
from kernel.paging import Page, PageQuery, page_schema
from kernel.sheets.importing import ListImport
from marketplace.catalogue.commands import listings as commands
from marketplace.catalogue.commands.imports import offer_by_number
from marketplace.catalogue.commands.listings import ListingChange, NewListing
from marketplace.catalogue.models.listings import ListingId
from marketplace.catalogue.models.prices import ListingPrice
from marketplace.catalogue.queries import listings as queries
from marketplace.catalogue.queries.listings import ListingView
from marketplace.catalogue.queries.prices import list_prices
from marketplace.catalogue.queries.search import (
    Facets,
    ListingFilter,
    count_facets,
    list_listings,
)
from marketplace.catalogue.schemas.listings import (
    FacetsOut,
    FacetsQueryIn,
    ListingChangeIn,
    ListingIn,
    ListingItemOut,
    ListingOut,
    ListingPriceOut,
    ListingQueryIn,
)
from marketplace.catalogue.schemas.sheets import LISTINGS, LISTINGS_SHOWN
from registry.accounts.models import Role

listings = Blueprint("listings", __name__, url_prefix="/api/v1")
OFFERS = frozenset({Role.COOP_CLERK})


@listings.post("/listings")
@endpoint(listings, allow=OFFERS, accepts=ListingIn(), returns=ListingOut(), status=201)
def create(body: NewListing) -> ListingView:
    """Draft a listing of one of the own certificates."""
    return commands.create_listing(body, by=current_actor(), now=clock.now())


@listings.get("/listings")
@endpoint(
    listings,
    allow=PUBLIC,
    accepts=ListingQueryIn(),
    returns=page_schema(ListingItemOut),
    location="query",
)
def search(query: dict[str, Any]) -> Page[ListingView]:
    """Search what is on sale today."""
    rest = {name: query.pop(name) for name in ("sort", "limit", "cursor")}
    today = shanghai_day(clock.now())
    return list_listings(current_actor(), ListingFilter(**query), today=today, **rest)


LISTING_IMPORT = ListImport(LISTINGS, OFFERS, row_by_row(offer_by_number))

export_door(listings, "/listings/export", of=search, sheet=LISTINGS_SHOWN)


@listings.get("/listings/facets")
@endpoint(listings, allow=PUBLIC, accepts=FacetsQueryIn(), returns=FacetsOut(), location="query")
def facets(query: dict[str, Any]) -> Facets:
    """Count what a search finds by category, origin, place, storage, pay mode, month, channel."""
    today = shanghai_day(clock.now())
    return count_facets(current_actor(), ListingFilter(**query), today=today)


@listings.get("/listings/<uuid:listing_id>")
@endpoint(listings, allow=PUBLIC, returns=ListingOut())
def show(listing_id: UUID) -> ListingView:
    """Show a listing that is on sale, or one of the own."""
    today = shanghai_day(clock.now())
    return queries.get_listing_view(current_actor(), ListingId(listing_id), today=today)


@listings.get("/listings/<uuid:listing_id>/prices")
@endpoint(
    listings,
    allow=PUBLIC,
    accepts=PageQuery(),
    returns=page_schema(ListingPriceOut),
    location="query",
)
def prices(query: dict[str, Any], listing_id: UUID) -> Page[ListingPrice]:
    """Show what a listing has cost, the present price first."""
    today = shanghai_day(clock.now())
    return list_prices(current_actor(), ListingId(listing_id), today=today, **query)


@listings.patch("/listings/<uuid:listing_id>")
@endpoint(listings, allow=OFFERS, accepts=ListingChangeIn(), returns=ListingOut(), etag=True)
def change(body: ListingChange, listing_id: UUID) -> ListingView:
    """Change words and prices; placed orders keep what they agreed."""
    return commands.change_listing(
        ListingId(listing_id),
        body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@listings.post("/listings/<uuid:listing_id>/publish")
@endpoint(listings, allow=OFFERS, returns=ListingOut())
def publish(listing_id: UUID) -> ListingView:
    """Put a listing on sale."""
    return commands.publish_listing(
        ListingId(listing_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@listings.post("/listings/<uuid:listing_id>/delist")
@endpoint(listings, allow=OFFERS, returns=ListingOut())
def delist(listing_id: UUID) -> ListingView:
    """Take a listing off sale."""
    return commands.delist_listing(
        ListingId(listing_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )
