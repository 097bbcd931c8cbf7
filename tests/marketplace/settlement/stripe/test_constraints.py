"""Each constraint of Stripe's tables speaks by its own name; each promise finds what breaks it."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from demo.stripe_double import connect, returns
from kernel.actor import SYSTEM
from kernel.database import constraint_of, db
from kernel.money import Fen
from kernel.operations import judge
from marketplace.settlement.commands.intents import move
from marketplace.settlement.commands.refunds import NewRefund, refund_payment
from marketplace.settlement.models.stripe import MovementKind
from marketplace.settlement.queries.stripe_promises import STRIPE_PROMISES
from tests.builders.settlement import NOW, market, ordered
from tests.builders.stripe import Double, ask_at, movements_of, paid_by_stripe, ring

MOVED = """
INSERT INTO stripe_movement (id, payment_id, kind, refund_id, reverses_id, amount_fen, status,
  stripe_id, wanted_at, attempts, again)
SELECT gen_random_uuid(), payment_id, {}, amount_fen, status, {}, wanted_at, 0, 0
FROM stripe_movement WHERE kind = 'refund' LIMIT 1
"""
DISPUTED = """
INSERT INTO stripe_dispute (id, payment_id, stripe_id, amount_fen, reason, status, opened_at)
SELECT gen_random_uuid(), payment_id, stripe_id, 1, 'x', 'open', opened_at FROM stripe_dispute
"""
BY_NOBODY = """
INSERT INTO refund (id, payment_id, order_id, amount_fen, reason, author_id, refunded_at,
  transfer_id)
SELECT gen_random_uuid(), payment_id, order_id, 1, 'x', author_id, refunded_at, transfer_id
FROM refund LIMIT 1
"""
STRANGER = """
INSERT INTO stripe_account (organisation_id, account_id, named_by, named_at)
SELECT id, 'acct_1', (SELECT id FROM app_user LIMIT 1), now() FROM organisation LIMIT 2
"""


@pytest.fixture
def told(double: Double, db_session: object) -> None:
    """Fill Stripe's tables: a payment refunded, transferred, disputed."""
    del db_session
    there = market()
    for _ in range(2):
        payment_id = paid_by_stripe(double, there, ordered(there, "1"), 3_000)
        by = there.by("manager")
        refund_payment(NewRefund(Fen(100), "渗漏"), payment_id=payment_id, by=by, now=NOW)
        ask_at(NOW)
    to = connect.create_account(double.state, {})["id"]
    move(payment_id, MovementKind.TRANSFER, amount=Fen(5), destination=to, by=SYSTEM, now=NOW)
    ask_at(NOW)
    transfer = movements_of(payment_id)[-1]
    move(payment_id, MovementKind.REVERSAL, amount=Fen(1), reverses=transfer, by=SYSTEM, now=NOW)
    returns.close_dispute(double.state, double.dispute(payment_id))
    ring(payment_id)
    ask_at(NOW)
    db.session.flush()


def change(statement: str) -> None:
    with db.session.begin_nested():
        db.session.execute(text(statement))


@pytest.mark.usefixtures("told")
def test_a_row_that_breaks_it_is_refused_by_name() -> None:
    broken = {
        "UPDATE stripe_intent SET received_fen = -1, status = 'open'": "ck_stripe_intent_received",
        "UPDATE stripe_intent SET received_fen = 0": "ck_stripe_intent_money",
        "UPDATE stripe_intent SET status = 'open'": "ck_stripe_intent_money",
        "UPDATE stripe_intent SET status = 'open', received_fen = 0, stripe_id = NULL":
            "ck_stripe_intent_known",
        "UPDATE stripe_intent SET status = 'parked'": "ck_stripe_intent_parked",
        "UPDATE stripe_intent SET stripe_id = 'pi_1'": "uq_stripe_intent_stripe_id",
        "UPDATE stripe_movement SET amount_fen = 0": "ck_stripe_movement_amount",
        "UPDATE stripe_movement SET stripe_id = NULL WHERE status = 'done'":
            "ck_stripe_movement_known",
        "UPDATE stripe_movement SET kind = 'transfer' WHERE kind = 'refund'":
            "ck_stripe_movement_refund",
        "UPDATE stripe_movement SET reverses_id = NULL WHERE kind = 'reversal'":
            "ck_stripe_movement_reversal",
        MOVED.format("kind, refund_id, NULL", "'re_x'"): "uq_stripe_movement_refund_id",
        MOVED.format("kind, NULL, NULL", "stripe_id"): "uq_stripe_movement_kind_stripe_id",
        "UPDATE stripe_dispute SET amount_fen = 0": "ck_stripe_dispute_amount",
        "UPDATE stripe_dispute SET status = 'won'": "ck_stripe_dispute_lost",
        DISPUTED: "uq_stripe_dispute_stripe_id",
        STRANGER: "uq_stripe_account_account_id",
        BY_NOBODY: "ck_refund_by_stripe",
        "UPDATE payment SET decided_by = NULL, method = 'treasury'": "ck_payment_decision",
    }  # fmt: skip
    for statement, name in broken.items():
        with pytest.raises(IntegrityError) as refused:
            change(statement)
        assert constraint_of(refused.value) == name, statement


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_was_heard_stays(act: str) -> None:
    change("INSERT INTO stripe_event SELECT 'evt_1', 'x', payment_id, now() FROM stripe_intent"
           " LIMIT 1")  # fmt: skip
    with pytest.raises(IntegrityError, match="append-only"):
        change(act.format("stripe_event"))


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE stripe_intent SET received_fen = received_fen - 1", "M30_captured"),
        ("UPDATE stripe_intent SET status = 'returned'", "M30_captured"),
        ("UPDATE stripe_movement SET amount_fen = 3001 WHERE kind = 'refund'", "M31_moved"),
        ("UPDATE stripe_movement SET amount_fen = 6 WHERE kind = 'reversal'", "M31_moved"),
        ("UPDATE stripe_movement SET amount_fen = 3000 WHERE kind = 'transfer'", "M31_moved"),
        ("UPDATE stripe_movement SET amount_fen = 1 WHERE kind = 'refund'", "M32_sent_back"),
    ],
)  # fmt: skip
def test_a_promise_that_is_broken_is_found(statement: str, code: str) -> None:
    assert [one.code for one in judge(STRIPE_PROMISES) if not one.holds] == []
    change(statement)
    assert code in {one.code for one in judge(STRIPE_PROMISES) if not one.holds}
