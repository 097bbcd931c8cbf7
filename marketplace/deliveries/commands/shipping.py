"""Sending goods from lots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import Invalid, check_version
from kernel.events import record
from kernel.identity import new_id
from marketplace.deliveries.commands.balancing import give_back
from marketplace.deliveries.commands.measuring import begin_cold_chains, check_left_from
from marketplace.deliveries.models.goods import Shipment, ShipmentId, ShipmentLine, ShipmentLineId
from marketplace.deliveries.models.places import FacilityId
from marketplace.deliveries.queries.goods import ShipmentView
from marketplace.deliveries.rules import goods as rules
from marketplace.deliveries.rules.goods import HeldLot, Part, Sending
from marketplace.deliveries.rules.plots import check_harvested
from marketplace.errors.lots import LotExpired
from marketplace.events import GoodsShipped
from marketplace.lots.commands.stock import (
    StockMove,
    move_stock,
    post_stock,
    refresh_available,
    release_stock,
)
from marketplace.lots.models import Lot, LotId
from marketplace.lots.queries import list_line_holds, lock_lots
from marketplace.orders.commands.deciding import finish_order
from marketplace.orders.models.orders import (
    FulfilmentStatus,
    OrderId,
    OrderLine,
    OrderLineId,
    PurchaseOrder,
)
from marketplace.orders.queries.finding import list_lines, lock_order, sold_by
from marketplace.orders.rules.orders import payment_status
from registry.accounts.models import UserId

Lines = Mapping[OrderLineId, OrderLine]


@dataclass(frozen=True)
class NewShipment:
    """Goods to send; `final` says that nothing more will follow."""

    carrier: str
    lines: Sequence[Sending] = ()
    tracking_number: str | None = None
    final: bool = False
    facility_id: FacilityId | None = None


def ship_goods(
    new: NewShipment,
    *,
    order_id: OrderId,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> ShipmentView:
    """Send goods of an order from its lots, as its supplier.

    Stock is posted; what a final shipment leaves unsent comes free at once. Refuses WrongState,
    OverShipped, LotExpired, BandsApart, FacilityUnknown, FacilityUnfit, NotCooled, and StockShort
    where the named lot has not that much.
    """
    order = lock_order(by, order_id, sold_by(by))
    check_version(order.version, expected_version)
    rules.check_may_ship(order)
    lines = {line.id: line for line in list_lines(SYSTEM, order_id)}
    rules.check_sendings(new.lines, order=order, lines=lines, final=new.final)
    held = _held_by(lines)
    check_harvested(new.lines, order=order, lines=lines, held=held)
    _count_shipped(order, lines, new, now=now)
    shipment = Shipment(
        id=ShipmentId(new_id()),
        order_id=order.id,
        carrier=new.carrier,
        tracking_number=new.tracking_number,
        final=order.fulfilment_status is not FulfilmentStatus.PARTLY_SHIPPED,
        facility_id=new.facility_id,
        shipped_at=now,
        shipped_by=UserId(by.user_id),
    )
    sent = _send(new, shipment, lines, held, now=now)
    leaving = {lines[one.order_line_id].listing_id for one in sent}
    chains = begin_cold_chains(shipment, leaving)
    check_left_from(shipment, chains)
    db.session.add(shipment)
    db.session.flush()
    db.session.add_all([*sent, *chains])
    finish_order(order, now=now)
    db.session.flush()
    refresh_available({line.listing_id for line in lines.values()}, now=now)
    after = {"order": order.number, "lines": len(sent), "status": order.fulfilment_status}
    audit.write("goods_shipped", subject=("shipment", shipment.id), by=by, now=now, after=after)
    record(GoodsShipped(order_id=order.id, shipment_id=shipment.id), now=now)
    return ShipmentView(shipment, sent, order, chains)


def _count_shipped(order: PurchaseOrder, lines: Lines, new: NewShipment, *, now: datetime) -> None:
    """Add up what is sent, and give back money and capacity of what will never be."""
    before = {line.id: rules.open_fen(line, all_sent=False) for line in lines.values()}
    for sending in new.lines:
        lines[sending.order_line_id].shipped_quantity += sending.quantity
    every = list(lines.values())
    order.fulfilment_status = rules.fulfilment_after_shipping(every, final=new.final)
    if order.fulfilment_status is FulfilmentStatus.SHIPPED:
        unsent = {line.id: line.due_quantity - line.shipped_quantity for line in every}
        give_back(order, every, before=before, all_sent=True, capacity=unsent, now=now)
        order.fulfilment_status = rules.fulfilment_after_receipt(order.fulfilment_status, every)
        order.payment_status = payment_status(order)


def _send(
    new: NewShipment,
    shipment: Shipment,
    lines: Lines,
    held: dict[OrderLineId, list[HeldLot]],
    *,
    now: datetime,
) -> list[ShipmentLine]:
    """Move and post the stock of a shipment; give its lines, unsaved."""
    named = {sending.lot_id for sending in new.lines if sending.lot_id is not None}
    holding = {one.lot_id for lots in held.values() for one in lots}
    lots = lock_lots(SYSTEM, named | holding)
    sent: dict[tuple[OrderLineId, LotId, bool], ShipmentLine] = {}
    freed: list[StockMove] = []
    for position, sending in enumerate(new.lines):
        line = lines[sending.order_line_id]
        named_lot = _named_lot(sending, line, lots, position=position)
        plan = rules.plan_sending(
            sending,
            held[line.id],
            unit=line.unit,
            named_unit=None if named_lot is None else named_lot.unit,
        )
        held[line.id] = list(plan.held)
        freed += [StockMove(part.lot_id, line.id, part.lot_quantity) for part in plan.freed]
        for part in plan.parts:
            _add(sent, part, line=line, shipment=shipment)
    if shipment.final:
        freed += [
            StockMove(one.lot_id, line_id, one.left) for line_id in held for one in held[line_id]
        ]
    _move(list(sent.values()), freed, lots, lines, now=now)
    return list(sent.values())


def _held_by(lines: Lines) -> dict[OrderLineId, list[HeldLot]]:
    held: dict[OrderLineId, list[HeldLot]] = defaultdict(list)
    for one in list_line_holds(SYSTEM, list(lines)):
        held[OrderLineId(one.order_line_id)].append(HeldLot(one.lot_id, one.unit, one.left))
    return held


def _named_lot(
    sending: Sending, line: OrderLine, lots: Mapping[LotId, Lot], *, position: int
) -> Lot | None:
    """Give the lot a sending names; it must be of the line's listing (Invalid)."""
    if sending.lot_id is None:
        return None
    lot = lots.get(sending.lot_id)
    if lot is None or lot.listing_id != line.listing_id:
        raise Invalid(
            reason="该商品没有这个批次 / the listing has no such lot",
            pointer=f"/lines/{position}/lot_id",
        )
    return lot


