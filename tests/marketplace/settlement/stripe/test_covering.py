"""Money that went back at Stripe without us, while a refund of ours still waits to be made."""

from __future__ import annotations

import pytest

from demo.stripe_double import returns
from kernel.money import Fen
from kernel.operations import judge
from marketplace.settlement.commands import standings
from marketplace.settlement.commands.parked import move_again
from marketplace.settlement.commands.refunds import NewRefund, refund_payment
from marketplace.settlement.models.payments import PaymentId
from marketplace.settlement.models.stripe import MovementKind, MovementStatus
from marketplace.settlement.queries.stripe import list_failed
from marketplace.settlement.queries.stripe_promises import STRIPE_PROMISES
from tests.builders.settlement import NOW, Market, market, ordered, quota_of
from tests.builders.stripe import Double, ask_at, moved, paid_by_stripe, payment_of, ring

pytestmark = pytest.mark.usefixtures("db_session")
REFUND = MovementKind.REFUND
WANTED, _, DONE, FAILED, COVERED = MovementStatus


def refunded(there: Market, payment_id: PaymentId, amount: int) -> None:
    """Let money go back; Stripe is not asked yet."""
    new = NewRefund(Fen(amount), "渗漏")
    refund_payment(new, payment_id=payment_id, by=there.by("finance"), now=NOW)


def elsewhere(double: Double, payment_id: PaymentId, amount: int) -> None:
    """Let somebody refund at Stripe itself."""
    asked = {"payment_intent": double.intent(payment_id)["id"], "amount": str(amount)}
    returns.create_refund(double.state, asked)


def hears(payment_id: PaymentId) -> None:
    """Hear that something happened, and ask Stripe whatever is due."""
    ring(payment_id)
    ask_at(NOW)


def holds() -> bool:
    """Say whether the promises about Stripe hold."""
    return not any(one.rows for one in judge(STRIPE_PROMISES))


def test_a_refund_that_waits_is_asked_for_as_far_as_it_was_not_made_elsewhere(
    double: Double,
) -> None:
    there = market()
    payment_id = paid_by_stripe(double, there, ordered(there, "10"), 30_000)
    refunded(there, payment_id, 25_000)
    elsewhere(double, payment_id, 20_000)
    hears(payment_id)
    assert sorted(moved(payment_id)) == [(REFUND, 10_000, DONE), (REFUND, 20_000, DONE)]
    assert payment_of(payment_id).refunded_fen == 30_000
    assert double.charge(payment_id)["amount_refunded"] == 30_000
    assert quota_of(there) == (0, 0)
    assert holds()


def test_a_refund_made_whole_elsewhere_is_covered_and_never_asked_for(double: Double) -> None:
    there = market()
    payment_id = paid_by_stripe(double, there, ordered(there, "10"), 30_000)
    refunded(there, payment_id, 30_000)
    elsewhere(double, payment_id, 30_000)
    for _ in range(2):
        hears(payment_id)
    assert sorted(moved(payment_id), key=str) == [(REFUND, 30_000, COVERED), (REFUND, 30_000, DONE)]
    assert payment_of(payment_id).refunded_fen == 30_000
    assert list_failed(there.by("manager"), limit=10, cursor=None).items == []
    assert holds()


def test_what_stripe_declined_is_asked_for_anew_for_what_is_left(double: Double) -> None:
    there = market()
    payment_id = paid_by_stripe(double, there, ordered(there, "10"), 30_000)
    refunded(there, payment_id, 25_000)
    elsewhere(double, payment_id, 20_000)
    ask_at(NOW)
    (shown,) = list_failed(there.by("manager"), limit=10, cursor=None).items
    assert shown.amount_fen == 25_000
    hears(payment_id)
    assert list_failed(there.by("manager"), limit=10, cursor=None).items == []
    assert double.charge(payment_id)["amount_refunded"] == 30_000
    assert holds()


def test_a_lost_dispute_covers_what_was_still_to_be_refunded(double: Double) -> None:
    there = market()
    payment_id = paid_by_stripe(double, there, ordered(there, "10"), 30_000)
    refunded(there, payment_id, 1_000)
    dispute = double.dispute(payment_id)
    returns.close_dispute(double.state, dispute, status="lost")
    ring(payment_id)
    ask_at(NOW)
    assert payment_of(payment_id).refunded_fen == 30_000
    assert quota_of(there) == (0, 0)
    assert moved(payment_id) == [(REFUND, 1_000, COVERED)]
    assert holds()


def test_control_without_the_covering_the_buyer_is_owed_for_ever(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standings, "cover", lambda *_, **__: None)
    there = market()
    payment_id = paid_by_stripe(double, there, ordered(there, "10"), 30_000)
    refunded(there, payment_id, 25_000)
    elsewhere(double, payment_id, 20_000)
    hears(payment_id)
    (shown,) = list_failed(there.by("manager"), limit=10, cursor=None).items
    move_again(shown.id, by=there.by("finance"), now=NOW)
    ask_at(NOW)
    assert payment_of(payment_id).refunded_fen == 30_000
    assert double.charge(payment_id)["amount_refunded"] == 20_000
