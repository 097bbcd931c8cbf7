"""Which listings the public finds, and which a supplier has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from certification.certificates.models.certificates import (
    Certificate,
    CertificateId,
    CertificateStatus,
)
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.paging import Page, Search, Sort, page, page_of_search
from kernel.quantity import Unit
from marketplace.catalogue.models.listings import (
    BlockReason,
    Listing,
    ListingId,
    ListingStatus,
    grams_of,
    plain,
)
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible
from registry.regions.models import OriginKind, Region
from registry.regions.rules import subtree_prefix


class ListingSort(StrEnum):
    """In which order listings come; `available` begins with the largest stock."""

    PRICE = "price"
    PRICE_DOWN = "-price"
    NEWEST = "-created_at"
    AVAILABLE = "available"


SORTS: Mapping[ListingSort, Sequence[Sort]] = MappingProxyType(
    {
        ListingSort.PRICE: [(Listing.unit_price_fen, False), (Listing.id, False)],
        ListingSort.PRICE_DOWN: [(Listing.unit_price_fen, True), (Listing.id, True)],
        ListingSort.NEWEST: [(Listing.created_at, True), (Listing.id, True)],
        ListingSort.AVAILABLE: [(Listing.available_quantity, True), (Listing.id, True)],
    }
)


@dataclass(frozen=True)
class ListingFilter:
    """What somebody looks for; `mine` is the actor's own, in every state."""

    q: str | None = None
    category: str | None = None
    region: str | None = None
    origin_kind: OriginKind | None = None
    mine: bool = False


@dataclass(frozen=True)
class ListingView:
    """A listing as it is shown; quantities in `unit`, prices in fen for one unit."""

    id: ListingId
    title: str
    description: str
    status: ListingStatus
    blocked_for: BlockReason | None
    unit: Unit
    step: Decimal
    unit_price_fen: Fen
    tiers: Sequence[Mapping[str, Any]]
    available_quantity: Decimal
    certificate_id: CertificateId
    certificate_number: str
    category_code: str
    origin_region_code: str
    origin_kind: OriginKind
    supplier_id: OrganisationId
    created_at: datetime
    version: int
    supplier: str
    origin: str


_Later = aliased(Certificate, name="later")
_IN_FORCE = CertificateStatus.IN_FORCE


def _shown(today: date) -> Select[Any]:
    """Select what is shown of listings, joined with their certificate and its successor.

    A successor that has begun is what the listing is sold under, whether or not it was moved.
    """
    return (
        select(
            Listing.id,
            Listing.title,
            Listing.description,
            Listing.status,
            Listing.blocked_for,
            Listing.unit,
            Listing.step,
            Listing.unit_price_fen,
            Listing.tiers,
            Listing.available_quantity,
            func.coalesce(_Later.id, Listing.certificate_id),
            func.coalesce(_Later.number, Listing.certificate_number),
            Listing.category_code,
            Listing.origin_region_code,
            func.coalesce(_Later.origin_kind, Listing.origin_kind),
            Listing.supplier_id,
            Listing.created_at,
            Listing.version,
            Organisation.name,
            Region.name,
        )
        .join(Certificate, Certificate.id == Listing.certificate_id)
        .outerjoin(
            _Later, and_(_Later.renews_id == Listing.certificate_id, _Later.valid_from_on <= today)
        )
        .join(Organisation, Organisation.id == Listing.supplier_id)
        .join(Region, Region.code == Listing.origin_region_code)
    )


def on_sale(today: date) -> ColumnElement[bool]:
    """Say, of listings as they are shown, that the public may see and buy them today.

    The supplier lives, and the certificate or the successor that has begun is in force. As an
    alternative and not as one value, so that the planner knows how many listings that is true of.
    """
    return and_(
        Listing.status == ListingStatus.LISTED,
        Organisation.ended_on.is_(None),
        or_(
            and_(
                Certificate.status == _IN_FORCE,
                Certificate.valid_from_on <= today,
                Certificate.valid_until_on > today,
            ),
            and_(_Later.status == _IN_FORCE, _Later.valid_until_on > today),
        ),
    )


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
    if wanted.mine:
        seen, listed = Listing.supplier_id == actor.organisation_id, []
    else:
        seen, listed = on_sale(today), [Listing.status == ListingStatus.LISTED]
    places = _places(wanted)
    statement = _shown(today).where(*places, *_kinds(wanted), seen)
    asked: dict[str, Any] = {
        "keys": SORTS[sort],
        "limit": limit,
        "cursor": cursor,
        "scalars": False,
        "filters": {**vars(wanted), "sort": sort},
    }
    words = plain(wanted.q or "").split()
    if words:
        narrow = [*places, seen] if wanted.mine else places
        grams = _asked_grams(words)
        search = Search(Listing, statement, words, grams, narrow=narrow, listed=listed)
        found = page_of_search(search, **asked)
    else:
        found = page(statement, **asked)
    return Page([ListingView(*row) for row in found.items], found.next_cursor)


def get_listing_view(actor: Actor, listing_id: ListingId, *, today: date) -> ListingView:
    """Get a listing that is on sale today or belongs to an organisation in the actor's sight."""
    statement = _shown(today).where(Listing.id == listing_id, or_(on_sale(today), visible(actor)))
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    return ListingView(*row)


def get_own_listing(actor: Actor, listing_id: ListingId, *, lock: bool = False) -> Listing:
    """Get a listing of the actor's own organisation (NotFound), locked where it is changed."""
    statement = select(Listing).where(
        Listing.id == listing_id, Listing.supplier_id == actor.organisation_id
    )
    if lock:
        statement = statement.with_for_update(key_share=True)
    listing = db.session.scalar(statement.execution_options(populate_existing=True))
    if listing is None:
        raise NotFound
    return listing


def lock_listings_of(actor: Actor, certificate_id: CertificateId) -> list[Listing]:
    """Lock a certificate's listings, in key order."""
    del actor  # only reactions to the certificate ask
    return _lock(Listing.certificate_id == certificate_id)


def lock_listings_of_supplier(actor: Actor, supplier_id: OrganisationId) -> list[Listing]:
    """Lock what a supplier has on sale, or had until its certificate stopped, in key order."""
    del actor  # only reactions to the supplier's end ask
    offered = Listing.status.in_([ListingStatus.LISTED, ListingStatus.BLOCKED])
    return _lock(
        Listing.supplier_id == supplier_id,
        offered,
        Listing.blocked_for.is_distinct_from(BlockReason.SUPPLIER),
    )


def _lock(*conditions: ColumnElement[bool]) -> list[Listing]:
    statement = select(Listing).where(*conditions).order_by(Listing.id)
    statement = statement.with_for_update(key_share=True)
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))


def _places(wanted: ListingFilter) -> list[ColumnElement[bool]]:
    """Give the filters that have an index each."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.category:
        conditions.append(Listing.category_code == wanted.category)
    if wanted.region:
        prefix = subtree_prefix(wanted.region)
        conditions.append(Listing.origin_region_code.startswith(prefix, autoescape=True))
    return conditions


def _kinds(wanted: ListingFilter) -> list[ColumnElement[bool]]:
    return [Listing.origin_kind == wanted.origin_kind] if wanted.origin_kind else []


def _asked_grams(words: Sequence[str]) -> list[str]:
    """Ask for pairs alone where there are any: single characters would only cost."""
    return sorted(
        gram for word in words for gram in grams_of(word) if len(gram) > 1 or len(word) == 1
    )
