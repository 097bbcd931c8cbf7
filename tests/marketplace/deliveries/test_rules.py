"""What may be sent and taken in, from which lots, and what comes free."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kernel.errors import Invalid, WrongState
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.deliveries.models.goods import ShipmentLineId, UnderWay
from marketplace.deliveries.rules import goods as rules
from marketplace.deliveries.rules.goods import HeldLot, Part, Sending, Taking
from marketplace.errors.deliveries import OverReceived, OverShipped, ReasonMissing
from marketplace.lots.models import LotId
from marketplace.orders.models.orders import (
    FulfilmentStatus,
    OrderLine,
    OrderLineId,
    OrderStatus,
    PayMode,
    PurchaseOrder,
)

D = Decimal
S, F = OrderStatus, FulfilmentStatus
LINE = OrderLineId(UUID(int=1))
A, B, C = (LotId(UUID(int=number)) for number in (10, 11, 12))


def order(**changes: Any) -> PurchaseOrder:
    facts: dict[str, Any] = {
        "order_status": S.CONFIRMED,
        "fulfilment_status": F.UNSHIPPED,
        "payment_status": "unpaid",
        "pay_mode": PayMode.GOODS_FIRST,
        "total_fen": 1_000,
        "paid_fen": 0,
        "refunded_fen": 0,
    }
    return PurchaseOrder(**(facts | changes))


def line(**changes: Any) -> OrderLine:
    facts: dict[str, Any] = {
        "id": LINE,
        "unit": Unit.JIN,
        "certificate_unit": Unit.KG,
        "quantity": D(10),
        "unit_price_fen": Fen(333),
        "shipped_quantity": D(0),
        "accepted_quantity": D(0),
        "rejected_quantity": D(0),
    }
    return OrderLine(**(facts | changes))


@pytest.mark.parametrize(
    ("changes", "may"),
    [
        ({}, True),
        ({"fulfilment_status": F.PARTLY_SHIPPED}, True),
        ({"order_status": S.PLACED}, False),
        ({"fulfilment_status": F.SHIPPED}, False),
        ({"fulfilment_status": F.ACCEPTED}, False),
        ({"pay_mode": PayMode.PAY_FIRST}, False),
        ({"pay_mode": PayMode.PAY_FIRST, "paid_fen": 999}, False),
        ({"pay_mode": PayMode.PAY_FIRST, "paid_fen": 1_000, "refunded_fen": 1}, False),
        ({"pay_mode": PayMode.PAY_FIRST, "paid_fen": 1_000}, True),
    ],
)
def test_goods_leave_once_confirmed_and_where_it_was_agreed_once_paid(
    changes: dict[str, Any],
    may: bool,  # noqa: FBT001 - an expectation
) -> None:
    if may:
        rules.check_may_ship(order(**changes))
        return
    with pytest.raises(WrongState):
        rules.check_may_ship(order(**changes))


@pytest.mark.parametrize("status", F)
def test_only_what_is_under_way_is_taken_in(status: FulfilmentStatus) -> None:
    if status in {F.PARTLY_SHIPPED, F.SHIPPED}:
        rules.check_may_receive(order(fulfilment_status=status))
        return
    with pytest.raises(WrongState):
        rules.check_may_receive(order(fulfilment_status=status))


def check_sendings(*sendings: Sending, final: bool = False, **states: Any) -> None:
    rules.check_sendings(
        sendings, order=order(**states), lines={LINE: line(shipped_quantity=D(4))}, final=final
    )


def test_sendings_of_one_line_add_up_to_what_it_has_left() -> None:
    check_sendings(Sending(LINE, D(4)), Sending(LINE, D(2)))
    with pytest.raises(OverShipped) as refused:
        check_sendings(Sending(LINE, D(4)), Sending(LINE, D("2.002")))
    assert refused.value.pointer == "/lines/1/quantity"
    assert refused.value.figures == {"left": D(6), "wanted": D("6.002")}


@pytest.mark.parametrize(
    ("sending", "pointer"),
    [
        (Sending(OrderLineId(UUID(int=2)), D(1)), "/lines/0/order_line_id"),
        (Sending(LINE, D("0.001")), "/lines/0/quantity"),
        (Sending(LINE, D("0.0001")), "/lines/0/quantity"),
    ],
)
def test_a_sending_names_a_line_and_a_countable_quantity(sending: Sending, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_sendings(sending)
    assert refused.value.pointer == pointer


def test_a_shipment_of_nothing_only_ends_one_that_is_under_way() -> None:
    check_sendings(final=True, fulfilment_status=F.PARTLY_SHIPPED)
    with pytest.raises(Invalid):
        check_sendings(final=True)
    with pytest.raises(Invalid):
        check_sendings(fulfilment_status=F.PARTLY_SHIPPED)


def check_takings(*takings: Taking) -> None:
    rules.check_takings(takings, lines={LINE: line(shipped_quantity=D(5), accepted_quantity=D(1))})


def test_what_was_sent_is_taken_in_or_turned_away_with_a_reason() -> None:
    check_takings(Taking(LINE, D(3), D(1), "烂果"))
    check_takings(Taking(LINE, D(4), D(0)))


@pytest.mark.parametrize(
    ("takings", "refusal", "pointer"),
    [
        ([Taking(LINE, D(4), D("0.002"), "烂果")], OverReceived, "/lines/0/accepted_quantity"),
        ([Taking(LINE, D(0), D(1))], ReasonMissing, "/lines/0/reason"),
        ([Taking(LINE, D(0), D(0))], Invalid, "/lines/0/accepted_quantity"),
        ([Taking(LINE, D(1), D(0))] * 2, Invalid, "/lines/1/order_line_id"),
        ([Taking(LINE, D("0.001"), D(0))], Invalid, "/lines/0/accepted_quantity"),
        ([Taking(LINE, D(1), D("0.001"), "烂果")], Invalid, "/lines/0/rejected_quantity"),
    ],
)
def test_a_receipt_that_does_not_fit_is_refused(
    takings: list[Taking], refusal: type[Any], pointer: str
) -> None:
    with pytest.raises(refusal) as refused:
        check_takings(*takings)
    assert refused.value.pointer == pointer


def plan(quantity: str, held: list[HeldLot], named: LotId | None = None) -> rules.SendingPlan:
    return rules.plan_sending(
        Sending(LINE, D(quantity), named),
        held,
        unit=Unit.JIN,
        named_unit=None if named is None else Unit.KG,
    )


HELD = [HeldLot(A, Unit.KG, D(2)), HeldLot(B, Unit.JIN, D(6))]


def test_goods_leave_from_the_held_lots_in_their_order() -> None:
    made = plan("5", HELD)
    assert made.parts == [Part(A, D(4), D(2)), Part(B, D(1), D(1))]
    assert (made.freed, made.held) == ((), [HeldLot(B, Unit.JIN, D(5))])


def test_a_named_lot_that_is_held_is_simply_used() -> None:
    made = plan("6", HELD, B)
    assert made.parts == [Part(B, D(6), D(6))]
    assert (made.freed, made.held) == ([], [HeldLot(A, Unit.KG, D(2))])


def test_what_a_named_lot_does_not_hold_moves_there_from_the_last_lots() -> None:
    made = plan("7", HELD, C)
    assert made.parts == [Part(C, D(7), D("3.5"), moved=True)]
    assert made.freed == [Part(B, D(6), D(6)), Part(A, D(1), D("0.5"))]
    assert made.held == [HeldLot(A, Unit.KG, D("1.5"))]


def test_a_named_lot_gives_what_it_holds_before_anything_moves() -> None:
    made = plan("5", HELD, A)
    assert made.parts == [Part(A, D(4), D(2)), Part(A, D(1), D("0.5"), moved=True)]
    assert made.freed == [Part(B, D(1), D(1))]
    assert made.held == [HeldLot(B, Unit.JIN, D(5))]


def sent(number: int, quantity: str) -> UnderWay:
    return UnderWay(ShipmentLineId(UUID(int=number)), A, Unit.KG, moved=False, quantity=D(quantity))


@pytest.mark.parametrize(
    ("accepted", "rejected", "counted"),
    [
        ("5", "0", [(1, "3", "0"), (2, "2", "0")]),
        ("2", "2", [(1, "2", "1"), (2, "0", "1")]),
        ("0", "4", [(1, "0", "3"), (2, "0", "1")]),
        ("3", "0", [(1, "3", "0")]),
        ("3", "4", [(1, "3", "0"), (2, "0", "4")]),
    ],
)
def test_a_receipt_counts_against_the_oldest_goods_accepted_first(
    accepted: str, rejected: str, counted: list[tuple[int, str, str]]
) -> None:
    found = rules.count_against(
        Taking(LINE, D(accepted), D(rejected), "烂果"), [sent(1, "3"), sent(2, "4")]
    )
    assert [
        (one.sent.shipment_line_id.int, one.accepted_quantity, one.rejected_quantity)
        for one in found
    ] == [(number, D(taken), D(refused)) for number, taken, refused in counted]


def test_all_is_sent_when_every_line_is_or_the_supplier_says_so() -> None:
    whole, part = line(shipped_quantity=D(10)), line(shipped_quantity=D(9))
    assert rules.fulfilment_after_shipping([whole, whole], final=False) is F.SHIPPED
    assert rules.fulfilment_after_shipping([whole, part], final=False) is F.PARTLY_SHIPPED
    assert rules.fulfilment_after_shipping([whole, part], final=True) is F.SHIPPED


def test_goods_are_accepted_once_all_is_sent_and_all_sent_is_received() -> None:
    done = line(shipped_quantity=D(9), accepted_quantity=D(7), rejected_quantity=D(2))
    open_ = line(shipped_quantity=D(9), accepted_quantity=D(7))
    assert rules.fulfilment_after_receipt(F.SHIPPED, [done]) is F.ACCEPTED
    assert rules.fulfilment_after_receipt(F.SHIPPED, [done, open_]) is F.SHIPPED
    assert rules.fulfilment_after_receipt(F.PARTLY_SHIPPED, [done]) is F.PARTLY_SHIPPED


def test_a_line_stays_open_for_what_was_not_turned_away_nor_left_unsent() -> None:
    received = line(shipped_quantity=D("9.5"), rejected_quantity=D("0.25"))
    assert rules.open_fen(received, all_sent=False) == 3_247
    assert rules.open_fen(received, all_sent=True) == 3_080
