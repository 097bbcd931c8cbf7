"""How a listing is written: its copied words, its search, its row of audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from certification.certificates.models.certificates import Certificate
from certification.certificates.models.words import grams_of, plain, with_pinyin
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from marketplace.catalogue.models.listings import Listing
from marketplace.catalogue.models.prices import ListingPrice, ListingPriceId
from marketplace.catalogue.rules.listings import Tier
from marketplace.catalogue.rules.terms import Terms, tags_of
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId
from registry.organisations.queries import get_organisation
from registry.regions.queries import get_region


def move(listing: Listing, certificate: Certificate) -> None:
    """Sell a listing under a certificate; what was ordered keeps the one it was ordered under."""
    listing.certificate_id, listing.certificate_number = certificate.id, certificate.number
    listing.category_code = certificate.category_code
    listing.origin_region_code = certificate.origin_region_code
    listing.origin_kind = certificate.origin_kind
    make_searchable(listing, certificate)


def make_searchable(listing: Listing, certificate: Certificate) -> None:
    """Say by which words a listing is found: its own, the certificate's, supplier and origin."""
    supplier = get_organisation(SYSTEM, OrganisationId(listing.supplier_id))
    origin = get_region(SYSTEM, listing.origin_region_code)
    names = (listing.title, certificate.product_name, supplier.name, origin.name)
    spelt = with_pinyin(" ".join(dict.fromkeys(plain(" ".join(names)).split())))
    listing.search_text = f"{spelt} {plain(certificate.specification)}"
    listing.grams = grams_of(listing.search_text)
    listing.tags = tags_of(listing)


def set_terms(listing: Listing, terms: Terms) -> None:
    """Write down on what terms a listing is sold; who is shown it finds it by them."""
    for name, value in vars(terms).items():
        setattr(listing, name, value)
    listing.season_months = sorted(set(terms.season_months))
    listing.pay_modes = sorted({str(mode) for mode in terms.pay_modes})
    listing.channels = [vars(use) for use in terms.channels]


def note_price(listing: Listing, *, by: Actor, now: datetime) -> None:
    """Add what a listing costs from now on to its history."""
    price = ListingPrice(
        id=ListingPriceId(new_id()),
        listing_id=listing.id,
        unit_price_fen=listing.unit_price_fen,
        tiers=listing.tiers,
        from_at=now,
        set_by=UserId(by.user_id),
    )
    db.session.add(price)


def stored(tiers: Sequence[Tier]) -> list[Any]:
    """Give tiers as they are kept."""
    return [
        {"min_quantity": str(tier.min_quantity), "unit_price_fen": tier.unit_price_fen}
        for tier in tiers
    ]


def tiers_of(listing: Listing) -> list[Tier]:
    """Give the tiers that are kept."""
    return [
        Tier(Decimal(tier["min_quantity"]), Fen(tier["unit_price_fen"])) for tier in listing.tiers
    ]


def leave_row(listing: Listing, action: str, *, by: Actor, now: datetime) -> None:
    """Leave a row of what a listing says now."""
    after = {
        "title": listing.title,
        "status": listing.status,
        "blocked_for": listing.blocked_for,
        "certificate_number": listing.certificate_number,
        "unit_price_fen": listing.unit_price_fen,
        "tiers": listing.tiers,
        "tags": listing.tags,
    }
    audit.write(action, subject=("listing", listing.id), by=by, now=now, after=after)
