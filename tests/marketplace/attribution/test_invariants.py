"""The promises about money: they hold after a whole purchase, and each planted lie is found."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from kernel import clock
from kernel.database import db
from kernel.money import Fen
from kernel.operations import judge
from marketplace.attribution.commands.posting import post_attribution
from marketplace.orders.models.orders import OrderId, PayMode
from marketplace.settlement.commands.refunds import NewRefund, refund_payment
from tests.builders.payouts import paid_out, paying
from tests.builders.settlement import NOW, Market, market, ordered, paid, received, shipped

pytestmark = pytest.mark.usefixtures("db_session")
LATER = NOW.replace(hour=5)


def broken(app: Flask) -> set[str]:
    db.session.flush()
    with clock.stopped(LATER):
        found = judge(app.extensions["bangfu.invariants"])
    return {one.code for one in found if not one.holds}


def bought(there: Market) -> OrderId:
    """Buy, take in, pay and refund as in examples 1 and 6."""
    order_id = ordered(there, "100", mode=PayMode.GOODS_FIRST)
    shipped(there, order_id, (80, there.lots[0]), (20, there.lots[1]))
    received(there, order_id, "100")
    payment = paid(there, order_id, 300_000)
    post_attribution(order_id, now=NOW)
    new = NewRefund(Fen(30_000), "渗漏")
    refund_payment(new, payment_id=payment.id, by=there.by("manager"), now=NOW)
    post_attribution(order_id, now=NOW)
    return order_id


def test_they_hold_after_a_purchase_and_a_refund(app: Flask) -> None:
    bought(market())
    assert broken(app) == set()


def test_they_hold_while_money_is_on_its_way(app: Flask) -> None:
    there = market()
    paid(there, ordered(there, "10"), 20_000, confirm=False)
    paid(there, ordered(there, "10"), 20_000)
    assert broken(app) == set()


def test_earned_money_that_nobody_split_is_found_after_two_minutes(app: Flask) -> None:
    there = market()
    order_id = ordered(there, "10", mode=PayMode.GOODS_FIRST)
    shipped(there, order_id, (10, None))
    received(there, order_id, "10")
    paid(there, order_id, 30_000)
    assert broken(app) == {"M12_earned"}


STRAY_SHARE = """
INSERT INTO attribution_share (id, attribution_id, party_kind, party_id, amount_fen)
SELECT gen_random_uuid(), id, 'household', gen_random_uuid(), 7 FROM attribution
WHERE reverses_id IS {kind} NULL
"""
MONEY_WITHOUT_A_LINE = """
INSERT INTO allocation (id, order_id, kind, payment_id, amount_fen, at)
SELECT gen_random_uuid(), order_id, kind, payment_id, 5, at FROM allocation WHERE kind = 'payment'
"""
FALSE_POSTINGS = """
INSERT INTO ledger_posting (id, transfer_id, account_id, amount_fen)
SELECT gen_random_uuid(), p.transfer_id, p.account_id, CASE a.kind WHEN 'order' THEN 9 ELSE -9 END
FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
JOIN ledger_transfer t ON t.id = p.transfer_id AND t.kind = 'payment'
"""
LIES = {
    "a payment": (
        "UPDATE payment SET amount_fen = amount_fen + 1",
        {"M7_money", "M8_allocated"},
    ),
    "a refund": ("UPDATE payment SET refunded_fen = refunded_fen + 1", {"M7_money"}),
    "money without a line": (MONEY_WITHOUT_A_LINE, {"M8_allocated", "M9_spent"}),
    "a quota": ("UPDATE quota_hold SET posted = posted - 1", {"M9_spent", "M3_ended"}),
    "hands": (
        "UPDATE purchase_order o SET author_id = p.registered_by FROM payment p",
        {"M10_hands"},
    ),
    "a stray share": (STRAY_SHARE.format(kind=""), {"M11_shares", "M13_ledger"}),
    "a stray reversal": (STRAY_SHARE.format(kind="NOT"), {"M11_shares", "M13_ledger"}),
    "goods not in": (
        "UPDATE order_line SET accepted_fen = accepted_fen - 50000",
        {"M12_earned", "M2_totals"},
    ),
    "the ledger": (FALSE_POSTINGS, {"M13_ledger"}),
    "a lot": ("UPDATE lot SET own_quantity = own_quantity + 1", {"M16_carried"}),
}


def test_a_payout_of_more_than_its_shares_is_found(app: Flask) -> None:
    paid_out(paying())
    assert broken(app) == set()
    db.session.execute(text("UPDATE payout_line SET amount_fen = amount_fen + 1"))
    assert broken(app) == {"M13_ledger", "M15_payouts"}


@pytest.mark.parametrize("lie", LIES)
def test_a_planted_lie_is_found(lie: str, app: Flask) -> None:
    bought(market())
    db.session.flush()
    statement, codes = LIES[lie]
    db.session.execute(text(statement))
    assert codes <= broken(app)
