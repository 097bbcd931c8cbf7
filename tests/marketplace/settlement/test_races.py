"""R6: rivals about one order's money, one paused behind each of its statements in turn.

While the first rival pauses, the second runs until it ends or waits; then the first goes on.
Whatever the point, the outcome is one of the two serial ones. BANGFU_RACE_STEP=1 takes every
point; without it every fourth is taken.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from threading import Event, get_ident

import pytest
from flask import Flask
from sqlalchemy import Select, event, func, select
from sqlalchemy.exc import SQLAlchemyError

from kernel.actor import Actor
from kernel.database import db
from kernel.errors import Refusal
from kernel.money import Fen
from kernel.operations import judge
from kernel.unit_of_work import run
from marketplace.attribution.commands.posting import post_attribution
from marketplace.attribution.models.postings import Attribution
from marketplace.orders.commands.deciding import cancel_order, expire_next
from marketplace.orders.models.orders import OrderId, PayMode, PurchaseOrder
from marketplace.settlement.commands.payments import (
    NewPayment,
    cancel_payment,
    confirm_payment,
    register_payment,
)
from marketplace.settlement.commands.refunds import NewRefund, refund_payment
from marketplace.settlement.models.payments import Payment, PaymentId, PaymentMethod
from marketplace.wiring import MARKETPLACE
from procurement.quotas.models import QuotaHold
from registry.accounts.models import Role
from tests.builders import registry
from tests.builders.settlement import NOW, Market, market, ordered, paid, received, shipped

LATE = NOW.replace(month=8)
"""Behind the thirty days that a pay-first order waits."""
STEP = int(os.environ.get("BANGFU_RACE_STEP", "4"))
OTHERS_TO_JUDGE = {"M12_earned"}
"""What only the handlers of the news make true; none runs here."""
PATIENCE = 0.1
"""Seconds after which a rival that has not ended is taken to wait for a lock."""
Act = Callable[[OrderId], object]
Outcome = tuple[object, ...]


@dataclass(frozen=True)
class Stage:
    """A market in a database of its own, with real commits, and its people."""

    app: Flask
    there: Market
    by: dict[str, Actor]

    def order(self, *, prepare: Act, mode: PayMode = PayMode.PAY_FIRST) -> OrderId:
        """Commit a new order, brought to where the rivals meet."""

        def unit() -> OrderId:
            order_id = ordered(self.there, "1", mode=mode)
            prepare(order_id)
            return order_id

        return run(unit)


@pytest.fixture
def stage(fresh: Flask) -> Iterator[Stage]:
    with fresh.app_context():
        there = run(market)
        second = run(lambda: registry.user(there.unit, [Role.UNIT_FINANCE]))
        people = {name: there.by(name) for name in ("buyer", "finance", "clerk", "manager")}
        yield Stage(fresh, there, {**people, "second": registry.actor_of(second)})


class Pause:
    """Stops a thread behind its n-th statement until it is told to go on; counts them too."""

    def __init__(self, behind: int) -> None:
        self.behind, self.thread, self.seen = behind, 0, 0
        self.reached, self.go_on = Event(), Event()

    def __call__(self, *_: object) -> None:
        """Listen to `after_cursor_execute`."""
        if get_ident() != self.thread:
            return
        self.seen += 1
        if self.seen == self.behind:
            self.reached.set()
            self.go_on.wait(timeout=20)


def attempt(app: Flask, act: Act, order_id: OrderId, pause: Pause | None = None) -> str:
    """Act in a thread's own transaction; say what came of it."""
    with app.app_context():
        if pause is not None:
            pause.thread = get_ident()
        try:
            run(lambda: act(order_id))
        except (Refusal, SQLAlchemyError) as refused:
            return type(refused).__name__
        finally:
            if pause is not None:
                pause.reached.set()
            db.session.remove()
    return "done"


def meet(stage: Stage, order_id: OrderId, first: Act, second: Act, pause: Pause) -> Outcome:
    """Let the second rival run while the first one pauses; give what came of both."""
    engine = db.engine
    event.listen(engine, "after_cursor_execute", pause)
    try:
        with ThreadPoolExecutor(2) as pool:
            one: Future[str] = pool.submit(attempt, stage.app, first, order_id, pause)
            pause.reached.wait(timeout=20)
            other = pool.submit(attempt, stage.app, second, order_id)
            wait([other], timeout=PATIENCE)
            pause.go_on.set()
            answers = (one.result(timeout=20), other.result(timeout=20))
    finally:
        event.remove(engine, "after_cursor_execute", pause)
    return (*answers, *state_of(order_id))


def state_of(order_id: OrderId) -> Outcome:
    """Read what the database says of the order after everything."""
    db.session.rollback()
    of_order = PurchaseOrder.id == order_id
    order = db.session.execute(
        select(
            PurchaseOrder.order_status,
            PurchaseOrder.pending_fen,
            PurchaseOrder.paid_fen,
            PurchaseOrder.refunded_fen,
        ).where(of_order)
    ).one()
    hold = db.session.execute(
        select(QuotaHold.posted, QuotaHold.released).where(QuotaHold.order_id == order_id)
    ).one()
    split = select(func.count(), func.sum(Attribution.amount_fen))
    posted = db.session.execute(split.where(Attribution.order_id == order_id)).one()
    db.session.rollback()
    return (*order, *hold, *posted)


