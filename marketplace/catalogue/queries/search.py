"""What somebody finds: words anywhere inside longer ones, filters, orders, and how many of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, select

from certification.certificates.models.words import asked_grams, plain
from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from kernel.paging import Page, Search, Sort, page_of_search
from marketplace.catalogue.models.listings import (
    Channel,
    Listing,
    ListingStatus,
    PayMode,
    StorageBand,
)
from marketplace.catalogue.queries.listings import ListingView, list_views, on_sale
from registry.organisations.models import OrganisationId
from registry.regions.models import OriginKind, Region
from registry.regions.rules import subtree_prefix

COUNTED = 500
"""How many listings are looked at for the counts beside a search; beyond it they are of a part."""
SHOWN_BY = (
    Listing.status,
    Listing.certificate_id,
    Listing.supplier_id,
    Listing.origin_kind,
    Listing.unit_price_fen,
    Listing.available_quantity,
)
"""What decides of a listing whether it is shown, besides filters that an index serves."""
PLACE = "place"
KINDS = ("category", "origin", PLACE, "band", "pay", "month", "channel")
"""What `marketplace.catalogue.rules.terms.tags_of` writes before the colon."""


class ListingSort(StrEnum):
    """In which order listings come: `available` the largest stock first, `-rating` the best."""

    PRICE = "price"
    PRICE_DOWN = "-price"
    NEWEST = "-created_at"
    AVAILABLE = "available"
    RATING = "-rating"


SORTS: Mapping[ListingSort, Sequence[Sort]] = MappingProxyType(
    {
        ListingSort.PRICE: [(Listing.unit_price_fen, False), (Listing.id, False)],
        ListingSort.PRICE_DOWN: [(Listing.unit_price_fen, True), (Listing.id, True)],
        ListingSort.NEWEST: [(Listing.created_at, True), (Listing.id, True)],
        ListingSort.AVAILABLE: [(Listing.available_quantity, True), (Listing.id, True)],
        ListingSort.RATING: [(Listing.score, True), (Listing.id, True)],
    }
)


@dataclass(frozen=True)
class ListingFilter:
    """What somebody looks for; `mine` is the actor's own, in every state.

    `month` is one in which it is delivered; prices are those of one unit without tiers, in fen.
    """

    q: str | None = None
    category: str | None = None
    region: str | None = None
    origin_kind: OriginKind | None = None
    supplier_id: OrganisationId | None = None
    storage_band: StorageBand | None = None
    pay_mode: PayMode | None = None
    channel: Channel | None = None
    month: int | None = None
    price_from_fen: Fen | None = None
    price_to_fen: Fen | None = None
    in_stock: bool = False
    mine: bool = False


@dataclass(frozen=True)
class Facet:
    """How many of what was found have a value; `name` is a region's."""

    value: str
    count: int
    name: str | None = None


@dataclass(frozen=True)
class Facets:
    """Counts by kind, the most frequent first; of the whole, or of the `counted` looked at."""

    counted: int
    is_whole: bool
    facets: Mapping[str, Sequence[Facet]]


def list_listings(
    actor: Actor,
    wanted: ListingFilter,
    *,
    sort: ListingSort,
    today: date,
    limit: int,
    cursor: str | None,
) -> Page[ListingView]:
    """List what is on sale today, or the actor's own listings."""
    found = page_of_search(
        _search(actor, wanted, today=today),
        keys=SORTS[sort],
        limit=limit,
        cursor=cursor,
        filters={**vars(wanted), "sort": sort},
    )
    return Page(list_views(actor, found.items, today=today), found.next_cursor)


def count_facets(actor: Actor, wanted: ListingFilter, *, today: date) -> Facets:
    """Count what is found by category, origin, place, storage, pay mode, month and channel.

    Exact up to COUNTED listings; of more that many are looked at. What the public may buy goes by
    the listings alone: news of a certificate reaches them within seconds.
    """
    search = _search(actor, wanted, today=today)
    some = select(Listing.tags).where(
        *search.listed, *search.narrow, *search.beside, *_kinds(Listing, wanted)
    )
    if search.words:
        some = some.where(
            Listing.grams.contains(search.grams),
            *(func.strpos(Listing.search_text, word) > 0 for word in search.words),
        )
    near = some.limit(literal_column(str(COUNTED + 1))).subquery("near")
    tags = select(func.unnest(near.c.tags).label("tag")).subquery("tags")
    counted = select(tags.c.tag, func.count()).group_by(tags.c.tag)
    rows = [(*tag.partition(":")[::2], int(count)) for tag, count in db.session.execute(counted)]
    names = _names([value for kind, value, _ in rows if kind == PLACE])
    facets: dict[str, list[Facet]] = {kind: [] for kind in KINDS}
    for kind, value, count in sorted(rows, key=lambda row: (-row[2], row[1])):
        facets[kind].append(Facet(value, count, names.get(value)))
    total = sum(one.count for one in facets["category"])
    return Facets(min(total, COUNTED), total <= COUNTED, facets)


def _names(codes: Sequence[str]) -> dict[str, str]:
    rows = db.session.execute(select(Region.code, Region.name).where(Region.code.in_(codes)))
    return {str(code): str(name) for code, name in rows}


def _search(actor: Actor, wanted: ListingFilter, *, today: date) -> Search:
    """Say what is looked for, which of it an index each serves, and which orders are kept."""
    narrow, listed = _places(wanted), [Listing.status == ListingStatus.LISTED]
    if wanted.mine:
        narrow, listed = [*narrow, Listing.supplier_id == actor.organisation_id], []

    def shown(listing: Any) -> list[ColumnElement[bool]]:
        return [*_kinds(listing, wanted), *([] if wanted.mine else [on_sale(listing)])]

    words, grams = plain(wanted.q or "").split(), asked_grams(wanted.q or "")
    tagged, given = _tagged(wanted), {"today": today}
    return Search(
        Listing, words, grams, narrow, tagged, listed, shown, by=SHOWN_BY, parameters=given
    )


def _places(wanted: ListingFilter) -> list[ColumnElement[bool]]:
    """Give the filters that have an index each."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.category:
        conditions.append(Listing.category_code == wanted.category)
    if wanted.region:
        prefix = subtree_prefix(wanted.region)
        conditions.append(Listing.origin_region_code.startswith(prefix, autoescape=True))
    if wanted.supplier_id:
        conditions.append(Listing.supplier_id == wanted.supplier_id)
    return conditions


def _tagged(wanted: ListingFilter) -> list[ColumnElement[bool]]:
    """Give the filters that one index serves together."""
    asked = {
        "band": wanted.storage_band,
        "pay": wanted.pay_mode,
        "channel": wanted.channel,
        "month": wanted.month,
    }
    tags = [f"{kind}:{value}" for kind, value in asked.items() if value is not None]
    return [Listing.tags.contains(tags)] if tags else []


def _kinds(listing: Any, wanted: ListingFilter) -> list[ColumnElement[bool]]:
    """Give the filters that most listings pass, or that no index serves."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.origin_kind:
        conditions.append(listing.origin_kind == wanted.origin_kind)
    if wanted.price_from_fen is not None:
        conditions.append(listing.unit_price_fen >= wanted.price_from_fen)
    if wanted.price_to_fen is not None:
        conditions.append(listing.unit_price_fen <= wanted.price_to_fen)
    if wanted.in_stock:
        conditions.append(listing.available_quantity > 0)
    return conditions
