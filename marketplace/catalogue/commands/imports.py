"""Listings handed in as rows: a certificate by its number, and what is offered under it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from certification.certificates.queries.certificates import find_certificate_by_number
from kernel.actor import Actor
from kernel.errors import NotFound
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.commands.listings import NewListing, create_listing
from marketplace.catalogue.models.listings import StorageBand
from marketplace.catalogue.queries.listings import ListingView
from marketplace.catalogue.rules.terms import Terms


@dataclass(frozen=True)
class ListingRow:
    """A certified product to offer, one row."""

    certificate_number: str
    title: str
    unit: Unit
    step: Decimal
    unit_price_fen: Fen
    description: str | None = None
    storage_band: StorageBand | None = None
    storage_min_c: int | None = None
    storage_max_c: int | None = None
    unit_weight_kg: Decimal | None = None
    lead_days: int | None = None
    latest_days: int | None = None


def offer_by_number(row: ListingRow, *, by: Actor, now: datetime) -> ListingView:
    """Draft a listing of an own certificate that is named by its number.

    Refuses NotFound (certificate), and what `create_listing` refuses.
    """
    certificate = find_certificate_by_number(by, row.certificate_number)
    if certificate is None or certificate.holder_id != by.organisation_id:
        raise NotFound(pointer="/certificate_number")
    new = NewListing(
        certificate_id=certificate.id,
        title=row.title,
        unit=row.unit,
        step=row.step,
        unit_price_fen=row.unit_price_fen,
        description=row.description or "",
        terms=Terms(
            storage_band=row.storage_band or StorageBand.AMBIENT,
            storage_min_c=row.storage_min_c,
            storage_max_c=row.storage_max_c,
            unit_weight_kg=row.unit_weight_kg,
            lead_days=row.lead_days or 0,
            latest_days=row.latest_days,
        ),
    )
    return create_listing(new, by=by, now=now)
