"""P1 and P2: events in any order, any number of times, and events that are not Stripe's."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy import func, select
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from demo.stripe_double import returns
from demo.stripe_double.events import body_of, signature
from demo.stripe_double.state import Object, seconds
from kernel import clock
from kernel.audit import AuditRow
from kernel.database import db
from kernel.events import EventRow
from kernel.operations import judge
from marketplace.settlement.models.payments import Allocation, Payment, PaymentId, Refund
from marketplace.settlement.models.stripe import (
    StripeDispute,
    StripeEvent,
    StripeIntent,
    StripeMovement,
    StripeWay,
)
from marketplace.settlement.queries.stripe_promises import STRIPE_PROMISES
from tests.builders.settlement import NOW, Market, market, order_of, ordered
from tests.builders.stripe import SECRET, Double, ask_at, collected, intent_of, payment_of, signed
from tests.conftest import Client

HOOK = "/api/v1/webhooks/stripe"
TABLES = (StripeEvent, StripeIntent, StripeMovement, StripeDispute, Payment, Refund, Allocation,
          EventRow, AuditRow)  # fmt: skip
SUITE, SOAK = 10, 500
"""Permutations in the suite and in the soak; each delivers about twenty events."""


def counts() -> list[int]:
    return [db.session.scalar(select(func.count()).select_from(one)) or 0 for one in TABLES]


def opened(there: Market, amount: int = 3_000) -> PaymentId:
    payment = collected(there, ordered(there, "1"), amount, way=StripeWay.CARD)
    ask_at(NOW)
    return payment.id


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
    there, deliveries = market(), 0
    first = opened(there)
    for events in a_life(double, first):
        deliver(client, events, every=1)
    wanted = effect(first)
    assert wanted[1:6] == (3_000, 3_000, 3_000, "succeeded", 3_000)
    for seed in range(permutations):
        there = there if seed % 50 else market()
        payment_id = opened(there)
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


@contextmanager
def overheard() -> Iterator[list[Any]]:
    """Listen to what is logged from INFO on."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    try:
        with capture_logs() as logs:
            yield logs
    finally:
        structlog.configure(wrapper_class=before)


def code_of(answer: TestResponse) -> str:
    assert answer.json is not None
    return str(answer.json["code"])


def changed(event: Object, **values: Any) -> Object:
    return {**event, **values}


def about(event: Object, **values: Any) -> Object:
    return {**event, "data": {"object": {**event["data"]["object"], **values}}}


def posted(body: bytes, header: str | None) -> dict[str, Any]:
    return {"data": body, "headers": {} if header is None else {"Stripe-Signature": header}}


def resigned(event: Object) -> str:
    return signature(body_of(event), secret=SECRET)


