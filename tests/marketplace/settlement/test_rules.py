"""Who may pay, how much, on which lines money lies, and what of it may go back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from kernel.actor import Actor
from kernel.errors import Invalid, SamePerson, WrongState
from kernel.money import Fen
from marketplace.errors.settlement import (
    AmountExceedsDue,
    PaymentMethodUnavailable,
    RefundExceedsPaid,
)
from marketplace.orders.models.orders import (
    FulfilmentStatus,
    OrderLine,
    OrderLineId,
    OrderStatus,
    PayMode,
    PurchaseOrder,
)
from marketplace.settlement.models.payments import Payment, PaymentMethod, PaymentState
from marketplace.settlement.rules import payments as rules
from marketplace.settlement.rules.payments import Part
from registry.regions.models import OriginKind

AUTHOR, APPROVER, PAYER, MANAGER = (UUID(int=key) for key in range(1, 5))
FIRST, SECOND, STRANGE = (OrderLineId(UUID(int=key)) for key in (11, 12, 99))
POOR, OTHER = OriginKind.NATIONAL_832, OriginKind.OTHER


def an_order(**fields: Any) -> PurchaseOrder:
    plain: dict[str, Any] = {
        "author_id": AUTHOR,
        "decided_by": APPROVER,
        "pay_mode": PayMode.PAY_FIRST,
        "order_status": OrderStatus.CONFIRMED,
        "fulfilment_status": FulfilmentStatus.UNSHIPPED,
        "freight_fen": Fen(0),
    }
    return PurchaseOrder(**{**plain, **fields})


def the_lines(*, accepted: tuple[int, int] = (0, 0)) -> list[OrderLine]:
    return [
        OrderLine(id=FIRST, origin_kind=POOR, amount_fen=600, accepted_fen=accepted[0]),
        OrderLine(id=SECOND, origin_kind=OTHER, amount_fen=400, accepted_fen=accepted[1]),
    ]


def payables(order: PurchaseOrder, lines: list[OrderLine]) -> list[int]:
    return [part.payable for part in rules.parts_of(order, lines=lines, money={})]


def part(line: OrderLineId | None, payable: int, came: int = 0, back: int = 0) -> Part:
    return Part(line, POOR, Fen(payable), Fen(came), Fen(back))


def a_payment(**fields: Any) -> Payment:
    plain: dict[str, Any] = {
        "amount_fen": Fen(1_000),
        "refunded_fen": Fen(0),
        "status": PaymentState.CONFIRMED,
        "registered_by": PAYER,
    }
    return Payment(**{**plain, **fields})


def by(user: UUID) -> Actor:
    return Actor(user_id=user)


def test_paid_first_everything_ordered_costs_until_it_is_known_what_was_taken_in() -> None:
    lines = the_lines(accepted=(300, 0))
    assert payables(an_order(), lines) == [600, 400]
    shipped = an_order(fulfilment_status=FulfilmentStatus.SHIPPED)
    assert payables(shipped, lines) == [600, 400]
    taken_in = an_order(fulfilment_status=FulfilmentStatus.ACCEPTED)
    assert payables(taken_in, lines) == [300, 0]


def test_goods_first_only_what_was_taken_in_costs() -> None:
    order = an_order(pay_mode=PayMode.GOODS_FIRST)
    assert payables(order, the_lines()) == [0, 0]
    assert payables(order, the_lines(accepted=(300, 400))) == [300, 400]


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.EXPIRED])
def test_an_order_that_was_called_off_costs_nothing(status: OrderStatus) -> None:
    order = an_order(order_status=status, freight_fen=Fen(50))
    assert payables(order, the_lines()) == [0, 0, 0]


@pytest.mark.parametrize(
    ("mode", "fulfilment", "freight"),
    [
        (PayMode.PAY_FIRST, FulfilmentStatus.UNSHIPPED, 50),
        (PayMode.GOODS_FIRST, FulfilmentStatus.SHIPPED, 0),
        (PayMode.GOODS_FIRST, FulfilmentStatus.ACCEPTED, 50),
    ],
)
def test_freight_stands_behind_the_lines_under_the_first_heading(
    mode: PayMode, fulfilment: FulfilmentStatus, freight: int
) -> None:
    order = an_order(
        pay_mode=mode, fulfilment_status=fulfilment, freight_fen=Fen(50), accepted_fen=Fen(1)
    )
    last = rules.parts_of(order, lines=the_lines(), money={})[-1]
    assert (last.line_id, last.heading, last.payable) == (None, POOR, freight)


def test_money_is_read_by_line() -> None:
    money: rules.Money = {SECOND: (Fen(300), Fen(20)), None: (Fen(50), Fen(0))}
    parts = rules.parts_of(an_order(freight_fen=Fen(50)), lines=the_lines(), money=money)
    assert [(one.received, one.refunded) for one in parts] == [(0, 0), (300, 20), (50, 0)]


def test_due_is_what_is_owed_less_what_is_on_its_way() -> None:
    parts = [part(FIRST, 600, 100), part(SECOND, 400)]
    assert rules.due(parts, pending=Fen(0)) == 900
    assert rules.due(parts, pending=Fen(900)) == 0
    assert rules.due(parts, pending=Fen(901)) == 0


def test_money_that_went_back_does_not_fall_due_again() -> None:
    assert rules.due([part(FIRST, 600, 600, 50)], pending=Fen(0)) == 0


def test_only_what_is_due_may_be_paid() -> None:
    rules.check_amount(Fen(100), due=Fen(100))
    with pytest.raises(AmountExceedsDue) as refused:
        rules.check_amount(Fen(101), due=Fen(100))
    assert refused.value.figures == {"due_fen": 100, "wanted_fen": 101}


@pytest.mark.parametrize("status", [one for one in OrderStatus if one != OrderStatus.CONFIRMED])
def test_only_an_order_that_was_taken_on_is_paid(status: OrderStatus) -> None:
    rules.check_payable(an_order())
    with pytest.raises(WrongState):
        rules.check_payable(an_order(order_status=status))


def test_stripe_is_not_offered_yet() -> None:
    rules.check_method(PaymentMethod.BANK_TRANSFER)
    rules.check_method(PaymentMethod.TREASURY)
    with pytest.raises(PaymentMethodUnavailable):
        rules.check_method(PaymentMethod.STRIPE)


@pytest.mark.parametrize("user", [AUTHOR, APPROVER])
def test_neither_author_nor_approver_pays(user: UUID) -> None:
    rules.check_payer(an_order(), by=by(PAYER))
    with pytest.raises(SamePerson):
        rules.check_payer(an_order(), by=by(user))


def test_an_order_that_nobody_had_to_approve_bars_only_its_author() -> None:
    rules.check_payer(an_order(decided_by=None), by=by(APPROVER))


def test_who_registered_a_payment_does_not_see_it_come() -> None:
    rules.check_confirmer(a_payment(), by=by(MANAGER))
    with pytest.raises(SamePerson):
        rules.check_confirmer(a_payment(), by=by(PAYER))


@pytest.mark.parametrize("status", [PaymentState.CONFIRMED, PaymentState.CANCELLED])
def test_a_payment_is_decided_once(status: PaymentState) -> None:
    rules.check_pending(a_payment(status=PaymentState.PENDING))
    with pytest.raises(WrongState):
        rules.check_pending(a_payment(status=status))


def test_the_author_gives_no_money_back() -> None:
    rules.check_refunder(an_order(), by=by(PAYER))
    with pytest.raises(SamePerson):
        rules.check_refunder(an_order(), by=by(AUTHOR))


def test_no_more_of_a_payment_goes_back_than_is_left() -> None:
    payment = a_payment(refunded_fen=Fen(400))
    rules.check_refund(Fen(600), payment=payment)
    with pytest.raises(RefundExceedsPaid):
        rules.check_refund(Fen(601), payment=payment)


@pytest.mark.parametrize("status", [PaymentState.PENDING, PaymentState.CANCELLED])
def test_money_that_did_not_come_does_not_go_back(status: PaymentState) -> None:
    with pytest.raises(WrongState):
        rules.check_refund(Fen(1), payment=a_payment(status=status))


def test_a_payment_is_spread_over_what_is_owed() -> None:
    parts = [part(FIRST, 600), part(SECOND, 400), part(None, 0)]
    assert rules.spread(Fen(1_000), parts=parts) == [600, 400, 0]
    assert rules.spread(Fen(101), parts=parts) == [61, 40, 0]
    assert rules.spread(Fen(899), parts=[part(FIRST, 600, 61), part(SECOND, 400, 40)]) == [539, 360]


def test_a_payment_above_all_that_is_owed_is_not_spread() -> None:
    with pytest.raises(AmountExceedsDue):
        rules.spread(Fen(1_001), parts=[part(FIRST, 600), part(SECOND, 400)])


def test_a_refund_first_takes_what_was_turned_away() -> None:
    parts = [part(FIRST, 600, 600), part(SECOND, 100, 400)]
    assert rules.take_back(Fen(300), parts=parts) == [0, 300]
    assert rules.take_back(Fen(370), parts=parts) == [60, 310]


def test_a_refund_is_taken_from_all_alike_where_nothing_lies_too_much() -> None:
    assert rules.take_back(Fen(10), parts=[part(FIRST, 600, 600), part(SECOND, 400, 400)]) == [6, 4]


def test_a_refund_may_name_its_lines() -> None:
    parts = [part(FIRST, 600, 600), part(SECOND, 400, 400, 100), part(None, 50, 50)]
    named = [(SECOND, Fen(300)), (FIRST, Fen(1))]
    assert rules.take_back_named(Fen(301), named=named, parts=parts) == [1, 300, 0]


@pytest.mark.parametrize(
    ("named", "amount", "pointer"),
    [
        ([(STRANGE, 10)], 10, "/lines/0/order_line_id"),
        ([(FIRST, 5), (FIRST, 5)], 10, "/lines/1/order_line_id"),
        ([(FIRST, 5)], 10, "/lines"),
    ],
)
def test_lines_that_do_not_fit_a_refund_are_named(
    named: list[tuple[OrderLineId, Fen]], amount: int, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        rules.take_back_named(Fen(amount), named=named, parts=[part(FIRST, 600, 600)])
    assert refused.value.pointer == pointer


def test_a_line_gives_no_more_than_lies_on_it() -> None:
    with pytest.raises(RefundExceedsPaid) as refused:
        rules.take_back_named(
            Fen(501), named=[(FIRST, Fen(501))], parts=[part(FIRST, 600, 600, 100)]
        )
    assert refused.value.figures == {"refundable_fen": 500, "wanted_fen": 501}


def test_amounts_add_up_under_the_headings_of_the_quota() -> None:
    parts = [Part(FIRST, POOR, Fen(1)), Part(SECOND, OTHER, Fen(1)), Part(None, POOR, Fen(1))]
    assert rules.by_heading([Fen(5), Fen(0), Fen(2)], parts=parts) == {POOR: 7}
