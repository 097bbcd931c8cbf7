"""P6: Stripe down, slow, busy, or silent once it acted: orders stay, each thing happens once."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from flask import Flask

from demo.stripe_double import server
from kernel.money import Fen
from kernel.unit_of_work import run
from marketplace.orders.models.orders import OrderStatus, PayMode
from marketplace.settlement.commands import errands
from marketplace.settlement.commands.refunds import NewRefund, refund_payment
from marketplace.settlement.gateway import SECONDS, WHOLE_SECONDS, find_gateway, gateway_of
from marketplace.settlement.models.stripe import IntentStatus, MovementStatus, StripeWay
from marketplace.settlement.rules.stripe import ErrandKind, wait_after
from tests.builders.settlement import NOW, market, order_of, ordered
from tests.builders.stripe import (
    Double,
    ask_at,
    collected,
    intent_of,
    movements_of,
    paid_by_stripe,
)

FAULTS = ("busy", "before", "after", "cut")
pytestmark = pytest.mark.usefixtures("db_session")


def ask_until(holds: Callable[[], bool]) -> datetime:
    """Let the timer come by every minute until something holds."""
    for minutes in range(60):
        now = NOW + timedelta(minutes=minutes)
        ask_at(now)
        if holds():
            return now
    raise AssertionError("it never held")


@pytest.mark.parametrize("fault", FAULTS)
def test_an_intent_is_opened_once_whatever_happens_to_the_answer(
    double: Double, fault: str
) -> None:
    there = market()
    order_id = ordered(there, "1")
    payment = collected(there, order_id, 3_000)
    double.state.faults.extend([fault] * 3)
    assert ask_at(NOW) == 0
    assert intent_of(payment.id).status is IntentStatus.WANTED
    order = order_of(order_id)
    assert (order.order_status, order.pending_fen) == (OrderStatus.CONFIRMED, 3_000)
    ask_until(lambda: intent_of(payment.id).status is IntentStatus.OPEN)
    assert len(double.state.of("payment_intent")) == 1
    keys = double.posts("/v1/payment_intents")
    assert len(keys) == 4
    assert set(keys) == {f"bangfu-open-{payment.id}-0"}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_refund_is_made_once_whatever_happens_to_the_answer(double: Double, fault: str) -> None:
    there = market()
    payment_id = paid_by_stripe(double, there, ordered(there, "1"), 3_000)
    by = there.by("manager")
    refund_payment(NewRefund(Fen(1_000), "渗漏"), payment_id=payment_id, by=by, now=NOW)
    double.state.faults.extend([fault] * 3)
    ask_until(lambda: movements_of(payment_id)[0].status is MovementStatus.DONE)
    (refund,) = double.state.of("refund")
    assert refund["amount"] == double.charge(payment_id)["amount_refunded"] == 1_000
    assert len(set(double.posts("/v1/refunds"))) == 1
    assert len(double.posts("/v1/refunds")) == 4


def test_control_a_new_key_each_time_charges_twice(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = market()
    payment_id = paid_by_stripe(double, there, ordered(there, "1"), 3_000)
    numbers = count()
    monkeypatch.setattr(
        "marketplace.settlement.rules.stripe.key_of", lambda *_, **__: f"new-{next(numbers)}"
    )
    by = there.by("manager")
    refund_payment(NewRefund(Fen(1_000), "渗漏"), payment_id=payment_id, by=by, now=NOW)
    double.state.faults.append("after")
    ask_until(lambda: movements_of(payment_id)[0].status is MovementStatus.DONE)
    assert double.charge(payment_id)["amount_refunded"] == 2_000


def test_looking_survives_each_fault_and_the_money_counts_once(double: Double) -> None:
    there = market()
    order_id = ordered(there, "1")
    payment = collected(there, order_id, 3_000)
    ask_at(NOW)
    double.pay(payment.id)
    double.state.faults.extend([*FAULTS, "", "after", "", "", "cut"])
    ask_until(lambda: order_of(order_id).paid_fen > 0)
    assert order_of(order_id).paid_fen == 3_000


@pytest.mark.parametrize(("limit", "said"), [("SECONDS", (0.3, 0.3)), ("WHOLE_SECONDS", 0.3)])
def test_a_slow_stripe_is_not_waited_for_longer_than_said(
    double: Double, monkeypatch: pytest.MonkeyPatch, limit: str, said: object
) -> None:
    monkeypatch.setattr(f"marketplace.settlement.gateway.{limit}", said)
    gateway_of.cache_clear()
    monkeypatch.setattr(server, "SLOW", 2.0)
    there = market()
    payment = collected(there, ordered(there, "1"), 3_000)
    double.state.faults.append("slow")
    began = time.monotonic()
    assert ask_at(NOW) == 0
    assert not double.state.of("payment_intent")
    while not double.state.of("payment_intent"):  # it acts, and nobody hears of it
        assert time.monotonic() - began < 30
    ask_until(lambda: intent_of(payment.id).status is IntentStatus.OPEN)
    assert len(double.state.of("payment_intent")) == 1
    gateway_of.cache_clear()
    assert WHOLE_SECONDS + max(SECONDS) <= 15


def test_where_nobody_listens_the_order_stays_and_is_asked_for_later(
    app: Flask, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = market()
    payment = collected(there, ordered(there, "1"), 3_000)
    settings = app.extensions["bangfu.settings"]
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        dead = replace(settings, stripe_api_url=f"http://127.0.0.1:{nobody.getsockname()[1]}")
        with monkeypatch.context() as patched:
            patched.setitem(app.extensions, "bangfu.settings", dead)
            assert ask_at(NOW) == 0
    ask_at(NOW + timedelta(minutes=1))
    assert intent_of(payment.id).status is IntentStatus.OPEN
    assert len(double.posts("/v1/payment_intents")) == 1


def test_waiting_doubles_up_to_the_longest() -> None:
    waits = [wait_after(attempts).total_seconds() for attempts in range(9)]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600]
    assert wait_after(10_000).total_seconds() == 600


def crash(*, after: int, now: datetime) -> None:
    """Take, ask and keep as the timer does, and end behind so many of these steps."""
    gateway = find_gateway()
    errand = run(lambda: errands.take_errand(now=now))
    assert gateway is not None
    assert errand is not None
    if after > 1:
        gateway.ask(errand)


@pytest.mark.parametrize("after", [1, 2])
@pytest.mark.parametrize("kind", [ErrandKind.OPEN, ErrandKind.REFUND])
def test_a_crash_between_any_two_steps_is_made_good_by_the_timer(
    double: Double, after: int, kind: ErrandKind
) -> None:
    there = market()
    order_id = ordered(there, "1", mode=PayMode.PAY_FIRST)
    if kind is ErrandKind.OPEN:
        payment_id = collected(there, order_id, 3_000, way=StripeWay.WECHAT_PAY).id
    else:
        payment_id = paid_by_stripe(double, there, order_id, 3_000)
        by = there.by("finance")
        refund_payment(NewRefund(Fen(1_000), "渗漏"), payment_id=payment_id, by=by, now=NOW)
    crash(after=after, now=NOW)
    ask_at(NOW + timedelta(minutes=1))
    assert len(double.state.of("payment_intent")) == 1
    assert len(double.state.of("refund")) == (kind is ErrandKind.REFUND)
    assert intent_of(payment_id).stripe_id is not None
    assert all(one.status is MovementStatus.DONE for one in movements_of(payment_id))
