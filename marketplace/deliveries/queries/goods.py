"""What was sent and taken in of an order, and what is still under way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from kernel import terms
from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.paging import Page, page
from kernel.papers import JPEG, PNG
from kernel.rows import locked, one
from marketplace.catalogue.models.listings import Listing, ListingId
from marketplace.deliveries.models.goods import (
    ColdChain,
    DeliveryTerm,
    Receipt,
    ReceiptId,
    ReceiptLine,
    ReceiptPhoto,
    Shipment,
    ShipmentId,
    ShipmentLine,
    Substitution,
    SubstitutionId,
    TemperatureReading,
    TermCode,
    UnderWay,
    Weighing,
)
from marketplace.lots.models import Lot
from marketplace.orders.models.orders import OrderId, OrderLine, OrderLineId, PurchaseOrder
from marketplace.orders.queries.finding import (
    bought_by,
    get_order,
    list_lines,
    sold_by,
    visible_orders,
)
from registry.documents.models import Document, DocumentId
from registry.organisations.queries import get_organisation

DELIVERY = "delivery"
"""What a picture taken at the door is about: the delivery of an order."""


@dataclass(frozen=True)
class ShipmentView:
    """A shipment with its lines and the order as it stands."""

    shipment: Shipment
    lines: Sequence[ShipmentLine]
    order: PurchaseOrder
    cold_chains: Sequence[ColdChain] = ()


@dataclass(frozen=True)
class ReceiptView:
    """A receipt with its lines, each counted against one shipment line, and the order."""

    receipt: Receipt
    lines: Sequence[ReceiptLine]
    order: PurchaseOrder
    weighings: Sequence[Weighing] = ()
    photos: Sequence[ReceiptPhoto] = ()


@dataclass(frozen=True)
class AcceptanceView:
    """A receipt with the lines it is about, and the names of both sides."""

    receipt: ReceiptView
    lines: Sequence[OrderLine]
    unit: str
    supplier: str


def list_shipments(
    actor: Actor, order_id: OrderId, *, limit: int, cursor: str | None
) -> Page[ShipmentView]:
    """List the shipments of an order in the actor's sight, the newest first (NotFound)."""
    order = get_order(actor, order_id)
    found = page(
        select(Shipment).where(Shipment.order_id == order_id),
        keys=[(Shipment.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"order": order_id},
    )
    ids = [shipment.id for shipment in found.items]
    lines = _grouped(ShipmentLine, ShipmentLine.shipment_id, ids)
    chains = _grouped(ColdChain, ColdChain.shipment_id, ids)
    views = [ShipmentView(made, lines[made.id], order, chains[made.id]) for made in found.items]
    return Page(views, found.next_cursor)


def list_receipts(
    actor: Actor, order_id: OrderId, *, limit: int, cursor: str | None
) -> Page[ReceiptView]:
    """List the receipts of an order in the actor's sight, the newest first (NotFound)."""
    order = get_order(actor, order_id)
    found = page(
        select(Receipt).where(Receipt.order_id == order_id),
        keys=[(Receipt.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"order": order_id},
    )
    return Page(_receipt_views(found.items, order), found.next_cursor)


def get_acceptance(actor: Actor, receipt_id: ReceiptId) -> AcceptanceView:
    """Get a receipt of an order in the actor's sight, with its lines and both sides (NotFound)."""
    statement = select(Receipt).join(PurchaseOrder, PurchaseOrder.id == Receipt.order_id)
    receipt = one(statement.where(Receipt.id == receipt_id, visible_orders(actor)))
    order = get_order(actor, receipt.order_id)
    return AcceptanceView(
        receipt=_receipt_views([receipt], order)[0],
        lines=list_lines(actor, order.id),
        unit=get_organisation(SYSTEM, order.bound_unit_id).name,
        supplier=get_organisation(SYSTEM, order.supplier_id).name,
    )


def _receipt_views(receipts: Sequence[Receipt], order: PurchaseOrder) -> list[ReceiptView]:
    ids = [receipt.id for receipt in receipts]
    lines = _grouped(ReceiptLine, ReceiptLine.receipt_id, ids)
    weighings = _grouped(Weighing, Weighing.receipt_id, ids)
    photos = _grouped(ReceiptPhoto, ReceiptPhoto.receipt_id, ids)
    return [
        ReceiptView(made, lines[made.id], order, weighings[made.id], photos[made.id])
        for made in receipts
    ]


def _grouped(table: Any, parent: Any, ids: Sequence[UUID]) -> defaultdict[UUID, list[Any]]:
    """Give the rows of a table by what they belong to, the oldest first."""
    rows: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in db.session.scalars(select(table).where(parent.in_(ids)).order_by(table.id)):
        rows[getattr(row, parent.key)].append(row)
    return rows


def list_under_way(
    actor: Actor, order_line_ids: Collection[OrderLineId]
) -> dict[OrderLineId, list[UnderWay]]:
    """List, by order line, what was sent and not yet received, the oldest shipment first.

    Within a shipment the lot comes first that expires first.
    """
    del actor  # the order that asks was found in the actor's sight
    received = func.coalesce(
        func.sum(ReceiptLine.accepted_quantity + ReceiptLine.rejected_quantity), Decimal(0)
    )
    rows = db.session.execute(
        select(
            ShipmentLine.order_line_id,
            ShipmentLine.id,
            ShipmentLine.lot_id,
            Lot.unit,
            ShipmentLine.moved,
            ShipmentLine.quantity - received,
        )
        .join(Lot, Lot.id == ShipmentLine.lot_id)
        .outerjoin(ReceiptLine, ReceiptLine.shipment_line_id == ShipmentLine.id)
        .where(ShipmentLine.order_line_id.in_(order_line_ids))
        .group_by(ShipmentLine.id, Lot.id)
        .having(ShipmentLine.quantity > received)
        .order_by(
            ShipmentLine.shipment_id, Lot.expires_on, Lot.harvested_on, Lot.id, ShipmentLine.moved
        )
    )
    found: dict[OrderLineId, list[UnderWay]] = defaultdict(list)
    for line_id, shipment_line_id, lot_id, unit, moved, left in rows:
        found[line_id].append(UnderWay(shipment_line_id, lot_id, unit, moved, left))
    return found


def find_term(actor: Actor, code: TermCode, *, on: date) -> int:
    """Find what is set on a day."""
    del actor  # the same for everybody
    return terms.find_term(DeliveryTerm, code, on=on)


def list_stored(actor: Actor, listing_ids: Collection[ListingId]) -> list[Listing]:
    """List listings, to see how they keep."""
    del actor  # the order that asks was found in the actor's sight
    return list(db.session.scalars(select(Listing).where(Listing.id.in_(listing_ids))))


def lock_shipment(actor: Actor, shipment_id: ShipmentId, side: ColumnElement[bool]) -> Shipment:
    """Get a shipment of an order on whose side the actor stands, locked (NotFound)."""
    del actor  # `side` looks at the actor
    statement = select(Shipment).join(PurchaseOrder, PurchaseOrder.id == Shipment.order_id)
    return locked(statement.where(Shipment.id == shipment_id, side), of=Shipment)


def list_cold_chains(actor: Actor, shipment_id: ShipmentId) -> list[ColdChain]:
    """List what of a shipment travels cooled, and between which degrees."""
    del actor  # the shipment was found in the actor's sight
    statement = select(ColdChain).where(ColdChain.shipment_id == shipment_id)
    return list(db.session.scalars(statement.order_by(ColdChain.storage_band)))


def list_temperatures(
    actor: Actor, shipment_id: ShipmentId, *, limit: int, cursor: str | None
) -> Page[TemperatureReading]:
    """List the readings beside a shipment in the actor's sight, the earliest first (NotFound)."""
    seen = select(Shipment).join(PurchaseOrder, PurchaseOrder.id == Shipment.order_id)
    one(seen.where(Shipment.id == shipment_id, visible_orders(actor)))
    return page(
        select(TemperatureReading)
        .join(ColdChain, ColdChain.id == TemperatureReading.cold_chain_id)
        .where(ColdChain.shipment_id == shipment_id),
        keys=[(TemperatureReading.read_at, False), (TemperatureReading.id, False)],
        limit=limit,
        cursor=cursor,
        filters={"shipment": shipment_id},
    )


def find_pictured(actor: Actor, order_id: OrderId, ids: Collection[DocumentId]) -> set[DocumentId]:
    """Find which papers are pictures about the delivery of an order."""
    del actor  # the order that asks was found in the actor's sight
    statement = select(Document.id).where(
        Document.id.in_(ids),
        Document.subject_kind == DELIVERY,
        Document.subject_id == order_id,
        Document.media_type.in_([JPEG, PNG]),
    )
    return set(db.session.scalars(statement))


def find_deliveries_in_sight(actor: Actor) -> Select[OrderId]:
    """Select the orders on whose sides the actor stands, for pictures of what they got."""
    return select(PurchaseOrder.id).where(or_(bought_by(actor), sold_by(actor)))


def get_substitution(actor: Actor, substitution_id: SubstitutionId) -> Substitution:
    """Get a proposal about an order in the actor's sight (NotFound)."""
    statement = select(Substitution).join(PurchaseOrder, PurchaseOrder.id == Substitution.order_id)
    return one(statement.where(Substitution.id == substitution_id, visible_orders(actor)))


def list_substitutions(
    actor: Actor, order_id: OrderId, *, limit: int, cursor: str | None
) -> Page[Substitution]:
    """List the proposals about an order in the actor's sight, the newest first (NotFound)."""
    order = get_order(actor, order_id)
    return page(
        select(Substitution).where(Substitution.order_id == order.id),
        keys=[(Substitution.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"order": order_id},
    )
