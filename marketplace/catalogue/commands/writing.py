"""How a listing is written: its copied words, its search, its row of audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from certification.certificates.models.certificates import Certificate
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.money import Fen
from marketplace.catalogue.models.listings import Listing, grams_of, plain
from marketplace.catalogue.rules.listings import Tier
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
    words = (
        listing.title,
        certificate.product_name,
        certificate.specification,
        supplier.name,
        origin.name,
    )
    listing.search_text = plain(" ".join(words))
    listing.grams = grams_of(listing.search_text)


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
    }
    audit.write(action, subject=("listing", listing.id), by=by, now=now, after=after)
