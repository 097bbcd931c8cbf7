"""What a supplier does with listings: offer, change, publish, take down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from certification.certificates.models.certificates import (
    Certificate,
    CertificateId,
)
from certification.certificates.queries.certificates import get_certificate, get_running
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import Invalid, NotFound, check_version
from kernel.identity import new_id
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.commands.writing import (
    leave_row,
    make_searchable,
    move,
    note_price,
    set_terms,
    stored,
    tiers_of,
)
from marketplace.catalogue.models.listings import (
    Listing,
    ListingId,
    ListingStatus,
)
from marketplace.catalogue.queries import listings as queries
from marketplace.catalogue.queries.freight import find_plan
from marketplace.catalogue.queries.listings import ListingView
from marketplace.catalogue.rules import listings as rules
from marketplace.catalogue.rules.listings import Tier
from marketplace.catalogue.rules.terms import Terms, check_terms, terms_of
from registry.organisations.commands.keeping import keep_organisation


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
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True)
class ListingChange:
    """What is to be different; None leaves it as it is. Unit and step never change.

    `terms` names those of `Terms` that change, with what they are to be.
    """

    title: str | None = None
    description: str | None = None
    unit_price_fen: Fen | None = None
    tiers: Sequence[Tier] | None = None
    terms: Mapping[str, Any] = field(default_factory=dict)


def create_listing(new: NewListing, *, by: Actor, now: datetime) -> ListingView:
    """Draft a listing of one of the own certificates.

    Refuses NotFound, CertificateNotInForce, CertificatePapersLapsed and, of a supplier that has
    ended, OrganisationEnded.
    """
    certificate = get_certificate(by, new.certificate_id)
    _check_own(certificate, by=by, now=now)
    rules.check_measure(new.step, unit=new.unit, certificate_unit=certificate.unit)
    rules.check_tiers(new.tiers, unit_price=new.unit_price_fen, step=new.step)
    _check_terms(new.terms, by=by)
    listing = Listing(
        id=ListingId(new_id()),
        supplier_id=certificate.holder_id,
        title=new.title,
        description=new.description,
        unit=new.unit,
        step=new.step,
        unit_price_fen=new.unit_price_fen,
        tiers=stored(new.tiers),
        status=ListingStatus.DRAFT,
        available_quantity=Decimal(0),
        created_at=now,
    )
    set_terms(listing, new.terms)
    move(listing, certificate)
    db.session.add(listing)
    db.session.flush()
    note_price(listing, by=by, now=now)
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
    before = (listing.unit_price_fen, listing.tiers)
    if change.unit_price_fen is not None:
        listing.unit_price_fen = change.unit_price_fen
    tiers = tiers_of(listing) if change.tiers is None else change.tiers
    rules.check_tiers(tiers, unit_price=listing.unit_price_fen, step=listing.step)
    listing.tiers = stored(tiers)
    if before != (listing.unit_price_fen, listing.tiers):
        note_price(listing, by=by, now=now)
    terms = replace(terms_of(listing), **change.terms)
    _check_terms(terms, by=by)
    set_terms(listing, terms)
    make_searchable(listing, get_certificate(by, listing.certificate_id))
    return _written(listing, "listing_changed", by=by, now=now)


def publish_listing(
    listing_id: ListingId, *, expected_version: int | None, by: Actor, now: datetime
) -> ListingView:
    """Put an own listing on sale, under the certificate that has taken its own one's place.

    Refuses WrongState, CertificateNotInForce, CertificatePapersLapsed, OrganisationEnded.
    """
    listing = queries.get_own_listing(by, listing_id, lock=True)
    check_version(listing.version, expected_version)
    rules.check_move(listing.status, ListingStatus.LISTED)
    certificate = get_running(by, listing.certificate_id, on=shanghai_day(now))
    _check_own(certificate, by=by, now=now)
    move(listing, certificate)
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


def _check_own(certificate: Certificate, *, by: Actor, now: datetime) -> None:
    """Let goods be offered only by the living holder of a certificate in force, with its papers."""
    if certificate.holder_id != by.organisation_id:
        raise NotFound
    keep_organisation(certificate.holder_id)
    rules.check_certified(certificate, today=shanghai_day(now))


def _check_terms(terms: Terms, *, by: Actor) -> None:
    """Refuse terms that do not fit together, and a freight plan of somebody else (Invalid)."""
    check_terms(terms)
    if terms.freight_plan_id is not None and find_plan(by, terms.freight_plan_id) is None:
        reason = "没有这个运费规则 / there is no such freight plan"
        raise Invalid(reason=reason, pointer="/freight_plan_id")


def _written(listing: Listing, action: str, *, by: Actor, now: datetime) -> ListingView:
    leave_row(listing, action, by=by, now=now)
    db.session.flush()
    return queries.get_listing_view(by, listing.id, today=shanghai_day(now))
