"""What may be shipped and taken in, which lots a receipt counts against, and what comes free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kernel.errors import Invalid, WrongState
from kernel.money import Fen, line_amount
from kernel.quantity import Unit, check_quantity, convert
from marketplace.deliveries.models.goods import RejectReason, UnderWay
from marketplace.errors.catalogue import NotYetAccepted
from marketplace.errors.deliveries import OverReceived, OverShipped, ReasonMissing
from marketplace.lots.models import LotId
from marketplace.orders.models.orders import (
    FulfilmentStatus,
    OrderLine,
    OrderLineId,
    OrderStatus,
    PaymentStatus,
    PayMode,
    PurchaseOrder,
)
from procurement.policies.models import OrderKind
from registry.documents.models import DocumentId

NOTHING = Decimal(0)
STILL_SHIPPING = frozenset({FulfilmentStatus.UNSHIPPED, FulfilmentStatus.PARTLY_SHIPPED})
UNDER_WAY = frozenset({FulfilmentStatus.PARTLY_SHIPPED, FulfilmentStatus.SHIPPED})


@dataclass(frozen=True)
class Sending:
    """So much of an order line to send; from the lot that is named, else from those held."""

    order_line_id: OrderLineId
    quantity: Decimal
    lot_id: LotId | None = None


@dataclass(frozen=True)
class Taking:
    """So much of an order line taken in and turned away at the door.

    With `weighed_quantity`, the weight of all that arrived, what is accepted follows from it.
    """

    order_line_id: OrderLineId
    accepted_quantity: Decimal = NOTHING
    rejected_quantity: Decimal = NOTHING
    reason: str | None = None
    reason_code: RejectReason | None = None
    weighed_quantity: Decimal | None = None
    photo_ids: Sequence[DocumentId] = ()


@dataclass(frozen=True)
class HeldLot:
    """What an order line still holds of a lot, in the lot's unit."""

    lot_id: LotId
    unit: Unit
    left: Decimal


@dataclass(frozen=True)
class Part:
    """So much of a lot for an order line, in the line's unit and in the lot's.

    A part that is `moved` had been held in other lots.
    """

    lot_id: LotId
    quantity: Decimal
    lot_quantity: Decimal
    moved: bool = False


@dataclass(frozen=True)
class SendingPlan:
    """What leaves from which lots, what becomes free in others, and what stays held."""

    parts: Sequence[Part]
    freed: Sequence[Part]
    held: Sequence[HeldLot]


@dataclass(frozen=True)
class Counted:
    """What of a shipment line a receipt accepts and rejects, in the order line's unit."""

    sent: UnderWay
    accepted_quantity: Decimal
    rejected_quantity: Decimal


def check_may_ship(order: PurchaseOrder) -> None:
    """Refuse to ship what is not confirmed, all sent, or must be paid first (WrongState)."""
    if order.order_status is not OrderStatus.CONFIRMED:
        raise WrongState(state=order.order_status, wanted=OrderStatus.CONFIRMED)
    if order.fulfilment_status not in STILL_SHIPPING:
        raise WrongState(state=order.fulfilment_status, wanted=FulfilmentStatus.PARTLY_SHIPPED)
    paid = order.paid_fen - order.refunded_fen
    if order.kind is OrderKind.COMMISSIONED_FARMING:
        if not paid:
            raise WrongState(state=order.payment_status, wanted=PaymentStatus.PARTLY_PAID)
        return
    if order.pay_mode is PayMode.PAY_FIRST and paid < order.total_fen:
        raise WrongState(state=order.payment_status, wanted=PaymentStatus.PAID)


def check_may_receive(order: PurchaseOrder) -> None:
    """Refuse to take in what is not under way (WrongState)."""
    if order.fulfilment_status not in UNDER_WAY:
        raise WrongState(state=order.fulfilment_status, wanted=FulfilmentStatus.SHIPPED)


def check_sendings(
    sendings: Sequence[Sending],
    *,
    order: PurchaseOrder,
    lines: Mapping[OrderLineId, OrderLine],
    final: bool,
) -> None:
    """Refuse lines of other orders, and more than a line has left to ship (OverShipped).

    A shipment of nothing only says that nothing more will follow what was already sent.
    """
    under_way = order.fulfilment_status is FulfilmentStatus.PARTLY_SHIPPED
    if not sendings and not (final and under_way):
        raise Invalid(reason="没有发货内容 / nothing to ship", pointer="/lines")
    wanted: dict[OrderLineId, Decimal] = defaultdict(Decimal)
    for position, sending in enumerate(sendings):
        line = _line_of(lines, sending.order_line_id, position)
        pointer = f"/lines/{position}/quantity"
        _check_measure(sending.quantity, line, pointer=pointer)
        wanted[line.id] += sending.quantity
        left = line.due_quantity - line.shipped_quantity
        if wanted[line.id] > left:
            raise OverShipped(left=left, wanted=wanted[line.id], pointer=pointer)


def check_takings(takings: Sequence[Taking], *, lines: Mapping[OrderLineId, OrderLine]) -> None:
    """Refuse more than was shipped and not yet received, and rejections without a reason."""
    seen: set[OrderLineId] = set()
    for position, taking in enumerate(takings):
        line = _line_of(lines, taking.order_line_id, position)
        pointer = f"/lines/{position}"
        if line.id in seen:
            raise Invalid(
                reason="同一订单行只能出现一次 / a line stands in a receipt once",
                pointer=f"{pointer}/order_line_id",
            )
        seen.add(line.id)
        _check_measure(taking.accepted_quantity, line, pointer=f"{pointer}/accepted_quantity")
        _check_measure(taking.rejected_quantity, line, pointer=f"{pointer}/rejected_quantity")
        wanted = taking.accepted_quantity + taking.rejected_quantity
        if wanted == 0:
            raise Invalid(
                reason="数量不能都为零 / nothing taken in, nothing turned away",
                pointer=f"{pointer}/accepted_quantity",
            )
        if taking.rejected_quantity > 0 and code_of(taking) is None:
            raise ReasonMissing(pointer=f"{pointer}/reason")
        left = line.shipped_quantity - line.accepted_quantity - line.rejected_quantity
        if wanted > left:
            raise OverReceived(left=left, wanted=wanted, pointer=f"{pointer}/accepted_quantity")