def serial(stage: Stage, order_id: OrderId, first: Act, second: Act) -> Outcome:
    answers = [attempt(stage.app, act, order_id) for act in (first, second)]
    return (*answers, *state_of(order_id))


def swapped(outcome: Outcome) -> Outcome:
    return (outcome[1], outcome[0], *outcome[2:])


def payment_of(order_id: OrderId) -> PaymentId:
    found = db.session.scalars(select(Payment.id).where(Payment.order_id == order_id)).first()
    assert found is not None
    return PaymentId(found)


def nothing(_: OrderId) -> None:
    """Leave an order as it was taken on."""


def pays(stage: Stage, order_id: OrderId, *, who: str = "finance") -> object:
    new = NewPayment(PaymentMethod.TREASURY, Fen(3_000))
    return register_payment(new, order_id=order_id, by=stage.by[who], now=LATE)


def refunds(stage: Stage, order_id: OrderId) -> object:
    new = NewRefund(Fen(2_000), "渗漏")
    by = stage.by["manager"]
    return refund_payment(new, payment_id=payment_of(order_id), by=by, now=LATE)


def confirms(stage: Stage, order_id: OrderId) -> object:
    return confirm_payment(payment_of(order_id), by=stage.by["manager"], now=LATE)


def withdraws(stage: Stage, order_id: OrderId) -> object:
    by = stage.by["finance"]
    return cancel_payment(payment_of(order_id), reason="填错", by=by, now=LATE)


def calls_off(stage: Stage, order_id: OrderId) -> object:
    by = stage.by["buyer"]
    return cancel_order(order_id, reason="不要了", expected_version=None, by=by, now=LATE)


def lapses(_: Stage, __: OrderId) -> object:
    return expire_next(now=LATE)


def splits(_: Stage, order_id: OrderId) -> object:
    post_attribution(order_id, now=LATE)
    return None


def sent(stage: Stage, order_id: OrderId) -> object:
    return paid(stage.there, order_id, 3_000, confirm=False)


def came(stage: Stage, order_id: OrderId) -> object:
    return paid(stage.there, order_id, 3_000)


def taken_in(stage: Stage, order_id: OrderId) -> object:
    shipped(stage.there, order_id, (1, None))
    received(stage.there, order_id, "1")
    return paid(stage.there, order_id, 3_000)


Step = Callable[[Stage, OrderId], object]
Pair = tuple[Step, Step, Step]
"""What brings an order to where two rivals meet, and the rivals."""
PAIRS: dict[str, Pair] = {
    "expiry × payment": (lambda _, order: nothing(order), lapses, pays),
    "two payers": (lambda _, order: nothing(order), pays, partial(pays, who="second")),
    "refund × refund": (came, refunds, refunds),
    "confirm × confirm": (sent, confirms, confirms),
    "confirm × withdraw": (sent, confirms, withdraws),
    "payment × calling off": (lambda _, order: nothing(order), pays, calls_off),
    "split × split": (taken_in, splits, splits),
    "split × refund": (taken_in, splits, refunds),
}


def bound(stage: Stage, step: Step) -> Act:
    return lambda order_id: step(stage, order_id)


def outcomes(stage: Stage, pair: Pair) -> Iterator[tuple[int, Outcome, bool]]:
    """Run a pair in both orders, paused behind every statement; say whether it was serial."""
    prepare, *rivals = (bound(stage, step) for step in pair)
    mode = PayMode.GOODS_FIRST if pair[0] is taken_in else PayMode.PAY_FIRST
    for first, second in (rivals, rivals[::-1]):
        behind, pause = 1 - STEP, Pause(0)
        allowed = {
            serial(stage, stage.order(prepare=prepare, mode=mode), first, second),
            swapped(serial(stage, stage.order(prepare=prepare, mode=mode), second, first)),
        }
        while pause.seen >= behind:
            behind += STEP
            pause = Pause(behind)
            order_id = stage.order(prepare=prepare, mode=mode)
            outcome = meet(stage, order_id, first, second, pause)
            yield behind, outcome, outcome in allowed


@pytest.mark.parametrize("pair", PAIRS)
def test_whatever_the_point_the_outcome_is_a_serial_one(pair: str, stage: Stage) -> None:
    points = 0
    for behind, outcome, is_serial in outcomes(stage, PAIRS[pair]):
        assert is_serial, (behind, outcome)
        points += 1
    assert points >= 2
    found = judge(MARKETPLACE.invariants)
    assert {one.code for one in found if not one.holds} <= OTHERS_TO_JUDGE


@pytest.mark.parametrize("pair", ["two payers", "refund × refund", "expiry × payment"])
def test_control_without_locks_rivals_do_not_end_serially(
    pair: str, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Select, "with_for_update", lambda query, **_: query)
    assert not all(is_serial for _, _, is_serial in outcomes(stage, PAIRS[pair]))
