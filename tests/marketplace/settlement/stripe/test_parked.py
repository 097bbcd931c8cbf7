"""Money that came by Stripe and lies apart: shown, placed, or given back whole."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel.database import db
from kernel.errors import NotFound, SamePerson, WrongState
from marketplace.orders.commands.deciding import cancel_order, expire_next
from marketplace.orders.models.orders import OrderId, OrderStatus
from marketplace.settlement.commands.parked import place_parked, return_parked
from marketplace.settlement.commands.payments import cancel_payment
from marketplace.settlement.models.payments import PaymentId, PaymentState
from marketplace.settlement.models.stripe import (
    IntentStatus,
    MovementKind,
    MovementStatus,
    StripeIntent,
    StripeWay,
)
from marketplace.settlement.queries.stripe import list_parked
from registry.accounts.models import Role
from tests.builders import registry
from tests.builders.settlement import NOW, Market, market, order_of, ordered, paid, quota_of
from tests.builders.stripe import Double, ask_at, collected, intent_of, moved, payment_of

pytestmark = pytest.mark.usefixtures("db_session")


def parked(double: Double, there: Market) -> PaymentId:
    """Let money come that was paid otherwise meanwhile."""
    order_id = ordered(there, "10")
    payment = collected(there, order_id, 30_000, way=StripeWay.CARD)
    ask_at(NOW)
    cancel_payment(payment.id, reason="改用转账", by=there.by("finance"), now=NOW)
    paid(there, order_id, 1)
    double.pay(payment.id)
    ask_at(NOW)
    return payment.id


def test_parked_money_is_shown_and_goes_back_whole(double: Double) -> None:
    there = market()
    payment_id = parked(double, there)
    (shown,) = list_parked(there.by("finance"), limit=10, cursor=None).items
    assert (shown.payment_id, shown.received_fen) == (payment_id, 30_000)
    by = there.by("finance")
    assert place_parked(payment_id, by=by, now=NOW).parked_reason == "amount_exceeds_due"
    order = order_of(shown.order_id)
    order.author_id, author = there.finance.id, order.author_id
    db.session.flush()
    with pytest.raises(SamePerson):
        return_parked(payment_id, by=by, now=NOW)
    order_of(shown.order_id).author_id = author
    db.session.flush()
    assert return_parked(payment_id, by=by, now=NOW).status is IntentStatus.RETURNED
    ask_at(NOW)
    assert moved(payment_id) == [(MovementKind.REFUND, 30_000, MovementStatus.DONE)]
    assert double.charge(payment_id)["refunded"]
    assert payment_of(payment_id).status is PaymentState.CANCELLED
    with pytest.raises(WrongState):
        place_parked(payment_id, by=by, now=NOW)


def test_parked_money_counts_once_its_order_may_take_it(double: Double) -> None:
    there = market()
    order_id = ordered(there, "10")
    payment = collected(there, order_id, 30_000)
    ask_at(NOW)
    cancel_payment(payment.id, reason="改用转账", by=there.by("finance"), now=NOW)
    other = paid(there, order_id, 30_000, confirm=False)
    double.pay(payment.id)
    ask_at(NOW)
    assert intent_of(payment.id).status is IntentStatus.PARKED
    cancel_payment(other.id, reason="未转", by=there.by("finance"), now=NOW)
    placed = place_parked(payment.id, by=there.by("finance"), now=NOW)
    assert placed.status is IntentStatus.SUCCEEDED
    assert order_of(order_id).paid_fen == 30_000


def test_strangers_see_nothing(double: Double) -> None:
    there = market()
    payment_id = parked(double, there)
    stranger = registry.actor_of(registry.user(market().unit, [Role.UNIT_FINANCE]))
    assert list_parked(stranger, limit=10, cursor=None).items == []
    for act in (place_parked, return_parked):
        with pytest.raises(NotFound):
            act(payment_id, by=stranger, now=NOW)


def late_at_stripe(double: Double, there: Market) -> tuple[OrderId, PaymentId]:
    """Let an order lapse whose payment was cancelled, and the shopper pay all the same."""
    order_id = ordered(there, "10")
    payment = collected(there, order_id, 30_000)
    ask_at(NOW)
    double.pay(payment.id)
    cancel_payment(payment.id, reason="改用转账", by=there.by("finance"), now=NOW)
    assert expire_next(now=NOW + timedelta(days=31)) == 1
    return order_id, payment.id


def looked_up(payment_id: PaymentId) -> StripeIntent:
    ask_at(NOW)
    return intent_of(payment_id)


def test_money_of_a_lapsed_order_counts_where_the_gates_let_it(double: Double) -> None:
    there = market()
    order_id, payment_id = late_at_stripe(double, there)
    found = looked_up(payment_id)
    assert found.status is IntentStatus.SUCCEEDED
    assert order_of(order_id).order_status is OrderStatus.CONFIRMED
    assert quota_of(there) == (0, 30_000)


def test_else_it_lies_apart_until_people_try_again(double: Double) -> None:
    there = market()
    order_id, payment_id = late_at_stripe(double, there)
    other = ordered(there, "115")
    found = looked_up(payment_id)
    assert found.parked_reason == "stock_short"
    assert order_of(order_id).order_status is OrderStatus.EXPIRED
    cancel_order(other, reason="不要了", expected_version=None, by=there.by("buyer"), now=NOW)
    by = there.by("finance")
    placed = place_parked(found.payment_id, by=by, now=NOW)
    assert placed.status is IntentStatus.SUCCEEDED
