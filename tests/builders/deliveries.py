"""What is measured of a delivery on its way and at the door, as tests need it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from kernel.actor import Actor
from kernel.database import db
from kernel.identity import new_id
from marketplace.deliveries.commands.measuring import NewReadings, record_temperatures
from marketplace.deliveries.models import (
    ColdChain,
    Receipt,
    ReceiptLine,
    ReceiptPhoto,
    Shipment,
    Weighing,
)
from marketplace.deliveries.rules.cold_chain import Reading
from registry.accounts.models import AppUser
from registry.documents.commands import NewDocument, hand_in_document
from registry.documents.models import DocumentId
from tests.builders import registry
from tests.builders.marketplace import NOW
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
