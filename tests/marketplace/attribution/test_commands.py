"""The examples of the rule, brought about by real orders: postings, ledger, reversals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from sqlalchemy import select

from kernel import ledger
from kernel.actor import SYSTEM
from kernel.audit import AuditRow
from kernel.database import db
from kernel.ledger import Transfer
from kernel.money import Fen
from marketplace.attribution.commands.posting import post_attribution
from marketplace.attribution.models.postings import Attribution, AttributionStatus, PartyKind
from marketplace.attribution.queries.splits import OrderSplit, get_order_split
from marketplace.orders.models.orders import OrderId, PayMode
from marketplace.settlement.commands.refunds import NewRefund, refund_payment
from marketplace.settlement.models.payments import Refund
from marketplace.settlement.queries.payments import PaymentView
from tests.builders.settlement import (
    NOW,
    Market,
    lines_of,
    market,
    ordered,
    paid,
    received,
    second_listing,
    shipped,
)

pytestmark = pytest.mark.usefixtures("db_session")
Written = Callable[[], list[AuditRow]]
EXAMPLE_1 = [64_000, 72_000, 25_000, 139_000]


def attributed(order_id: OrderId) -> OrderSplit:
    post_attribution(order_id, now=NOW)
    return get_order_split(SYSTEM, order_id)


def parts_of(there: Market, split: OrderSplit, line: int = 0) -> list[int]:
    """Give the net parts of the three households and the cooperative on one line."""
    net = {share.party_id: share.amount_fen for share in split.lines[line].shares}
    return [net.get(party_id, 0) for party_id in party_ids(there)]


def party_ids(there: Market) -> list[UUID]:
    return [*(one.id for one in there.households), there.cooperative.id]


def payables(there: Market) -> list[int]:
    kinds = ["household_payable"] * 3 + ["cooperative_payable"]
    owners = party_ids(there)
    accounts = [ledger.account(kind, owner) for kind, owner in zip(kinds, owners, strict=True)]
    return [ledger.balance(one) for one in accounts]


def on_order(order_id: OrderId) -> int:
    return ledger.balance(ledger.account("order", order_id))


def refunded(there: Market, payment: PaymentView, amount: int) -> None:
    new = NewRefund(Fen(amount), "渗漏")
    refund_payment(new, payment_id=payment.id, by=there.by("manager"), now=NOW)


def rows_of(order_id: OrderId) -> Sequence[Attribution]:
    wanted = Attribution.order_id == order_id
    return db.session.scalars(
        select(Attribution).where(wanted).order_by(Attribution.sequence)
    ).all()


def delivered_as_in_example_1(there: Market) -> OrderId:
    """Send 80 kg of lot A and 20 of lot B, and take all of it in."""
    order_id = ordered(there, "100", mode=PayMode.GOODS_FIRST)
    shipped(there, order_id, (80, there.lots[0]), (20, there.lots[1]))
    received(there, order_id, "100")
    return order_id


def test_until_goods_are_in_and_paid_it_is_pending(written: Written) -> None:
    there = market()
    order_id = ordered(there, "10")
    assert attributed(order_id).status is AttributionStatus.PENDING
    paid(there, order_id, 30_000)
    before = len(written())
    split = attributed(order_id)
    assert (split.status, split.amount_fen) == (AttributionStatus.PENDING, 0)
    assert [line.shares for line in split.lines] == [[]]
    assert rows_of(order_id) == []
    assert len(written()) == before


def test_earned_money_waits_until_it_is_posted() -> None:
    there = market()
    order_id = delivered_as_in_example_1(there)
    paid(there, order_id, 300_000)
    assert get_order_split(SYSTEM, order_id).status is AttributionStatus.PENDING


def test_example_1_from_two_lots(written: Written) -> None:
    there = market()
    order_id = delivered_as_in_example_1(there)
    paid(there, order_id, 300_000)
    split = attributed(order_id)
    assert parts_of(there, split) == EXAMPLE_1
    assert (split.status, split.amount_fen, split.reversed_fen) == (
        AttributionStatus.POSTED, 300_000, 0,
    )  # fmt: skip
    assert payables(there) == EXAMPLE_1
    assert on_order(order_id) == 0
    (row,) = rows_of(order_id)
    transfer = db.session.get_one(Transfer, row.transfer_id)
    line = lines_of(order_id)[0]
    assert (transfer.kind, transfer.reference) == ("attribution", f"{line.id}:1")
    assert row.rule_version == "attribution-1"
    assert [one.action for one in written()][-1] == "attribution.post"


def test_households_stand_first_by_key_and_are_known_by_code() -> None:
    there = market()
    order_id = delivered_as_in_example_1(there)
    paid(there, order_id, 300_000)
    shares = attributed(order_id).lines[0].shares
    assert [share.party_kind for share in shares] == [PartyKind.HOUSEHOLD] * 3 + [
        PartyKind.COOPERATIVE
    ]
    codes = [one.code for one in there.households] + [there.cooperative.credit_code]
    assert [share.party_code for share in shares] == codes


def test_the_same_news_twice_changes_nothing(written: Written) -> None:
    there = market()
    order_id = delivered_as_in_example_1(there)
    paid(there, order_id, 300_000)
    first = attributed(order_id)
    before = len(written())
    assert attributed(order_id) == first
    assert len(rows_of(order_id)) == 1
    assert len(written()) == before


def test_example_4_paid_in_two_parts() -> None:
    there = market()
    order_id = delivered_as_in_example_1(there)
    paid(there, order_id, 100_000)
    assert parts_of(there, attributed(order_id)) == [39_752, 44_720, 15_528, 0]
    paid(there, order_id, 200_000)
    assert parts_of(there, attributed(order_id)) == EXAMPLE_1
    assert [row.sequence for row in rows_of(order_id)] == [1, 2]
    assert payables(there) == EXAMPLE_1


def test_accepted_in_two_parts_after_everything_was_paid() -> None:
    there = market()
    order_id = ordered(there, "100")
    paid(there, order_id, 300_000)
    shipped(there, order_id, (80, there.lots[0]))
    received(there, order_id, "80")
    assert parts_of(there, attributed(order_id)) == [54_000, 72_000, 0, 114_000]
    shipped(there, order_id, (20, there.lots[1]))
    received(there, order_id, "20")
    assert parts_of(there, attributed(order_id)) == EXAMPLE_1
    assert on_order(order_id) == 0


def test_example_5_what_is_turned_away_is_never_split() -> None:
    there = market()
    order_id = ordered(there, "100")
    payment = paid(there, order_id, 300_000)
    shipped(there, order_id, (80, there.lots[0]))
    shipped(there, order_id, (20, there.lots[1]))
    received(there, order_id, "90", "10")
    assert parts_of(there, attributed(order_id)) == [59_000, 72_000, 12_500, 126_500]
    assert on_order(order_id) == 30_000
    refunded(there, payment, 30_000)
    split = attributed(order_id)
    assert (split.amount_fen, split.reversed_fen) == (270_000, 0)
    assert on_order(order_id) == 0


def test_example_6_a_refund_names_what_it_reverses() -> None:
    there = market()
    order_id = delivered_as_in_example_1(there)
    payment = paid(there, order_id, 300_000)
    attributed(order_id)
    refunded(there, payment, 30_000)
    split = attributed(order_id)
    assert parts_of(there, split) == [57_600, 64_800, 22_500, 125_100]
    assert (split.gross_fen, split.reversed_fen, split.amount_fen) == (300_000, 30_000, 270_000)
    posting, reversal = rows_of(order_id)
    refund = db.session.scalars(select(Refund)).one()
    assert (reversal.reverses_id, reversal.refund_id) == (posting.id, refund.id)
    transfer = db.session.get_one(Transfer, reversal.transfer_id)
    assert transfer.reverses_id == posting.transfer_id
    assert payables(there) == [57_600, 64_800, 22_500, 125_100]
    assert on_order(order_id) == 0


def test_example_7_all_money_goes_back_in_parts() -> None:
    there = market()
    order_id = delivered_as_in_example_1(there)
    first = paid(there, order_id, 100_000)
    attributed(order_id)
    second = paid(there, order_id, 200_000)
    attributed(order_id)
    for payment, amount in ((second, 1), (first, 99_999), (second, 123_456), (second, 76_543)):
        refunded(there, payment, amount)
        attributed(order_id)
    refunded(there, first, 1)
    split = attributed(order_id)
    assert parts_of(there, split) == [0, 0, 0, 0]
    assert (split.status, split.gross_fen, split.amount_fen) == (
        AttributionStatus.POSTED, 300_000, 0,
    )  # fmt: skip
    assert payables(there) == [0, 0, 0, 0]
    assert on_order(order_id) == 0


def test_news_of_several_refunds_at_once_is_kept_apart_by_refund() -> None:
    there = market()
    order_id = delivered_as_in_example_1(there)
    payment = paid(there, order_id, 300_000)
    attributed(order_id)
    refunded(there, payment, 1_000)
    refunded(there, payment, 500)
    assert attributed(order_id).reversed_fen == 1_500
    assert sorted(row.amount_fen for row in rows_of(order_id)[1:]) == [500, 1_000]


def test_each_line_is_split_by_its_own_lots() -> None:
    there = market()
    order_id = ordered(there, "80", "20", also=second_listing(there), mode=PayMode.GOODS_FIRST)
    shipped(there, order_id, (80, there.lots[0]), final=True)
    received(there, order_id, "80")
    paid(there, order_id, 240_000)
    split = attributed(order_id)
    assert parts_of(there, split) == [54_000, 72_000, 0, 114_000]
    assert (split.lines[1].amount_fen, split.lines[1].shares) == (0, [])
