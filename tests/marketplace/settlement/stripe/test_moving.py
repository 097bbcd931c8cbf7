"""What goes back to buyers and on to sellers by Stripe, and what their banks take back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from demo.stripe_double import connect, returns
from kernel.errors import WrongState
from kernel.money import Fen
from marketplace.errors.settlement import RefundExceedsPaid
from marketplace.errors.stripe import AccountMissing, TransferExceedsKept
from marketplace.orders.models.orders import OrderId
from marketplace.settlement.commands.parked import move_again
from marketplace.settlement.commands.refunds import NewRefund, refund_payment
from marketplace.settlement.commands.transfers import (
    NewAccount,
    NewTransfer,
    name_account,
    transfer_to_seller,
)
from marketplace.settlement.models.payments import PaymentId
from marketplace.settlement.models.stripe import (
    DisputeStatus,
    MovementKind,
    MovementStatus,
)
from marketplace.settlement.queries.stripe import get_intent_view, list_failed
from tests.builders import registry
from tests.builders.settlement import (
    NOW,
    Market,
    market,
    order_of,
    ordered,
    quota_of,
    received,
    shipped,
)
from tests.builders.stripe import (
    Double,
    ask_at,
    collected,
    moved,
    movements_of,
    paid_by_stripe,
    payment_of,
    ring,
)

pytestmark = pytest.mark.usefixtures("db_session")
REFUND, TRANSFER, REVERSAL = MovementKind
WANTED, SENT, DONE, FAILED, COVERED = MovementStatus


def refunded(there: Market, payment_id: PaymentId, amount: int) -> None:
    new = NewRefund(Fen(amount), "渗漏")
    refund_payment(new, payment_id=payment_id, by=there.by("manager"), now=NOW)


def accepted(double: Double, there: Market) -> tuple[OrderId, PaymentId]:
    """Bring ten kilograms to where they are paid by Stripe and taken in."""
    order_id = ordered(there, "10")
    payment_id = paid_by_stripe(double, there, order_id, 30_000)
    shipped(there, order_id, (10, None))
    received(there, order_id, "10")
    return order_id, payment_id


def with_account(double: Double, there: Market) -> str:
    account_id: str = connect.create_account(double.state, {})["id"]
    by = registry.actor_of(registry.administrator())
    name_account(NewAccount(there.cooperative.id, account_id), by=by, now=NOW)
    return account_id


def transferred(there: Market, payment_id: PaymentId, amount: int) -> None:
    new = NewTransfer(Fen(amount))
    transfer_to_seller(new, payment_id=payment_id, by=there.by("manager"), now=NOW)


def test_a_refund_leaves_the_books_at_once_and_is_made_by_stripe_once(double: Double) -> None:
    there = market()
    payment_id = paid_by_stripe(double, there, ordered(there, "10"), 30_000)
    refunded(there, payment_id, 1_000)
    assert quota_of(there) == (0, 29_000)
    assert moved(payment_id) == [(REFUND, 1_000, WANTED)]
    assert ask_at(NOW) == 1
    assert moved(payment_id) == [(REFUND, 1_000, DONE)]
    assert double.charge(payment_id)["amount_refunded"] == 1_000
    with pytest.raises(RefundExceedsPaid):
        refunded(there, payment_id, 29_001)
    assert ask_at(NOW + timedelta(hours=2)) == 0


def test_a_wallets_refund_is_followed_until_it_arrives_or_fails(double: Double) -> None:
    there = market()
    payment = collected(there, ordered(there, "10"), 30_000)
    ask_at(NOW)
    double.pay(payment.id)
    ring(payment.id)
    ask_at(NOW)
    refunded(there, payment.id, 1_000)
    refunded(there, payment.id, 2_000)
    ask_at(NOW)
    assert moved(payment.id) == [(REFUND, 1_000, SENT), (REFUND, 2_000, SENT)]
    second, first = double.state.of("refund")
    returns.settle_refund(double.state, first)
    returns.settle_refund(double.state, second, fails=True)
    assert ask_at(NOW + timedelta(hours=1)) == 1
    assert moved(payment.id) == [(REFUND, 1_000, DONE), (REFUND, 2_000, FAILED)]
    (shown,) = list_failed(there.by("manager"), limit=10, cursor=None).items
    assert (shown.amount_fen, shown.trouble) == (2_000, "failed")
    move_again(shown.id, by=there.by("finance"), now=NOW + timedelta(hours=1))
    ask_at(NOW + timedelta(hours=1))
    assert moved(payment.id)[1] == (REFUND, 2_000, SENT)
    assert double.charge(payment.id)["amount_refunded"] == 3_000
    with pytest.raises(WrongState):
        move_again(shown.id, by=there.by("finance"), now=NOW)


def test_a_refund_made_at_stripe_itself_goes_into_the_books_once(double: Double) -> None:
    there = market()
    payment_id = paid_by_stripe(double, there, ordered(there, "10"), 30_000)
    asked = {"payment_intent": double.intent(payment_id)["id"], "amount": "500"}
    returns.create_refund(double.state, asked)
    for _ in range(2):
        ring(payment_id)
        ask_at(NOW)
    assert moved(payment_id) == [(REFUND, 500, DONE)]
    assert payment_of(payment_id).refunded_fen == 500
    assert quota_of(there) == (0, 29_500)


@pytest.mark.parametrize(
    ("ending", "status", "kept"),
    [("lost", DisputeStatus.LOST, 0), ("won", DisputeStatus.WON, 30_000)],
)
def test_a_dispute_is_followed_to_its_end(
    double: Double, ending: str, status: DisputeStatus, kept: int
) -> None:
    there = market()
    order_id, payment_id = accepted(double, there)
    with_account(double, there)
    dispute = double.dispute(payment_id)
    ring(payment_id)
    ask_at(NOW)
    (shown,) = get_intent_view(there.by("finance"), payment_id).disputes
    assert (shown.status, shown.amount_fen) == (DisputeStatus.OPEN, 30_000)
    with pytest.raises(WrongState):
        transferred(there, payment_id, 1)
    returns.close_dispute(double.state, dispute, status=ending)
    for _ in range(2):
        ring(payment_id)
        ask_at(NOW)
    (shown,) = get_intent_view(there.by("finance"), payment_id).disputes
    assert shown.status is status
    order = order_of(order_id)
    assert order.paid_fen - order.refunded_fen == kept
    assert quota_of(there)[1] == kept


def test_collected_money_is_passed_on_once_goods_are_in_and_never_twice(double: Double) -> None:
    there = market()
    early = paid_by_stripe(double, there, ordered(there, "1"), 3_000)
    with pytest.raises(WrongState):
        transferred(there, early, 1)
    _, payment_id = accepted(double, there)
    with pytest.raises(AccountMissing):
        transferred(there, payment_id, 1)
    account_id = with_account(double, there)
    transferred(there, payment_id, 20_000)
    with pytest.raises(TransferExceedsKept) as refused:
        transferred(there, payment_id, 10_001)
    assert refused.value.figures == {"left_fen": 10_000, "wanted_fen": 10_001}
    transferred(there, payment_id, 10_000)
    assert ask_at(NOW) == 2
    assert moved(payment_id) == [(TRANSFER, 20_000, DONE), (TRANSFER, 10_000, DONE)]
    sent = double.state.of("transfer", destination=account_id)
    assert sorted(one["amount"] for one in sent) == [10_000, 20_000]


def test_after_a_refund_the_seller_gives_back_what_it_got_too_much(double: Double) -> None:
    there = market()
    _, payment_id = accepted(double, there)
    with_account(double, there)
    transferred(there, payment_id, 25_000)
    transferred(there, payment_id, 4_000)
    ask_at(NOW)
    refunded(there, payment_id, 7_000)
    assert ask_at(NOW) == 3
    assert moved(payment_id)[2:] == [
        (REFUND, 7_000, DONE),
        (REVERSAL, 4_000, DONE),
        (REVERSAL, 2_000, DONE),
    ]
    back = {one["amount"]: one["amount_reversed"] for one in double.state.of("transfer")}
    assert back == {25_000: 2_000, 4_000: 4_000}


def test_what_stripe_will_not_move_is_shown(double: Double) -> None:
    there = market()
    _, payment_id = accepted(double, there)
    account_id = with_account(double, there)
    double.state.get(account_id, "account")["payouts_enabled"] = False
    transferred(there, payment_id, 30_000)
    ask_at(NOW)
    (one,) = movements_of(payment_id)
    assert (one.status, one.trouble) == (FAILED, "account_invalid")
    transferred(there, payment_id, 1)
    with pytest.raises(TransferExceedsKept):
        move_again(one.id, by=there.by("manager"), now=NOW)


def test_nothing_is_taken_back_of_a_transfer_that_was_never_made(double: Double) -> None:
    there = market()
    _, payment_id = accepted(double, there)
    account_id = with_account(double, there)
    double.state.get(account_id, "account")["payouts_enabled"] = False
    transferred(there, payment_id, 30_000)
    refunded(there, payment_id, 10_000)
    for minute in range(2):
        ask_at(NOW + timedelta(minutes=minute))
    assert moved(payment_id) == [
        (TRANSFER, 30_000, FAILED),
        (REFUND, 10_000, DONE),
        (REVERSAL, 10_000, FAILED),
    ]


def test_a_key_that_has_died_is_not_used_again(double: Double) -> None:
    there = market()
    payment_id = paid_by_stripe(double, there, ordered(there, "10"), 30_000)
    refunded(there, payment_id, 1_000)
    double.state.faults.append("after")
    assert ask_at(NOW) == 0
    ask_at(NOW + timedelta(hours=23))
    (one,) = movements_of(payment_id)
    assert (one.status, one.trouble) == (FAILED, "unanswered")
    assert double.charge(payment_id)["amount_refunded"] == 1_000
