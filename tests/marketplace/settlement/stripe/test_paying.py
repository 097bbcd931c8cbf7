"""What payments by Stripe change, and that each change happens once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from kernel.audit import AuditRow
from kernel.errors import WrongState
from kernel.money import Fen
from marketplace.errors.settlement import PaymentMethodUnavailable
from marketplace.errors.stripe import StripeDecides
from marketplace.orders.commands.deciding import cancel_order, expire_next
from marketplace.orders.models.orders import OrderStatus, PaymentStatus
from marketplace.settlement import gateway
from marketplace.settlement.commands.payments import (
    NewPayment,
    cancel_payment,
    confirm_payment,
    register_payment,
)
from marketplace.settlement.models.payments import PaymentMethod, PaymentState
from marketplace.settlement.models.stripe import IntentStatus, StripeWay
from marketplace.settlement.queries.stripe import get_intent_view
from tests.builders.settlement import NOW, market, order_of, ordered, paid, quota_of
from tests.builders.stripe import (
    Double,
    ask_at,
    collected,
    intent_of,
    paid_by_stripe,
    payment_of,
    ring,
)

pytestmark = pytest.mark.usefixtures("db_session")
Written = Callable[[], list[AuditRow]]


@pytest.mark.parametrize(
    ("way", "step"),
    [
        (StripeWay.CARD, None),
        (StripeWay.ALIPAY, "{url}/_pay/"),
        (StripeWay.WECHAT_PAY, "weixin://wxpay/bizpayurl?pr="),
    ],
)
def test_a_payment_is_opened_at_stripe_and_counts_once_the_shopper_paid(
    double: Double, way: StripeWay, step: str | None, written: Written
) -> None:
    there = market()
    order_id = ordered(there, "10")
    payment = collected(there, order_id, 30_000, way=way)
    assert intent_of(payment.id).status is IntentStatus.WANTED
    assert ask_at(NOW) == 1
    shown = get_intent_view(there.by("finance"), payment.id)
    at_stripe = double.intent(payment.id)
    assert (shown.status, shown.client_secret) == (IntentStatus.OPEN, at_stripe["client_secret"])
    assert shown.next_step == (step and step.format(url=double.running.url) + at_stripe["id"])
    assert (at_stripe["amount"], at_stripe["currency"]) == (30_000, "cny")
    assert order_of(order_id).payment_status is PaymentStatus.UNPAID
    double.pay(payment.id)
    ring(payment.id)
    assert ask_at(NOW) == 1
    assert payment_of(payment.id).status is PaymentState.CONFIRMED
    assert order_of(order_id).payment_status is PaymentStatus.PAID
    assert quota_of(there) == (0, 30_000)
    intent = intent_of(payment.id)
    assert (intent.status, intent.received_fen, intent.due_at) == (
        IntentStatus.SUCCEEDED, 30_000, None,
    )  # fmt: skip
    assert "stripe.confirm" in [row.action for row in written()]
    assert ask_at(NOW + timedelta(days=1)) == 0


def test_only_who_pays_sees_how_to_go_on(double: Double) -> None:
    there = market()
    payment = collected(there, ordered(there, "10"), 30_000)
    ask_at(NOW)
    assert double.intent(payment.id)["status"] == "requires_action"
    for who in ("manager", "clerk", "buyer"):
        shown = get_intent_view(there.by(who), payment.id)
        assert (shown.client_secret, shown.next_step) == (None, None)


def test_without_keys_stripe_is_not_offered() -> None:
    there = market()
    new = NewPayment(PaymentMethod.STRIPE, Fen(1))
    with pytest.raises(PaymentMethodUnavailable):
        register_payment(new, order_id=ordered(there, "10"), by=there.by("finance"), now=NOW)


def test_nobody_confirms_by_hand_what_stripe_collects() -> None:
    there = market()
    payment = collected(there, ordered(there, "10"), 30_000)
    with pytest.raises(StripeDecides):
        confirm_payment(payment.id, by=there.by("manager"), now=NOW)


def test_a_pending_payment_keeps_its_order_from_ending_and_stripes_end_frees_it(
    double: Double,
) -> None:
    there = market()
    order_id = ordered(there, "10")
    payment = collected(there, order_id, 30_000)
    ask_at(NOW)
    late = NOW + timedelta(days=40)
    assert expire_next(now=late) == 0
    ask_at(late)
    assert double.intent(payment.id)["status"] == "canceled"
    gone = payment_of(payment.id)
    assert (gone.status, gone.cancel_reason, gone.decided_by) == (
        PaymentState.CANCELLED, "Stripe：未付款 / not paid", None,
    )  # fmt: skip
    assert intent_of(payment.id).status is IntentStatus.CANCELLED
    assert expire_next(now=late) == 1


def test_a_payment_that_people_cancel_is_taken_back_at_stripe(double: Double) -> None:
    there = market()
    payment = collected(there, ordered(there, "10"), 30_000)
    ask_at(NOW)
    cancel_payment(payment.id, reason="填错", by=there.by("finance"), now=NOW)
    assert intent_of(payment.id).status is IntentStatus.CLOSING
    ask_at(NOW)
    assert double.intent(payment.id)["status"] == "canceled"
    assert intent_of(payment.id).status is IntentStatus.CANCELLED


def test_one_cancelled_before_stripe_heard_of_it_is_opened_and_closed(double: Double) -> None:
    there = market()
    payment = collected(there, ordered(there, "10"), 30_000)
    cancel_payment(payment.id, reason="填错", by=there.by("finance"), now=NOW)
    assert ask_at(NOW) == 2
    assert double.intent(payment.id)["status"] == "canceled"
    assert intent_of(payment.id).status is IntentStatus.CANCELLED


def test_money_that_comes_after_cancelling_counts_while_the_order_may_be_paid(
    double: Double,
) -> None:
    there = market()
    order_id = ordered(there, "10")
    payment = collected(there, order_id, 30_000)
    ask_at(NOW)
    double.pay(payment.id)
    cancel_payment(payment.id, reason="填错", by=there.by("finance"), now=NOW)
    ask_at(NOW)
    assert payment_of(payment.id).status is PaymentState.CONFIRMED
    assert order_of(order_id).payment_status is PaymentStatus.PAID


def test_money_that_comes_after_the_order_ended_lies_apart(double: Double) -> None:
    there = market()
    order_id = ordered(there, "10")
    payment = collected(there, order_id, 30_000)
    ask_at(NOW)
    double.pay(payment.id)
    cancel_payment(payment.id, reason="填错", by=there.by("finance"), now=NOW)
    cancel_order(order_id, reason="不要了", expected_version=None, by=there.by("buyer"), now=NOW)
    ask_at(NOW)
    intent = intent_of(payment.id)
    assert (intent.status, intent.parked_reason) == (IntentStatus.PARKED, "wrong_state")
    assert payment_of(payment.id).status is PaymentState.CANCELLED
    assert order_of(order_id).order_status is OrderStatus.CANCELLED
    assert quota_of(there) == (0, 0)


def test_money_that_was_paid_otherwise_meanwhile_lies_apart(double: Double) -> None:
    there = market()
    order_id = ordered(there, "10")
    payment = collected(there, order_id, 30_000)
    ask_at(NOW)
    cancel_payment(payment.id, reason="改用转账", by=there.by("finance"), now=NOW)
    paid(there, order_id, 30_000)
    double.pay(payment.id)
    ask_at(NOW)
    assert intent_of(payment.id).parked_reason == "amount_exceeds_due"
    assert order_of(order_id).paid_fen == 30_000


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": 29_999}, "wrong_amount"),
        ({"amount": 30_001}, "wrong_amount"),
        ({"currency": "usd"}, "wrong_currency"),
    ],
)
def test_another_amount_or_currency_lies_apart(
    double: Double, change: dict[str, object], reason: str
) -> None:
    there = market()
    order_id = ordered(there, "10")
    payment = collected(there, order_id, 30_000)
    ask_at(NOW)
    double.intent(payment.id).update(change)
    double.pay(payment.id)
    ring(payment.id)
    ask_at(NOW)
    intent = intent_of(payment.id)
    assert (intent.status, intent.parked_reason) == (IntentStatus.PARKED, reason)
    order = order_of(order_id)
    assert (order.pending_fen, order.paid_fen) == (0, 0)


def test_a_declined_card_may_be_tried_again(double: Double) -> None:
    there = market()
    payment = collected(there, ordered(there, "10"), 30_000, way=StripeWay.CARD)
    ask_at(NOW)
    at_stripe = double.intent(payment.id)
    at_stripe.update(last_payment_error={"type": "card_error", "code": "card_declined"})
    ring(payment.id)
    ask_at(NOW)
    assert intent_of(payment.id).trouble == "card_declined"
    double.pay(payment.id)
    ring(payment.id)
    ask_at(NOW)
    assert payment_of(payment.id).status is PaymentState.CONFIRMED


def test_a_payment_that_came_is_not_cancelled_any_more(double: Double) -> None:
    there = market()
    payment_id = paid_by_stripe(double, there, ordered(there, "1"), 3_000)
    with pytest.raises(WrongState):
        cancel_payment(payment_id, reason="晚了", by=there.by("finance"), now=NOW)


def test_what_stripe_will_not_open_is_cancelled_with_its_reason(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = market()
    order_id = ordered(there, "10")
    payment = collected(there, order_id, 30_000)
    monkeypatch.setattr(gateway, "CURRENCY", "")
    ask_at(NOW)
    gone = payment_of(payment.id)
    assert (gone.status, gone.cancel_reason) == (
        PaymentState.CANCELLED, "Stripe：parameter_missing",
    )  # fmt: skip
    assert (intent_of(payment.id).status, order_of(order_id).pending_fen) == (
        IntentStatus.CANCELLED, 0,
    )  # fmt: skip
    assert double.state.of("payment_intent") == []