def code_of(taking: Taking) -> RejectReason | None:
    """Give why goods are turned away: by its code, or told in words; None is no reason."""
    if taking.reason_code is None or taking.reason_code is RejectReason.OTHER:
        return RejectReason.OTHER if taking.reason else None
    return taking.reason_code


def plan_sending(
    sending: Sending, held: Sequence[HeldLot], *, unit: Unit, named_unit: Unit | None
) -> SendingPlan:
    """Choose what leaves: from the named lot, else from the held lots in their order.

    What the named lot does not hold for the line moves there: as much becomes free in the
    others, the last of them first. `unit` is the line's; Invalid where a lot cannot count it.
    """
    if sending.lot_id is None or named_unit is None:
        parts, left = draw(sending.quantity, held, unit=unit)
        return SendingPlan(parts, (), left)
    own = [one for one in held if one.lot_id == sending.lot_id]
    others = [one for one in held if one.lot_id != sending.lot_id]
    parts, own_left = draw(sending.quantity, own, unit=unit)
    missing = sending.quantity - sum((part.quantity for part in parts), NOTHING)
    freed, others_left = draw(missing, others[::-1], unit=unit)
    if missing > 0:
        lot_quantity = convert(missing, from_unit=unit, to_unit=named_unit)
        parts = [*parts, Part(sending.lot_id, missing, lot_quantity, moved=True)]
    return SendingPlan(parts, freed, [*own_left, *others_left[::-1]])


def count_against(taking: Taking, under_way: Sequence[UnderWay]) -> list[Counted]:
    """Spread what was taken in over what was sent: oldest first, accepted before rejected."""
    accepted, rejected = taking.accepted_quantity, taking.rejected_quantity
    counted = []
    for sent in under_way:
        taken = min(accepted, sent.quantity)
        refused = min(rejected, sent.quantity - taken)
        if taken + refused > 0:
            counted.append(Counted(sent, taken, refused))
        accepted, rejected = accepted - taken, rejected - refused
    return counted


def fulfilment_after_shipping(lines: Sequence[OrderLine], *, final: bool) -> FulfilmentStatus:
    """Say where the goods stand after a shipment; a final one leaves nothing to come."""
    if final or all(line.shipped_quantity == line.due_quantity for line in lines):
        return FulfilmentStatus.SHIPPED
    return FulfilmentStatus.PARTLY_SHIPPED


def fulfilment_after_receipt(
    status: FulfilmentStatus, lines: Sequence[OrderLine]
) -> FulfilmentStatus:
    """Say where the goods stand after a receipt: accepted once nothing is under way or to come."""
    received = all(
        line.accepted_quantity + line.rejected_quantity == line.shipped_quantity for line in lines
    )
    return FulfilmentStatus.ACCEPTED if status is FulfilmentStatus.SHIPPED and received else status


def open_quantity(line: OrderLine, *, all_sent: bool) -> Decimal:
    """Give what of a line the buyer may still have to pay for, in the line's unit."""
    return (line.shipped_quantity if all_sent else line.due_quantity) - line.rejected_quantity


def check_may_rate(line: OrderLine) -> None:
    """Refuse to rate goods of which nothing was taken in yet (NotYetAccepted)."""
    if line.accepted_quantity == 0:
        raise NotYetAccepted


def open_fen(line: OrderLine, *, all_sent: bool) -> Fen:
    """Give the money of what of a line the buyer may still have to pay for."""
    return line_amount(open_quantity(line, all_sent=all_sent), line.unit_price_fen)


def draw(
    quantity: Decimal, held: Sequence[HeldLot], *, unit: Unit
) -> tuple[list[Part], list[HeldLot]]:
    """Draw a quantity from held lots in their order; give the parts and what stays held."""
    parts, left = [], []
    for one in held:
        there = convert(one.left, from_unit=one.unit, to_unit=unit)
        part = min(quantity, there)
        lot_part = convert(part, from_unit=unit, to_unit=one.unit)
        if part > 0:
            parts.append(Part(one.lot_id, part, lot_part))
        if one.left > lot_part:
            left.append(HeldLot(one.lot_id, one.unit, one.left - lot_part))
        quantity -= part
    return parts, left


def _check_measure(quantity: Decimal, line: OrderLine, *, pointer: str) -> None:
    """Refuse what the line's unit or its certificate's cannot count exactly (Invalid)."""
    check_quantity(quantity, line.unit, pointer=pointer)
    try:
        convert(quantity, from_unit=line.unit, to_unit=line.certificate_unit)
    except Invalid as refusal:
        raise Invalid(pointer=pointer, **refusal.figures) from None


def _line_of(
    lines: Mapping[OrderLineId, OrderLine], line_id: OrderLineId, position: int
) -> OrderLine:
    line = lines.get(line_id)
    if line is None:
        raise Invalid(
            reason="订单中没有这一行 / the order has no such line",
            pointer=f"/lines/{position}/order_line_id",
        )
    return line
