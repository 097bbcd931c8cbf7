"""What payments and refunds change, and that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel import ledger
from kernel.audit import AuditRow
from kernel.errors import NotFound, Refusal, SamePerson, WrongState
from kernel.events import EventRow
from kernel.ledger import Transfer
from kernel.money import Fen
from marketplace.errors.settlement import AmountExceedsDue, RefundExceedsPaid
from marketplace.orders.commands.deciding import cancel_order, expire_next
from marketplace.orders.models.orders import OrderId, OrderStatus, PaymentStatus, PayMode
from marketplace.settlement.commands.payments import (
    NewPayment,
    cancel_payment,
    confirm_payment,
    register_payment,
)
from marketplace.settlement.commands.refunds import LineRefund, NewRefund, refund_payment
from marketplace.settlement.models.payments import (
    Allocation,
    Payment,
    PaymentMethod,
    PaymentState,
    Refund,
)
from marketplace.settlement.queries.payments import OnLine, PaymentView, RefundView
from registry.accounts.models import Role
from tests.builders import registry
from tests.builders.people import second_account
from tests.builders.settlement import (
    NOW,
    Market,
    lines_of,
    market,
    order_of,
    ordered,
    paid,
    quota_of,
    received,
    second_listing,
    shipped,
)

pytestmark = pytest.mark.usefixtures("db_session")
Written = Callable[[], list[AuditRow]]


def refunded(there: Market, payment: PaymentView, amount: int, who: str = "manager") -> RefundView:
    new = NewRefund(Fen(amount), "渗漏")
    return refund_payment(new, payment_id=payment.id, by=there.by(who), now=NOW)


def money_of(order_id: OrderId) -> tuple[int, int, int]:
    order = order_of(order_id)
    return order.pending_fen, order.paid_fen, order.refunded_fen


def booked(there: Market, order_id: OrderId) -> tuple[int, int]:
    clearing = ledger.account("buyer_clearing", there.unit.id)
    return ledger.balance(clearing), ledger.balance(ledger.account("order", order_id))


def counts(session: Session) -> list[int]:
    tables = (Payment, Refund, Allocation, Transfer)
    return [session.scalar(select(func.count()).select_from(one)) or 0 for one in tables]


def test_a_registered_payment_is_pending_and_counts_for_nothing(written: Written) -> None:
    there = market()
    order_id = ordered(there, "10")
    payment = paid(there, order_id, 20_000, confirm=False)
    assert (payment.status, payment.amount_fen, payment.lines) == (PaymentState.PENDING, 20_000, [])
    assert payment.number.startswith("BF-P-2026-440203-")
    assert money_of(order_id) == (20_000, 0, 0)
    assert order_of(order_id).payment_status is PaymentStatus.UNPAID
    assert quota_of(there) == (30_000, 0)
    assert booked(there, order_id) == (0, 0)
    assert [row.action for row in written()][-1] == "payment.register"


def test_confirmed_money_is_posted_spread_and_booked(written: Written, db_session: Session) -> None:
    there = market()
    order_id = ordered(there, "10", "5", also=second_listing(there))
    payment = paid(there, order_id, 20_000)
    first, second = lines_of(order_id)
    assert payment.lines == [OnLine(first.id, Fen(13_333)), OnLine(second.id, Fen(6_667))]
    assert payment.status is PaymentState.CONFIRMED
    assert money_of(order_id) == (0, 20_000, 0)
    assert order_of(order_id).payment_status is PaymentStatus.PARTLY_PAID
    assert quota_of(there) == (25_000, 20_000)
    assert booked(there, order_id) == (-20_000, 20_000)
    assert [row.action for row in written()][-1] == "payment.confirm"
    kinds = list(db_session.scalars(select(EventRow.kind).order_by(EventRow.position)))
    assert kinds[-1] == "PaymentPosted"


def test_the_last_payment_of_an_accepted_order_completes_it() -> None:
    there = market()
    order_id = ordered(there, "10", mode=PayMode.GOODS_FIRST)
    shipped(there, order_id, (10, None))
    received(there, order_id, "9", "1")
    paid(there, order_id, 26_999)
    assert order_of(order_id).order_status is OrderStatus.CONFIRMED
    paid(there, order_id, 1)
    done = order_of(order_id)
    assert (done.order_status, done.payment_status) == (OrderStatus.COMPLETED, PaymentStatus.PAID)
    assert done.completed_at == NOW
    assert quota_of(there) == (0, 27_000)


def test_a_payment_of_the_whole_order_leaves_nothing_due() -> None:
    there = market()
    order_id = ordered(there, "10")
    paid(there, order_id, 10_000, confirm=False)
    paid(there, order_id, 20_000)
    with pytest.raises(AmountExceedsDue) as refused:
        paid(there, order_id, 1)
    assert refused.value.figures == {"due_fen": 0, "wanted_fen": 1}


def test_goods_first_nothing_is_due_before_goods_are_in() -> None:
    there = market()
    order_id = ordered(there, "10", mode=PayMode.GOODS_FIRST)
    shipped(there, order_id, (10, None))
    with pytest.raises(AmountExceedsDue):
        paid(there, order_id, 1)
    received(there, order_id, "4")
    with pytest.raises(AmountExceedsDue):
        paid(there, order_id, 12_001)
    paid(there, order_id, 12_000)


@pytest.mark.parametrize("who", ["author", "approver"])
def test_author_and_approver_do_not_pay(who: str, db_session: Session) -> None:
    there = market()
    order_id = ordered(there, "10")
    order = order_of(order_id)
    payer = registry.user(there.unit, [Role.UNIT_FINANCE])
    setattr(order, {"author": "author_id", "approver": "decided_by"}[who], payer.id)
    db_session.flush()
    before = counts(db_session)
    new = NewPayment(PaymentMethod.TREASURY, Fen(1))
    with pytest.raises(SamePerson):
        register_payment(new, order_id=order_id, by=registry.actor_of(payer), now=NOW)
    assert counts(db_session) == before
    assert money_of(order_id) == (0, 0, 0)


def test_an_order_that_was_not_taken_on_is_not_paid() -> None:
    there = market()
    order_id = ordered(there, "10", confirm=False)
    with pytest.raises(WrongState):
        paid(there, order_id, 1)


def test_finance_of_a_superior_unit_may_pay_and_of_a_strange_one_sees_nothing() -> None:
    there = market()
    order_id = ordered(there, "10")
    stranger = registry.actor_of(registry.user(market().unit, [Role.UNIT_FINANCE]))
    new = NewPayment(PaymentMethod.TREASURY, Fen(1))
    with pytest.raises(NotFound):
        register_payment(new, order_id=order_id, by=stranger, now=NOW)
    register_payment(new, order_id=order_id, by=there.by("finance"), now=NOW)


def test_only_the_supplier_sees_the_money_come_and_only_once() -> None:
    there = market()
    order_id = ordered(there, "10")
    payment = paid(there, order_id, 30_000, confirm=False)
    with pytest.raises(NotFound):
        confirm_payment(payment.id, by=market().by("manager"), now=NOW)
    confirm_payment(payment.id, by=there.by("manager"), now=NOW)
    with pytest.raises(WrongState):
        confirm_payment(payment.id, by=there.by("manager"), now=NOW)
    assert money_of(order_id) == (0, 30_000, 0)
    assert quota_of(there) == (0, 30_000)


def test_who_registered_does_not_confirm(db_session: Session) -> None:
    there = market()
    order_id = ordered(there, "10")
    payment = paid(there, order_id, 30_000, confirm=False)
    row = db_session.get_one(Payment, payment.id)
    row.registered_by = second_account(there.manager).id
    db_session.flush()
    with pytest.raises(SamePerson):
        confirm_payment(payment.id, by=there.by("manager"), now=NOW)
    assert quota_of(there) == (30_000, 0)


def test_an_order_with_money_on_its_way_neither_lapses_nor_is_called_off() -> None:
    there = market()
    order_id = ordered(there, "10")
    payment = paid(there, order_id, 30_000, confirm=False)
    much_later = NOW.replace(year=2027)
    assert expire_next(now=much_later) == 0
    with pytest.raises(WrongState):
        cancel_order(order_id, reason="x", expected_version=None, by=there.by("buyer"), now=NOW)
    cancel_payment(payment.id, reason="未到账", by=there.by("manager"), now=NOW)
    assert money_of(order_id) == (0, 0, 0)
    with pytest.raises(WrongState):
        confirm_payment(payment.id, by=there.by("manager"), now=NOW)
    assert expire_next(now=much_later) == 1
    assert order_of(order_id).order_status is OrderStatus.EXPIRED
    assert quota_of(there) == (0, 0)


@pytest.mark.parametrize("who", ["manager", "finance"])
def test_a_refund_gives_the_year_its_money_back(
    who: str, written: Written, db_session: Session
) -> None:
    there = market()
    order_id = ordered(there, "10")
    payment = paid(there, order_id, 30_000)
    refund = refunded(there, payment, 10_000, who)
    assert refund.lines == [OnLine(lines_of(order_id)[0].id, Fen(10_000))]
    assert money_of(order_id) == (0, 30_000, 10_000)
    assert order_of(order_id).payment_status is PaymentStatus.PARTLY_REFUNDED
    assert quota_of(there) == (0, 20_000)
    assert booked(there, order_id) == (-20_000, 20_000)
    reversal = db_session.scalars(select(Transfer).where(Transfer.kind == "refund")).one()
    came = db_session.get_one(Payment, payment.id)
    assert (reversal.reverses_id, reversal.reference) == (came.transfer_id, str(refund.id))
    assert [row.action for row in written()][-1] == "payment.refund"
    kinds = list(db_session.scalars(select(EventRow.kind).order_by(EventRow.position)))
    assert kinds[-1] == "PaymentRefunded"
    refunded(there, payment, 20_000)
    assert order_of(order_id).payment_status is PaymentStatus.REFUNDED
    assert quota_of(there) == (0, 0)


def test_what_was_turned_away_after_it_was_paid_goes_back_first() -> None:
    there = market()
    order_id = ordered(there, "10", "5", also=second_listing(there))
    payment = paid(there, order_id, 45_000)
    first, second = lines_of(order_id)
    shipped(there, order_id, (10, None), final=True)
    received(there, order_id, "8", "2")
    done = order_of(order_id)
    assert (done.order_status, done.paid_fen, done.accepted_fen) == (
        OrderStatus.COMPLETED, 45_000, 24_000,
    )  # fmt: skip
    refund = refunded(there, payment, 21_000)
    assert refund.lines == [OnLine(first.id, Fen(6_000)), OnLine(second.id, Fen(15_000))]
    assert quota_of(there) == (0, 24_000)


def test_a_refund_may_name_its_lines() -> None:
    there = market()
    order_id = ordered(there, "10", "5", also=second_listing(there))
    payment = paid(there, order_id, 45_000)
    second = lines_of(order_id)[1]
    new = NewRefund(Fen(400), "渗漏", [LineRefund(second.id, Fen(400))])
    refund = refund_payment(new, payment_id=payment.id, by=there.by("manager"), now=NOW)
    assert refund.lines == [OnLine(second.id, Fen(400))]


@pytest.mark.parametrize(
    ("amount", "refusal"), [(30_001, RefundExceedsPaid), (45_000, RefundExceedsPaid)]
)
def test_a_refund_beyond_its_payment_changes_nothing(
    amount: int, refusal: type[Refusal], db_session: Session
) -> None:
    there = market()
    order_id = ordered(there, "15")
    payment = paid(there, order_id, 30_000)
    paid(there, order_id, 15_000)
    before = counts(db_session)
    with pytest.raises(refusal):
        refunded(there, payment, amount)
    assert counts(db_session) == before
    assert money_of(order_id) == (0, 45_000, 0)
    assert quota_of(there) == (0, 45_000)


def test_the_author_gives_nothing_back(db_session: Session) -> None:
    there = market()
    order_id = ordered(there, "10")
    payment = paid(there, order_id, 30_000)
    order_of(order_id).author_id = second_account(there.manager).id
    db_session.flush()
    with pytest.raises(SamePerson):
        refunded(there, payment, 1)
    assert money_of(order_id) == (0, 30_000, 0)


def test_pending_money_does_not_go_back() -> None:
    there = market()
    payment = paid(there, ordered(there, "10"), 30_000, confirm=False)
    with pytest.raises(WrongState):
        refunded(there, payment, 1)
