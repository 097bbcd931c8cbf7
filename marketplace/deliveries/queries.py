"""What was sent and taken in of an order, and what is still under way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select

from kernel.actor import Actor
from kernel.database import db
from kernel.paging import Page, page
from marketplace.deliveries.models import (
    Receipt,
    ReceiptLine,
    Shipment,
    ShipmentId,
    ShipmentLine,
    UnderWay,
)
from marketplace.lots.models import Lot
from marketplace.orders.models.orders import OrderId, OrderLineId, PurchaseOrder
from marketplace.orders.queries.finding import get_order


@dataclass(frozen=True)
class ShipmentView:
    """A shipment with its lines and the order as it stands."""

    shipment: Shipment
    lines: Sequence[ShipmentLine]
    order: PurchaseOrder


@dataclass(frozen=True)
class ReceiptView:
    """A receipt with its lines, each counted against one shipment line, and the order."""

    receipt: Receipt
    lines: Sequence[ReceiptLine]
    order: PurchaseOrder


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
    lines: dict[ShipmentId, list[ShipmentLine]] = defaultdict(list)
    ids = [shipment.id for shipment in found.items]
    rows = select(ShipmentLine).where(ShipmentLine.shipment_id.in_(ids)).order_by(ShipmentLine.id)
    for line in db.session.scalars(rows):
        lines[line.shipment_id].append(line)
    views = [ShipmentView(shipment, lines[shipment.id], order) for shipment in found.items]
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
    lines = defaultdict(list)
    ids = [receipt.id for receipt in found.items]
    rows = select(ReceiptLine).where(ReceiptLine.receipt_id.in_(ids)).order_by(ReceiptLine.id)
    for line in db.session.scalars(rows):
        lines[line.receipt_id].append(line)
    views = [ReceiptView(receipt, lines[receipt.id], order) for receipt in found.items]
    return Page(views, found.next_cursor)


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
