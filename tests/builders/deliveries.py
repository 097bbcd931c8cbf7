"""What is measured of a delivery on its way and at the door, as tests need it."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from kernel.actor import Actor
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from marketplace.catalogue.models.listings import ListingId
from marketplace.deliveries.commands.measuring import NewReadings, record_temperatures
from marketplace.deliveries.commands.substituting import propose_substitute
from marketplace.deliveries.models.goods import (
    ColdChain,
    Receipt,
    ReceiptLine,
    ReceiptPhoto,
    Shipment,
    Substitution,
    Weighing,
)
from marketplace.deliveries.rules.cold_chain import Reading
from marketplace.deliveries.rules.substituting import NewSubstitute
from marketplace.orders.models.orders import OrderId
from registry.accounts.models import AppUser
from registry.documents.commands import NewDocument, hand_in_document
from registry.documents.models import DocumentId
from tests.builders import registry
from tests.builders.marketplace import (
    NOW,
    PRICE,
    Scene,
    confirmed,
    lines_of,
    listing,
    lot,
    scene,
)
from tests.builders.offers import picture


def photo(by: Actor, about: UUID) -> DocumentId:
    """Hand in a picture about the delivery of an order."""
    new = NewDocument(
        file=picture(),
        kind="rejection_photo",
        subject_kind="delivery",
        subject_id=about,
    )
    return hand_in_document(new, by=by, now=NOW).id


def measure_something() -> None:
    """Weigh and photograph what some receipt took in, and read a thermometer beside a shipment."""
    line = db.session.scalars(select(ReceiptLine).order_by(ReceiptLine.id).limit(1)).one()
    receipt = db.session.get_one(Receipt, line.receipt_id)
    buyer = registry.actor_of(db.session.get_one(AppUser, receipt.received_by))
    said = {"receipt_id": receipt.id, "order_line_id": line.order_line_id}
    quantity = line.accepted_quantity + line.rejected_quantity
    scale = Weighing(
        id=new_id(), sent_quantity=quantity, weighed_quantity=quantity, tolerance_bp=100, **said
    )
    shown = ReceiptPhoto(id=new_id(), document_id=photo(buyer, receipt.order_id), **said)
    db.session.add_all([scale, shown])
    chain = db.session.scalars(select(ColdChain).order_by(ColdChain.id).limit(1)).one()
    shipment = db.session.get_one(Shipment, chain.shipment_id)
    reading = Reading("T1", shipment.shipped_at, chain.min_c * 10)
    new = NewReadings([reading])
    record_temperatures(new, shipment_id=shipment.id, by=buyer, now=shipment.shipped_at)


def second_listing(there: Scene, stock: str = "100") -> ListingId:
    """Let the scene's cooperative sell another rice under the same certificate."""
    by = there.by("clerk")
    listing_id = listing(there.certificate, by=by)
    lot(listing_id, stock, by=by)
    return listing_id


def proposed(
    there: Scene,
    order_id: OrderId,
    listing_id: ListingId,
    quantity: str = "4",
    price: int = PRICE,
) -> Substitution:
    """Offer another listing instead of so much of the order's first line."""
    line = lines_of(order_id)[0]
    new = NewSubstitute(line.id, listing_id, Decimal(quantity), Fen(price), "当日断货")
    return propose_substitute(new, order_id=order_id, by=there.by("clerk"), now=NOW)


def offer_something() -> None:
    """Leave a proposal about an order that waits for its goods."""
    there = scene()
    proposed(there, confirmed(there, "10").order.id, second_listing(there))
