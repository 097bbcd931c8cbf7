"""What can be done with listings: offer, change, publish, take down; block and bring back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Numeric, Uuid, column, update, values

from certification.certificates.models.certificates import (
    Certificate,
    CertificateId,
    CertificateStatus,
)
from certification.certificates.queries.certificates import get_certificate, get_running
from certification.errors.certificates import CertificateNotInForce
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import NotFound, check_version
from kernel.identity import new_id
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue import queries, rules
from marketplace.catalogue.models import (
    BlockReason,
    Listing,
    ListingId,
    ListingStatus,
    grams_of,
    plain,
)
from marketplace.catalogue.queries import ListingView
from marketplace.catalogue.rules import Tier
from registry.organisations.commands.keeping import keep_organisation
from registry.organisations.models import OrganisationId
from registry.organisations.queries import get_organisation
from registry.regions.queries import get_region


@dataclass(frozen=True)
class NewListing:
    """A certified product to offer; prices in fen for one `unit`."""

    certificate_id: CertificateId
    title: str
    unit: Unit
    step: Decimal
    unit_price_fen: Fen
    tiers: Sequence[Tier] = ()
    description: str = ""


@dataclass(frozen=True)
class ListingChange:
    """What is to be different; None leaves it as it is. Unit and step never change."""

    title: str | None = None
    description: str | None = None
    unit_price_fen: Fen | None = None
    tiers: Sequence[Tier] | None = None


def create_listing(new: NewListing, *, by: Actor, now: datetime) -> ListingView:
    """Draft a listing of one of the own certificates.

    Refuses NotFound, CertificateNotInForce and, of a supplier that has ended, OrganisationEnded.
    """
    certificate = get_certificate(by, new.certificate_id)
    _check_own(certificate, by=by, now=now)
    rules.check_measure(new.step, unit=new.unit, certificate_unit=certificate.unit)
    rules.check_tiers(new.tiers, unit_price=new.unit_price_fen, step=new.step)
    listing = Listing(
        id=ListingId(new_id()),
        supplier_id=certificate.holder_id,
        title=new.title,
        description=new.description,
        unit=new.unit,
        step=new.step,
        unit_price_fen=new.unit_price_fen,
        tiers=_stored(new.tiers),
        status=ListingStatus.DRAFT,
        available_quantity=Decimal(0),
        created_at=now,
    )
    _move(listing, certificate)
    db.session.add(listing)
    return _written(listing, "listing_created", by=by, now=now)


def change_listing(
    listing_id: ListingId,
    change: ListingChange,
    *,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> ListingView:
    """Change words and prices of an own listing; placed orders keep what they agreed."""
    listing = queries.get_own_listing(by, listing_id, lock=True)
    check_version(listing.version, expected_version)
    if change.title is not None:
        listing.title = change.title
    if change.description is not None:
        listing.description = change.description
    if change.unit_price_fen is not None:
        listing.unit_price_fen = change.unit_price_fen
    tiers = _tiers_of(listing) if change.tiers is None else change.tiers
    rules.check_tiers(tiers, unit_price=listing.unit_price_fen, step=listing.step)
    listing.tiers = _stored(tiers)
    _make_searchable(listing, get_certificate(by, listing.certificate_id))
    return _written(listing, "listing_changed", by=by, now=now)


def publish_listing(
    listing_id: ListingId, *, expected_version: int | None, by: Actor, now: datetime
) -> ListingView:
    """Put an own listing on sale, under the certificate that has taken its own one's place.

    Refuses WrongState, CertificateNotInForce, OrganisationEnded.
    """
    listing = queries.get_own_listing(by, listing_id, lock=True)
    check_version(listing.version, expected_version)
    rules.check_move(listing.status, ListingStatus.LISTED)
    certificate = get_running(by, listing.certificate_id, on=shanghai_day(now))
    _check_own(certificate, by=by, now=now)
    _move(listing, certificate)
    listing.status, listing.blocked_for = ListingStatus.LISTED, None
    listing.published_at = now
    return _written(listing, "listing_published", by=by, now=now)


def delist_listing(
    listing_id: ListingId, *, expected_version: int | None, by: Actor, now: datetime
) -> ListingView:
    """Take an own listing off sale (WrongState); placed orders go on."""
    listing = queries.get_own_listing(by, listing_id, lock=True)
    check_version(listing.version, expected_version)
    rules.check_move(listing.status, ListingStatus.DELISTED)
    listing.status, listing.blocked_for = ListingStatus.DELISTED, None
    return _written(listing, "listing_delisted", by=by, now=now)


def follow_certificate(certificate_id: CertificateId, *, now: datetime) -> None:
    """Let listings go the way of their certificate.

    On to the successor that has begun, in every state; blocked while what they are sold under is
    not in force, and brought back when it is. What is blocked for its supplier stays blocked.
    """
    today = shanghai_day(now)
    certificate = get_running(SYSTEM, certificate_id, on=today)
    live = certificate.status_on(today) is CertificateStatus.IN_FORCE
    for listing in queries.lock_listings_of(SYSTEM, certificate_id):
        if listing.certificate_id != certificate.id:
            _move(listing, certificate)
            _leave_row(listing, "listing_renewed", by=SYSTEM, now=now)
        if live and listing.blocked_for is BlockReason.CERTIFICATE:
            _set_blocked(listing, None, now=now)
        elif not live and listing.status is ListingStatus.LISTED:
            _set_blocked(listing, BlockReason.CERTIFICATE, now=now)
    db.session.flush()


def block_supplier(supplier_id: OrganisationId, *, now: datetime) -> None:
    """Block for good whatever a supplier that has ended has on sale; placed orders go on."""
    for listing in queries.lock_listings_of_supplier(SYSTEM, supplier_id):
        _set_blocked(listing, BlockReason.SUPPLIER, now=now)
    db.session.flush()


def set_available(quantities: Mapping[ListingId, Decimal]) -> None:
    """Set what is shown as available, in each listing's unit; for show, never a gate."""
    if not quantities:
        return
    shown = values(column("id", Uuid), column("quantity", Numeric(14, 3)), name="shown").data(
        sorted(quantities.items())
    )
    db.session.execute(
        update(Listing)
        .where(Listing.id == shown.c.id, Listing.available_quantity != shown.c.quantity)
        .values(available_quantity=shown.c.quantity)
        .execution_options(synchronize_session=False)
    )


