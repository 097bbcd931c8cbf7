"""Taking goods in at the door, or turning them away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from certification.certificates.commands.capacities import post_capacity
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import check_version
from kernel.events import record
from kernel.identity import new_id
from kernel.money import Fen, line_amount
from kernel.quantity import convert
from marketplace.deliveries.commands.balancing import capacity_move, give_back
from marketplace.deliveries.models.goods import (
    Receipt,
    ReceiptId,
    ReceiptLine,
    ReceiptLineId,
    ReceiptPhoto,
    TermCode,
    Weighing,
)
from marketplace.deliveries.queries.goods import (
    ReceiptView,
    find_pictured,
    find_term,
    list_under_way,
)
from marketplace.deliveries.rules import goods as rules
from marketplace.deliveries.rules import weights
from marketplace.deliveries.rules.goods import Counted, Taking
from marketplace.deliveries.rules.weights import Weighed
from marketplace.errors.deliveries import PhotoUnfit
from marketplace.events import GoodsAccepted
from marketplace.lots.commands.stock import StockMove, refresh_available, return_stock
from marketplace.orders.commands.deciding import finish_order
from marketplace.orders.models.orders import (
    FulfilmentStatus,
    OrderId,
    OrderLine,
    OrderLineId,
    PurchaseOrder,
)
from marketplace.orders.queries.finding import bought_by, list_lines, lock_order
from marketplace.orders.rules.orders import payment_status
from procurement.quotas.commands import holds as quotas
from registry.accounts.models import UserId

NOTHING = Decimal(0)


@dataclass(frozen=True)
class NewReceipt:
    """What was taken in and turned away, line by line."""

    lines: Sequence[Taking]


def receive_goods(
    new: NewReceipt,
    *,
    order_id: OrderId,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> ReceiptView:
    """Take goods in by actual quantity or weight; what is rejected comes free on every gate.

    Accepted goods are sold of their certificate's year, rejected ones return to their lots.
    Refuses WrongState, OverReceived, ReasonMissing, NotWeighed, OverTolerance and, of pictures,
    PhotoUnfit and PhotoUsed.
    """
    order = lock_order(by, order_id, bought_by(by))
    check_version(order.version, expected_version)
    rules.check_may_receive(order)
    lines = {line.id: line for line in list_lines(SYSTEM, order_id)}
    tolerance = _tolerance(new, now=now)
    weighed = weights.settle(new.lines, lines=lines, tolerance_bp=tolerance)
    new = NewReceipt([one.taking for one in weighed])
    rules.check_takings(new.lines, lines=lines)
    _check_photos(new, order)
    touched = [lines[taking.order_line_id] for taking in new.lines]
    _count_received(order, touched, new, now=now)
    counted = _count_against(new, touched)
    return_stock(_returned(counted, lines), now=now)
    receipt = Receipt(
        id=ReceiptId(new_id()),
        order_id=order.id,
        received_at=now,
        received_by=UserId(by.user_id),
    )
    rows = _rows(receipt, new, counted)
    db.session.add(receipt)
    db.session.flush()
    scaled = _weighings(receipt, weighed, tolerance_bp=tolerance)
    photos = _photos(receipt, new)
    db.session.add_all([*rows, *scaled, *photos])
    _close(order, list(lines.values()), now=now)
    db.session.flush()
    refresh_available({line.listing_id for line in touched}, now=now)
    after = {"order": order.number, "accepted_fen": order.accepted_fen, "lines": len(rows)}
    audit.write("goods_received", subject=("receipt", receipt.id), by=by, now=now, after=after)
    record(GoodsAccepted(order_id=order.id, receipt_id=receipt.id), now=now)
    return ReceiptView(receipt, rows, order, scaled, photos)


def _tolerance(new: NewReceipt, *, now: datetime) -> int:
    """Find how far the scale may be off, if it is asked at all."""
    if all(taking.weighed_quantity is None for taking in new.lines):
        return 0
    return find_term(SYSTEM, TermCode.WEIGHT_TOLERANCE_BP, on=shanghai_day(now))


def _count_received(
    order: PurchaseOrder, touched: Sequence[OrderLine], new: NewReceipt, *, now: datetime
) -> None:
    """Add up what was received, with its money and capacity."""
    all_sent = order.fulfilment_status is FulfilmentStatus.SHIPPED
    before = {line.id: rules.open_fen(line, all_sent=all_sent) for line in touched}
    accepted: dict[str, Fen] = {}
    for line, taking in zip(touched, new.lines, strict=True):
        line.accepted_quantity += taking.accepted_quantity
        line.rejected_quantity += taking.rejected_quantity
        worth = line_amount(line.accepted_quantity, line.unit_price_fen)
        more = worth - line.accepted_fen
        accepted[line.heading] = Fen(accepted.get(line.heading, 0) + more)
        line.accepted_fen = worth
    rejected = {taking.order_line_id: taking.rejected_quantity for taking in new.lines}
    quotas.accept(order_id=order.id, amounts=accepted, now=now)  # locks the quota: before capacity
    give_back(order, touched, before=before, all_sent=all_sent, capacity=rejected, now=now)
    moves = [
        capacity_move(line, taking.accepted_quantity)
        for line, taking in zip(touched, new.lines, strict=True)
    ]
    post_capacity(moves, now=now)


def _count_against(
    new: NewReceipt, touched: Sequence[OrderLine]
) -> dict[OrderLineId, list[Counted]]:
    """Spread each taking over what was sent of its line, oldest first."""
    under_way = list_under_way(SYSTEM, [line.id for line in touched])
    return {
        taking.order_line_id: rules.count_against(taking, under_way[taking.order_line_id])
        for taking in new.lines
    }


def _returned(
    counted: Mapping[OrderLineId, Sequence[Counted]], lines: Mapping[OrderLineId, OrderLine]
) -> list[StockMove]:
    return [
        StockMove(
            one.sent.lot_id,
            one.sent.shipment_line_id if one.sent.moved else line_id,
            convert(
                one.rejected_quantity, from_unit=lines[line_id].unit, to_unit=one.sent.lot_unit
            ),
            moved=one.sent.moved,
        )
        for line_id, parts in counted.items()
        for one in parts
        if one.rejected_quantity > 0
    ]


def _rows(
    receipt: Receipt, new: NewReceipt, counted: Mapping[OrderLineId, Sequence[Counted]]
) -> list[ReceiptLine]:
    return [
        ReceiptLine(
            id=ReceiptLineId(new_id()),
            receipt_id=receipt.id,
            order_line_id=taking.order_line_id,
            shipment_line_id=one.sent.shipment_line_id,
            accepted_quantity=one.accepted_quantity,
            rejected_quantity=one.rejected_quantity,
            reason=taking.reason if one.rejected_quantity > NOTHING else None,
            reason_code=rules.code_of(taking) if one.rejected_quantity > NOTHING else None,
        )
        for taking in new.lines
        for one in counted[taking.order_line_id]
    ]


def _weighings(
    receipt: Receipt, weighed: Sequence[Weighed], *, tolerance_bp: int
) -> list[Weighing]:
    return [
        Weighing(
            id=new_id(),
            receipt_id=receipt.id,
            order_line_id=one.taking.order_line_id,
            sent_quantity=one.sent_quantity,
            weighed_quantity=one.taking.weighed_quantity,
            tolerance_bp=tolerance_bp,
            reason_code=rules.code_of(one.taking),
            reason=one.taking.reason,
        )
        for one in weighed
        if one.sent_quantity is not None
    ]


def _check_photos(new: NewReceipt, order: PurchaseOrder) -> None:
    """Refuse what is no picture about this delivery (PhotoUnfit)."""
    wanted = {photo for taking in new.lines for photo in taking.photo_ids}
    fit = find_pictured(SYSTEM, order.id, wanted) if wanted else set()
    for position, taking in enumerate(new.lines):
        for place, photo in enumerate(taking.photo_ids):
            if photo not in fit:
                raise PhotoUnfit(pointer=f"/lines/{position}/photo_ids/{place}")


def _photos(receipt: Receipt, new: NewReceipt) -> list[ReceiptPhoto]:
    return [
        ReceiptPhoto(
            id=new_id(),
            receipt_id=receipt.id,
            order_line_id=taking.order_line_id,
            document_id=photo,
        )
        for taking in new.lines
        for photo in taking.photo_ids
    ]


def _close(order: PurchaseOrder, lines: Sequence[OrderLine], *, now: datetime) -> None:
    """Read the order's states off its lines; complete it once all is in and paid."""
    order.accepted_fen = Fen(sum(line.accepted_fen for line in lines))
    order.fulfilment_status = rules.fulfilment_after_receipt(order.fulfilment_status, lines)
    order.payment_status = payment_status(order)
    finish_order(order, now=now)
