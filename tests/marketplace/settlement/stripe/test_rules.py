"""What follows from what Stripe says: every branch, both sides of each boundary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import Invalid, WrongState
from kernel.money import Fen
from marketplace.errors.stripe import AccountMissing, StripeDecides, TransferExceedsKept
from marketplace.orders.models.orders import FulfilmentStatus, PurchaseOrder
from marketplace.settlement.models.payments import Payment, PaymentMethod, PaymentState
from marketplace.settlement.models.stripe import (
    DisputeStatus,
    IntentStatus,
    MovementKind,
    MovementStatus,
    StripeIntent,
    StripeMovement,
    StripeWay,
)
from marketplace.settlement.rules import stripe as rules
from marketplace.settlement.rules.stripe import ErrandKind, Notice
from tests.builders.settlement import NOW

STRIPE, BANK = PaymentMethod.STRIPE, PaymentMethod.BANK_TRANSFER
REFUND, TRANSFER, REVERSAL = MovementKind
_ids = count(1)


def payment(amount: int = 100, refunded: int = 0, **further: Any) -> Payment:
    told = {"status": PaymentState.CONFIRMED, **further}
    return cast("Payment", SimpleNamespace(amount_fen=amount, refunded_fen=refunded, **told))


def moved(
    kind: MovementKind,
    amount: int,
    status: MovementStatus = MovementStatus.DONE,
    of: StripeMovement | None = None,
) -> StripeMovement:
    return StripeMovement(
        id=UUID(int=next(_ids)),
        kind=kind,
        amount_fen=amount,
        status=status,
        reverses_id=None if of is None else of.id,
    )


def intent(status: IntentStatus, *, known: bool = True, **further: Any) -> StripeIntent:
    key = "pi_1" if known else None
    return StripeIntent(status=status, stripe_id=key, wanted_at=NOW, **further)


def test_stripe_is_paid_by_card_unless_something_else_is_said() -> None:
    assert rules.way_of(STRIPE, None) is StripeWay.CARD
    assert rules.way_of(STRIPE, StripeWay.WECHAT_PAY) is StripeWay.WECHAT_PAY
    assert rules.way_of(BANK, None) is None
    with pytest.raises(Invalid) as refused:
        rules.way_of(BANK, StripeWay.ALIPAY)
    assert refused.value.pointer == "/way"


def test_only_stripe_says_whether_its_money_came() -> None:
    rules.check_hands(BANK)
    with pytest.raises(StripeDecides):
        rules.check_hands(STRIPE)


def test_a_key_lives_twenty_three_hours() -> None:
    assert not rules.is_over(NOW, now=NOW + timedelta(hours=23) - timedelta(seconds=1))
    assert rules.is_over(NOW, now=NOW + timedelta(hours=23))


@pytest.mark.parametrize(
    ("status", "known", "hours", "kind"),
    [
        (IntentStatus.WANTED, False, 0, ErrandKind.OPEN),
        (IntentStatus.CLOSING, False, 0, ErrandKind.OPEN),
        (IntentStatus.CLOSING, True, 0, ErrandKind.CLOSE),
        (IntentStatus.OPEN, True, 23.99, ErrandKind.LOOK),
        (IntentStatus.OPEN, True, 24, ErrandKind.CLOSE),
        (IntentStatus.SUCCEEDED, True, 48, ErrandKind.LOOK),
    ],
)
def test_what_is_asked_about_an_intent(
    status: IntentStatus, *, known: bool, hours: float, kind: ErrandKind
) -> None:
    now = NOW + timedelta(hours=hours)
    assert rules.errand_of_intent(intent(status, known=known), now=now) is kind


def test_keys_follow_from_the_row_and_from_how_often_people_had_it_sent() -> None:
    subject = UUID(int=5)
    assert rules.key_of(ErrandKind.REFUND, subject) == f"bangfu-refund-{subject}-0"
    assert rules.key_of(ErrandKind.REFUND, subject, again=1).endswith("-1")


@pytest.mark.parametrize(
    ("received", "currency", "reason"),
    [
        (100, "cny", None),
        (99, "cny", "wrong_amount"),
        (101, "cny", "wrong_amount"),
        (100, "usd", "wrong_currency"),
    ],
)
def test_money_fits_by_amount_and_currency(
    received: int, currency: str, reason: str | None
) -> None:
    came = intent(IntentStatus.OPEN, received_fen=received, currency=currency)
    assert rules.misfit(came, payment=payment(100)) == reason


@pytest.mark.parametrize(
    ("amount", "currency", "fits"),
    [(100, "cny", True), (None, None, True), (99, "cny", False), (100, "usd", False)],
)
def test_an_event_fits_its_payment(amount: int | None, currency: str | None, *, fits: bool) -> None:
    named = None if amount is None else Fen(amount)
    notice = Notice("evt", "kind", "pi", None, named, currency)
    assert rules.fits_notice(notice, payment=payment(100)) is fits


def test_stripes_words_are_read() -> None:
    words = ("pending", "requires_action", "succeeded", "failed", "canceled")
    read = [rules.movement_status(REFUND, word).value for word in words]
    assert read == ["sent", "sent", "done", "failed", "failed"]
    assert rules.movement_status(TRANSFER, "pending") is MovementStatus.DONE
    disputes = {
        "needs_response": "open", "warning_needs_response": "open", "under_review": "open",
        "lost": "lost", "won": "won", "warning_closed": "won", "prevented": "won",
    }  # fmt: skip
    assert {word: rules.dispute_status(word).value for word in disputes} == disputes


def checked(
    amount: int,
    *,
    of: Payment | None = None,
    fulfilment: FulfilmentStatus = FulfilmentStatus.ACCEPTED,
    movements: Sequence[StripeMovement] = (),
    disputed: bool = False,
    destination: str | None = "acct_1",
) -> str:
    order = cast("PurchaseOrder", SimpleNamespace(fulfilment_status=fulfilment))
    return rules.check_transfer(
        Fen(amount),
        payment=of or payment(),
        order=order,
        movements=movements,
        disputed=disputed,
        destination=destination,
    )


def test_what_stayed_and_was_not_passed_on_may_be() -> None:
    assert checked(100) == "acct_1"
    sent = moved(TRANSFER, 60)
    gone = moved(TRANSFER, 90, MovementStatus.FAILED)
    back = moved(REVERSAL, 10, of=sent)
    assert checked(30, of=payment(100, 20), movements=[sent, gone, back]) == "acct_1"
    with pytest.raises(TransferExceedsKept) as refused:
        checked(31, of=payment(100, 20), movements=[sent, gone, back])
    assert refused.value.figures == {"left_fen": 30, "wanted_fen": 31}


def test_nothing_is_passed_on_too_early() -> None:
    with pytest.raises(WrongState):
        checked(1, of=payment(status=PaymentState.PENDING))
    with pytest.raises(WrongState):
        checked(1, fulfilment=FulfilmentStatus.SHIPPED)
    with pytest.raises(WrongState) as refused:
        checked(1, disputed=True)
    assert refused.value.figures["state"] is DisputeStatus.OPEN
    with pytest.raises(AccountMissing):
        checked(1, destination=None)


def test_what_failed_is_sent_anew_while_its_money_is_there() -> None:
    failed = moved(TRANSFER, 60, MovementStatus.FAILED)
    rules.check_again(failed, payment=payment(100), movements=[failed, moved(TRANSFER, 40)])
    with pytest.raises(TransferExceedsKept):
        rules.check_again(failed, payment=payment(100), movements=[failed, moved(TRANSFER, 41)])
    back = moved(REVERSAL, 40, MovementStatus.FAILED, of=failed)
    rules.check_again(back, payment=payment(100), movements=[moved(TRANSFER, 40), back])
    with pytest.raises(WrongState):
        rules.check_again(back, payment=payment(100), movements=[failed, back])
    rules.check_again(moved(REFUND, 1, MovementStatus.FAILED), payment=payment(), movements=[])
    with pytest.raises(WrongState):
        rules.check_again(moved(REFUND, 1), payment=payment(), movements=[])


def test_after_a_refund_the_newest_transfers_give_back_first() -> None:
    first, second = moved(TRANSFER, 25_000), moved(TRANSFER, 4_000)
    taken = rules.take_back(payment(30_000, 7_000), movements=[first, second])
    assert taken == [(second, 4_000), (first, 2_000)]
    assert rules.take_back(payment(30_000, 1_000), movements=[first, second]) == []


@settings(deadline=None)
@given(
    amounts=st.lists(st.integers(1, 1_000), min_size=1, max_size=6),
    refunds=st.lists(st.integers(1, 1_000), min_size=1, max_size=6),
)
def test_sellers_never_keep_more_than_stayed(amounts: list[int], refunds: list[int]) -> None:
    of = payment(sum(amounts))
    movements = [moved(TRANSFER, amount) for amount in amounts]
    for amount in refunds:
        of.refunded_fen = Fen(min(of.amount_fen, of.refunded_fen + amount))
        taken = rules.take_back(of, movements=movements)
        movements += [moved(REVERSAL, back, of=transfer) for transfer, back in taken]
        assert rules.transferred(movements) == of.amount_fen - of.refunded_fen
    for transfer in movements[: len(amounts)]:
        back = [one.amount_fen for one in movements if one.reverses_id == transfer.id]
        assert sum(back) <= transfer.amount_fen