def _check_own(certificate: Certificate, *, by: Actor, now: datetime) -> None:
    """Let goods be offered only by the living holder of a certificate in force."""
    if certificate.holder_id != by.organisation_id:
        raise NotFound
    keep_organisation(certificate.holder_id)
    status = certificate.status_on(shanghai_day(now))
    if status is not CertificateStatus.IN_FORCE:
        raise CertificateNotInForce(number=certificate.number, status=status)


def _move(listing: Listing, certificate: Certificate) -> None:
    """Sell a listing under a certificate; what was ordered keeps the one it was ordered under."""
    listing.certificate_id, listing.certificate_number = certificate.id, certificate.number
    listing.category_code = certificate.category_code
    listing.origin_region_code = certificate.origin_region_code
    listing.origin_kind = certificate.origin_kind
    _make_searchable(listing, certificate)


def _set_blocked(listing: Listing, reason: BlockReason | None, *, now: datetime) -> None:
    """Block a listing for a reason, or bring it back (None)."""
    status = ListingStatus.LISTED if reason is None else ListingStatus.BLOCKED
    if listing.status is not status:
        rules.check_move(listing.status, status)
    listing.status, listing.blocked_for = status, reason
    _leave_row(listing, f"listing_{status}", by=SYSTEM, now=now)


def _make_searchable(listing: Listing, certificate: Certificate) -> None:
    supplier = get_organisation(SYSTEM, OrganisationId(listing.supplier_id))
    origin = get_region(SYSTEM, listing.origin_region_code)
    words = (
        listing.title,
        certificate.product_name,
        certificate.specification,
        supplier.name,
        origin.name,
    )
    listing.search_text = plain(" ".join(words))
    listing.grams = grams_of(listing.search_text)


def _stored(tiers: Sequence[Tier]) -> list[Any]:
    return [
        {"min_quantity": str(tier.min_quantity), "unit_price_fen": tier.unit_price_fen}
        for tier in tiers
    ]


def _tiers_of(listing: Listing) -> list[Tier]:
    return [
        Tier(Decimal(tier["min_quantity"]), Fen(tier["unit_price_fen"])) for tier in listing.tiers
    ]


def _leave_row(listing: Listing, action: str, *, by: Actor, now: datetime) -> None:
    after = {
        "title": listing.title,
        "status": listing.status,
        "blocked_for": listing.blocked_for,
        "certificate_number": listing.certificate_number,
        "unit_price_fen": listing.unit_price_fen,
        "tiers": listing.tiers,
    }
    audit.write(action, subject=("listing", listing.id), by=by, now=now, after=after)


def _written(listing: Listing, action: str, *, by: Actor, now: datetime) -> ListingView:
    _leave_row(listing, action, by=by, now=now)
    db.session.flush()
    return queries.get_listing_view(by, listing.id, today=shanghai_day(now))
