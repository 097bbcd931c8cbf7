"""P5: what people do with a payment while Stripe tells what became of it, at every point."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import Select, select

from kernel.database import db
from kernel.money import Fen
from kernel.operations import judge
from marketplace.orders.models.orders import OrderId
from marketplace.settlement.commands import standings
from marketplace.settlement.commands.payments import NewPayment, register_payment
from marketplace.settlement.models.payments import Payment, PaymentMethod
from marketplace.settlement.rules.payments import NOTHING
from marketplace.settlement.rules.stripe import (
    CURRENCY,
    Errand,
    ErrandKind,
    SeenDispute,
    SeenIntent,
    SeenMovement,
    Standing,
)
from marketplace.wiring import MARKETPLACE
from tests.marketplace.settlement.test_races import (
    LATE,
    OTHERS_TO_JUDGE,
    Pair,
    Stage,
    outcomes,
    payment_of,
    refunds,
    stage,
    withdraws,
)

__all__ = ["stage"]
WHOLE, REST = Fen(3_000), Fen(1_000)
"""What was paid, and what a refund of ours leaves of it."""


def sent(stage: Stage, order_id: OrderId) -> object:
    """Register a payment that Stripe is to collect."""
    new = NewPayment(PaymentMethod.STRIPE, WHOLE)
    by = stage.by["finance"]
    return register_payment(new, order_id=order_id, by=by, now=LATE, stripe=True)


def hears(_: Stage, order_id: OrderId, *, back: Fen = NOTHING, lost: Fen = NOTHING) -> object:
    """Take in what an event made us ask: the money came, and what of it went back at Stripe."""
    payment_id = payment_of(order_id)
    errand = Errand(ErrandKind.LOOK, payment_id, None, "", WHOLE, LATE)
    seen = SeenIntent(
        f"pi_{payment_id}", "succeeded", WHOLE, WHOLE, CURRENCY, None, None, None, None
    )
    refunds = [SeenMovement(f"re_{payment_id}", back, "succeeded", None)] if back else []
    disputes = [SeenDispute(f"dp_{payment_id}", lost, "lost", "fraudulent")] if lost else []
    standings.settle(errand, Standing(seen, refunds, disputes), now=LATE)
    return None


def came(stage: Stage, order_id: OrderId) -> object:
    sent(stage, order_id)
    return hears(stage, order_id)


PAIRS: dict[str, Pair] = {
    "refund × refund at Stripe": (came, refunds, partial(hears, back=REST)),
    "refund × lost dispute": (came, refunds, partial(hears, lost=WHOLE)),
    "withdrawing × money that came": (sent, withdraws, hears),
    "lost dispute × lost dispute": (came, partial(hears, lost=WHOLE), partial(hears, lost=WHOLE)),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_whatever_the_point_an_event_and_people_end_serially(pair: str, stage: Stage) -> None:
    points = 0
    for behind, outcome, is_serial in outcomes(stage, PAIRS[pair]):
        assert is_serial, (behind, outcome)
        points += 1
    assert points >= 2
    money = select(Payment.id).where(Payment.refunded_fen > Payment.amount_fen)
    assert db.session.scalars(money).all() == []
    found = judge(MARKETPLACE.invariants)
    assert {one.code for one in found if not one.holds} <= OTHERS_TO_JUDGE


def test_control_without_locks_they_do_not(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Select, "with_for_update", lambda query, **_: query)
    pair = PAIRS["refund × refund at Stripe"]
    assert not all(is_serial for _, _, is_serial in outcomes(stage, pair))
