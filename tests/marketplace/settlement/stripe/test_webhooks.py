"""P1 and P2: events in any order, any number of times, and events that are not Stripe's."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from demo.stripe_double import returns
from demo.stripe_double.state import Object
from kernel import clock
from kernel.database import db
from kernel.operations import judge
from marketplace.settlement.models.payments import PaymentId, Refund
from marketplace.settlement.models.stripe import (
    StripeDispute,
    StripeEvent,
    StripeMovement,
)
from marketplace.settlement.queries.stripe_promises import STRIPE_PROMISES
from tests.builders.settlement import NOW, market, order_of, ordered
from tests.builders.stripe import Double, ask_at, collected, intent_of, opened, payment_of, signed
from tests.conftest import Client

HOOK = "/api/v1/webhooks/stripe"
SUITE, SOAK = 10, 500
"""Permutations in the suite and in the soak; each delivers about twenty events."""


def a_life(double: Double, payment_id: PaymentId) -> Iterator[list[Object]]:
    """Let a payment be paid, refunded at Stripe, disputed and lost; give each act's events."""
    yield told_since(double, 0, payment_id)
    asked = {"payment_intent": double.intent(payment_id)["id"], "amount": "1000"}
    acts: list[Callable[[], Any]] = [
        lambda: double.pay(payment_id),
        lambda: returns.create_refund(double.state, asked),
        lambda: double.dispute(payment_id),
        lambda: returns.close_dispute(double.state, double.state.of("dispute")[0]),
    ]
    for act in acts:
        before = len(double.state.events)
        act()
        yield told_since(double, before, payment_id)


def told_since(double: Double, before: int, payment_id: PaymentId) -> list[Object]:
    """Give the events about a payment behind so many of all."""
    key = double.intent(payment_id)["id"]
    since = double.state.events[before:]
    subjects = [one["data"]["object"] for one in since]
    is_its = [key in {one["id"], one.get("payment_intent")} for one in subjects]
    return [one for one, wanted in zip(since, is_its, strict=True) if wanted]


def effect(payment_id: PaymentId) -> tuple[Any, ...]:
    payment = payment_of(payment_id)
    order = order_of(payment.order_id)
    intent = intent_of(payment_id)
    tables = (StripeEvent, StripeMovement, StripeDispute, Refund)
    rows = [
        db.session.scalar(select(func.count()).where(one.payment_id == payment_id))
        for one in tables
    ]
    return (
        payment.status, payment.refunded_fen, order.paid_fen, order.refunded_fen,
        intent.status, intent.received_fen, *rows,
    )  # fmt: skip


def deliver(client: Client, events: Sequence[Object], *, every: int) -> int:
    """Post events; let the timer come by after so many of them. Give how many there were."""
    for number, event in enumerate(events):
        assert client.post(HOOK, **signed(event)).status_code == 204
        if number % every == 0:
            ask_at(clock.now())
    return len(events)


def shuffled(events: Sequence[Object], rng: random.Random) -> list[Object]:
    """Duplicate each event one to five times, and put all in any order."""
    many = [one for one in events for _ in range(rng.randint(1, 5))]
    rng.shuffle(many)
    return many


def deliver_wildly(client: Client, life: Iterator[list[Object]], rng: random.Random) -> int:
    """Deliver each act's events now, later or again, in any order; give how many."""
    waiting: list[Object] = []
    delivered = 0
    for events in life:
        waiting += shuffled(events, rng)
        rng.shuffle(waiting)
        now = rng.randrange(len(waiting) + 1)
        delivered += deliver(client, waiting[:now], every=rng.randint(1, 7))
        waiting = waiting[now:]
    return delivered + deliver(client, waiting, every=rng.randint(1, 7))


def permute(double: Double, client: Client, permutations: int) -> int:
    """Deliver so many lives in any order; each must end as the one told in order. Give how many."""
    deliveries, first = 0, opened(market())
    for events in a_life(double, first):
        deliver(client, events, every=1)
    wanted = effect(first)
    assert wanted[1:6] == (3_000, 3_000, 3_000, "succeeded", 3_000)
    for seed in range(permutations):
        payment_id = opened(market())
        deliveries += deliver_wildly(client, a_life(double, payment_id), random.Random(seed))
        with clock.stopped(NOW + timedelta(days=3)):
            ask_at(clock.now())
        assert effect(payment_id) == wanted
    assert [one.code for one in judge(STRIPE_PROMISES) if not one.holds] == []
    return deliveries


def test_in_any_order_and_number_events_end_as_in_order(
    double: Double, client: Client, clock_at: Callable[..., Any]
) -> None:
    with clock_at(NOW):
        assert permute(double, client, SUITE) >= 200


@pytest.mark.soak
def test_ten_thousand_deliveries_end_as_in_order(
    double: Double, client: Client, clock_at: Callable[..., Any]
) -> None:
    with clock_at(NOW):
        assert permute(double, client, SOAK) >= 10_000


def last_event_wins(events: Sequence[Object]) -> str:
    """Take a payment's state from its last event: the careless way."""
    told = [one["data"]["object"] for one in events]
    return str([one["status"] for one in told if one["object"] == "payment_intent"][-1])


def test_control_where_the_last_event_wins_the_order_decides(
    double: Double, client: Client
) -> None:
    del client
    events = [one for act in a_life(double, opened(market())) for one in act]
    rng = random.Random(1)
    ends = {last_event_wins(shuffled(events, rng)) for _ in range(50)}
    assert ends > {"succeeded"}


def test_without_any_event_the_timer_finds_the_money(double: Double, client: Client) -> None:
    del client
    payment_id = opened(market())
    double.pay(payment_id)
    ask_at(NOW + timedelta(minutes=10))
    assert intent_of(payment_id).status == "succeeded"


def test_an_event_that_comes_before_the_answer_is_of_its_payment(
    double: Double, client: Client, clock_at: Callable[..., Any]
) -> None:
    with clock_at(NOW):
        payment_id = collected(there := market(), ordered(there, "1"), 3_000).id
        double.state.faults.append("cut")
        ask_at(NOW)
        assert intent_of(payment_id).stripe_id is None
        (event,) = [one for one in double.state.events if one["type"].endswith("created")]
        assert client.post(HOOK, **signed(event)).status_code == 204
        ask_at(NOW)
        assert intent_of(payment_id).stripe_id == double.intent(payment_id)["id"]
        assert len(double.state.of("payment_intent")) == 1
