"""Payouts by bank list: never beyond what came and stayed, whatever the order of things."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from kernel.database import constraint_of, db
from kernel.errors import NotFound, SamePerson, WrongState
from kernel.money import Fen
from marketplace.errors.settlement import FundsShort, NothingToRemit
from marketplace.orders.models.orders import OrderId
from marketplace.settlement.commands import funds
from marketplace.settlement.commands.refunds import NewRefund, refund_payment
from marketplace.settlement.commands.remittances import (
    cancel_remittance,
    confirm_line,
    fail_line,
    release,
)
from marketplace.settlement.models.payments import Payment
from marketplace.settlement.models.remittances import SellerFunds
from marketplace.settlement.queries.promises import PROMISES
from marketplace.settlement.queries.remittances import get_remittance_view, list_for_bank
from tests.builders.remittances import Platform, collected, drawn, platform, released
from tests.builders.settlement import NOW, market
from tests.promises import broken

pytestmark = pytest.mark.usefixtures("db_session")


@pytest.fixture
def at() -> Platform:
    return platform()


def figures(at: Platform) -> tuple[int, int, int, int, int]:
    db.session.flush()
    found = db.session.get_one(SellerFunds, at.there.cooperative.id, populate_existing=True)
    names = ("received_fen", "refunded_fen", "remitted_fen", "short_fen", "available_fen")
    received, refunded, remitted, short, available = (getattr(found, name) for name in names)
    return received, refunded, remitted, short, available


def refunded(at: Platform, order_id: OrderId, amount: int) -> None:
    payment = db.session.scalars(select(Payment).where(Payment.order_id == order_id)).one()
    by = at.there.by("manager")
    refund_payment(NewRefund(Fen(amount), "渗漏"), payment_id=payment.id, by=by, now=NOW)


def test_what_was_collected_is_paid_out_once(at: Platform) -> None:
    collected(at)
    assert figures(at) == (30_000, 0, 0, 0, 30_000)
    (line,) = released(at).lines
    assert (line.amount_fen, figures(at)) == (30_000, (30_000, 0, 30_000, 0, 0))
    view = confirm_line(line.id, bank_reference="P1", by=at.by, now=NOW)
    assert (view.remittance.status, view.lines[0].status) == ("settled", "paid")
    with pytest.raises(NothingToRemit):
        drawn(at)
    with pytest.raises(FundsShort):
        funds.take(at.there.cooperative.id, Fen(1))
    assert broken(PROMISES) == []


@pytest.mark.parametrize("how", ["failed", "cancelled"])
def test_what_was_not_paid_out_lies_there_again(at: Platform, how: str) -> None:
    collected(at)
    if how == "failed":
        (line,) = released(at).lines
        fail_line(line.id, reason="户名不符", by=at.by, now=NOW)
    else:
        remittance_id = drawn(at).remittance.id
        cancel_remittance(remittance_id, expected_version=None, by=at.by, now=NOW)
    assert figures(at) == (30_000, 0, 0, 0, 30_000)
    assert broken(PROMISES) == []
    assert released(at).remittance.total_fen == 30_000


def test_a_refund_after_the_payout_is_made_up_by_the_next_money(at: Platform) -> None:
    order_id = collected(at)
    (line,) = released(at).lines
    confirm_line(line.id, bank_reference="P1", by=at.by, now=NOW)
    refunded(at, order_id, 10_000)
    assert figures(at) == (30_000, 10_000, 30_000, 10_000, 0)
    with pytest.raises(NothingToRemit):
        drawn(at)
    collected(at, "5")
    assert figures(at) == (45_000, 10_000, 30_000, 0, 5_000)
    assert broken(PROMISES) == []


def test_who_drew_a_list_up_does_not_release_it(at: Platform) -> None:
    collected(at)
    view = drawn(at)
    with pytest.raises(SamePerson):
        release(view.remittance.id, expected_version=None, by=at.by, now=NOW)
    with pytest.raises(WrongState):
        confirm_line(view.lines[0].id, bank_reference="P1", by=at.by, now=NOW)


def test_the_bank_is_told_the_accounts_and_a_seller_sees_its_own_line(at: Platform) -> None:
    collected(at)
    view = released(at)
    (listed,) = list_for_bank(at.by, view.remittance)
    assert (listed.amount_fen, listed.number[:4]) == (30_000, "6222")
    assert len(get_remittance_view(at.there.by("manager"), view.remittance.id).lines) == 1
    with pytest.raises(NotFound):
        get_remittance_view(market().by("manager"), view.remittance.id)


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE seller_funds SET remitted_fen = received_fen + 1", "ck_seller_funds_covered"),
        ("UPDATE seller_funds SET refunded_fen = received_fen + 1", "ck_seller_funds_amounts"),
        ("UPDATE remittance SET released_by = drawn_by", "ck_remittance_hands"),
        ("UPDATE remittance SET status = 'drawn'", "ck_remittance_released"),
        ("UPDATE remittance SET total_fen = 0", "ck_remittance_total"),
        ("UPDATE remittance_line SET amount_fen = 0", "ck_remittance_line_amount"),
        ("UPDATE remittance_line SET status = 'paid'", "ck_remittance_line_decision"),
    ],
)
def test_a_payout_that_breaks_it_is_refused_by_name(
    at: Platform, statement: str, name: str
) -> None:
    collected(at)
    released(at)
    with pytest.raises(IntegrityError) as refused, db.session.begin_nested():
        db.session.execute(text(statement))
    assert constraint_of(refused.value) == name


@pytest.mark.parametrize("lie", ["received_fen = received_fen + 1", "remitted_fen = 1"])
def test_a_lie_about_funds_is_found(at: Platform, lie: str) -> None:
    collected(at)
    db.session.execute(text(f"UPDATE seller_funds SET {lie}"))  # noqa: S608
    assert broken(PROMISES) == ["M21_payouts"]