Forge = Callable[[Object], dict[str, Any]]
SIGNATURES: dict[str, Forge] = {
    "no signature": lambda e: posted(body_of(e), None),
    "an empty signature": lambda e: posted(body_of(e), ""),
    "no scheme": lambda e: posted(body_of(e), f"t={seconds()}"),
    "no time": lambda e: posted(body_of(e), resigned(e).split(",")[1]),
    "a word for time": lambda e: posted(body_of(e), "t=now," + resigned(e).split(",")[1]),
    "another secret": lambda e: posted(body_of(e), signature(body_of(e), secret="whsec_other")),
    "an empty secret": lambda e: posted(body_of(e), signature(body_of(e), secret="")),
    "the scheme of tests": lambda e: posted(body_of(e), resigned(e).replace("v1=", "v0=")),
    "a shorter signature": lambda e: posted(body_of(e), resigned(e)[:-1]),
    "another letter": lambda e: posted(body_of(e), resigned(e)[:-1] + "g"),
    "nonsense": lambda e: posted(body_of(e), "nonsense"),
    "another event's": lambda e: posted(body_of(e), resigned(changed(e, id="evt_2"))),
    "301 seconds old": lambda e: signed(e, at=seconds() - 301),
    "a year old": lambda e: signed(e, at=seconds() - 31_536_000),
    "ahead of time": lambda e: signed(e, at=seconds() + 302),
    "another time": lambda e: posted(body_of(e), resigned(e).replace("t=", "t=1")),
    "written anew": lambda e: posted(json.dumps(e).encode(), resigned(e)),
    "a byte more": lambda e: posted(body_of(e) + b" ", resigned(e)),
    "a byte less": lambda e: posted(body_of(e)[:-1], resigned(e)),
    "no body": lambda e: posted(b"", resigned(e)),
}
CONTENTS: dict[str, Forge] = {
    "not JSON": lambda _: posted(b"{", signature(b"{", secret=SECRET)),
    "not text": lambda _: posted(b"\xff\xfe", "t=1,v1=0"),
    "a list": lambda _: posted(b"[]", signature(b"[]", secret=SECRET)),
    "no object": lambda e: signed(changed(e, data={})),
    "another kind of thing": lambda e: signed(changed(e, object="charge")),
    "a live event": lambda e: signed(changed(e, livemode=True)),
    "another version": lambda e: signed(changed(e, api_version="2024-06-20")),
    "no version": lambda e: signed({k: v for k, v in e.items() if k != "api_version"}),
    "another account's": lambda e: signed(changed(e, account="acct_other")),
    "a kind nobody asked for": lambda e: signed(changed(e, type="customer.created")),
    "another amount": lambda e: signed(about(e, amount=1)),
    "no whole amount": lambda e: signed(about(e, amount="3000.5")),
    "another currency": lambda e: signed(about(e, currency="usd")),
    "an unknown payment": lambda e: signed(about(e, id="pi_none", metadata={})),
    "an unknown payment of ours": lambda e: signed(
        about(e, id="pi_none", metadata={"payment_id": "0192d3a0-0000-7000-8000-000000000000"})
    ),
    "a payment that is no key": lambda e: signed(about(e, metadata={"payment_id": "1"})),
    "another's intent under our key": lambda e: signed(about(e, id="pi_other")),
}
FORGED = {**SIGNATURES, **CONTENTS}


def test_what_is_not_proved_is_refused_writes_nothing_and_is_logged_once(
    double: Double, client: Client
) -> None:
    payment_id = opened(market())
    double.pay(payment_id)
    event = next(e for e in double.state.events if e["type"] == "payment_intent.succeeded")
    before = counts()
    assert len(FORGED) >= 30
    for name, forge in FORGED.items():
        with overheard() as logs:
            answer = client.post(HOOK, **forge(event))
        assert (answer.status_code, code_of(answer)) == (400, "event_refused"), name
        assert [one["event"] for one in logs] == ["refused"], name
        assert "whsec" not in str(logs) + answer.text, name
        assert double.intent(payment_id)["id"] not in str(logs), name
        assert counts() == before, name
    with overheard() as logs:
        assert client.post(HOOK, data=b"x" * 10_000_000).status_code == 413
    assert [one["event"] for one in logs] == ["refused"]
    assert counts() == before
    assert client.post(HOOK, **signed(event)).status_code == 204
    assert counts() != before


def test_control_without_the_signatures_check_a_forged_event_is_heard(
    double: Double, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.settlement.gateway._check_signature", lambda *_, **__: None)
    payment_id = opened(market())
    event = next(e for e in double.state.events if e["type"] == "payment_intent.created")
    heard = [client.post(HOOK, **forge(event)).status_code for forge in SIGNATURES.values()]
    assert 204 in heard
    assert payment_of(payment_id).status == "pending"


def test_where_stripe_is_not_offered_nobody_listens(client: Client) -> None:
    answer = client.post(HOOK, data=b"{}", headers={"Stripe-Signature": "t=1,v1=0"})
    assert (answer.status_code, code_of(answer)) == (400, "event_refused")
