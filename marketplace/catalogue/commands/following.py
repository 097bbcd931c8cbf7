"""How listings follow what happens elsewhere: to their certificate, their supplier, their stock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Numeric, Uuid, column, update, values

from certification.certificates.commands.papers import lapse_papers
from certification.certificates.models.certificates import CertificateId
from certification.certificates.queries.certificates import get_running
from kernel.actor import SYSTEM
from kernel.calendar import shanghai_day
from kernel.database import db
from marketplace.catalogue.commands.writing import leave_row, move
from marketplace.catalogue.models.listings import BlockReason, Listing, ListingId, ListingStatus
from marketplace.catalogue.queries import listings as queries
from marketplace.catalogue.rules import listings as rules
from registry.organisations.models import OrganisationId

FOLLOWED = frozenset({BlockReason.CERTIFICATE, BlockReason.PAPERS})
"""What goes when what it comes from does."""


def follow_certificate(certificate_id: CertificateId, *, now: datetime) -> None:
    """Let listings go the way of their certificate.

    On to the successor that has begun, in every state; blocked while what they are sold under is
    not in force or lacks a paper, and brought back when it is and does not. What is blocked for
    its supplier stays blocked.
    """
    today = shanghai_day(now)
    certificate = get_running(SYSTEM, certificate_id, on=today)
    reason = rules.block_of(certificate, today=today)
    for listing in queries.lock_listings_of(SYSTEM, certificate_id):
        if listing.certificate_id != certificate.id:
            move(listing, certificate)
            leave_row(listing, "listing_renewed", by=SYSTEM, now=now)
        follows = listing.status is ListingStatus.LISTED or listing.blocked_for in FOLLOWED
        if follows and listing.blocked_for is not reason:
            _set_blocked(listing, reason, now=now)
    db.session.flush()


def block_lapsed(*, now: datetime, limit: int = 500) -> int:
    """Let papers lapse whose time is over, and with each what is sold under it; give how many."""
    lapsed = lapse_papers(now=now, limit=limit)
    for certificate_id in lapsed:
        follow_certificate(certificate_id, now=now)
    return len(lapsed)


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


def _set_blocked(listing: Listing, reason: BlockReason | None, *, now: datetime) -> None:
    """Block a listing for a reason, or bring it back (None)."""
    status = ListingStatus.LISTED if reason is None else ListingStatus.BLOCKED
    if listing.status is not status:
        rules.check_move(listing.status, status)
    listing.status, listing.blocked_for = status, reason
    leave_row(listing, f"listing_{status}", by=SYSTEM, now=now)