def _add(
    sent: dict[tuple[OrderLineId, LotId, bool], ShipmentLine],
    part: Part,
    *,
    line: OrderLine,
    shipment: Shipment,
) -> None:
    key = (line.id, part.lot_id, part.moved)
    row = sent.get(key)
    if row is None:
        row = sent[key] = ShipmentLine(
            id=ShipmentLineId(new_id()),
            shipment_id=shipment.id,
            order_line_id=line.id,
            lot_id=part.lot_id,
            quantity=Decimal(0),
            lot_quantity=Decimal(0),
            moved=part.moved,
        )
    row.quantity += part.quantity
    row.lot_quantity += part.lot_quantity


def _move(
    sent: Sequence[ShipmentLine],
    freed: Sequence[StockMove],
    lots: Mapping[LotId, Lot],
    lines: Lines,
    *,
    now: datetime,
) -> None:
    """Free, take and post, in locked lots."""
    today = shanghai_day(now)
    for row in sent:
        lot = lots[row.lot_id]
        if lot.expires_on is not None and lot.expires_on <= today:
            raise LotExpired(number=lot.number)
    release_stock(freed, now=now)
    moves = [
        StockMove(
            row.lot_id,
            row.id if row.moved else row.order_line_id,
            row.lot_quantity,
            moved=row.moved,
        )
        for row in sent
    ]
    for row, move in zip(sent, moves, strict=True):
        if row.moved:
            move_stock(move, title=lines[row.order_line_id].title, now=now)
    post_stock(moves, now=now)
