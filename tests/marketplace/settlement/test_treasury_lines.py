"""Lines of statements that prove what the treasury pays: whole, one by one, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, text

from kernel.database import db
from kernel.money import Fen
from kernel.unit_of_work import run
from marketplace.orders.models.orders import OrderId, PurchaseOrder
from marketplace.settlement.commands import proofs
from marketplace.settlement.commands.matching import LinePart, match_by_hand, match_lines
from marketplace.settlement.commands.treasury import cancel_treasury_order
from marketplace.settlement.models.payments import Payment
from marketplace.settlement.models.remittances import SellerFunds
from marketplace.settlement.models.statements import BankAccount, BankLine
from marketplace.settlement.models.treasury import TreasuryOrder, TreasuryOrderId
from marketplace.settlement.queries import treasury as queries
from marketplace.settlement.queries.promises import PROMISES
from marketplace.settlement.queries.treasury import TreasuryView
from tests.builders import registry
from tests.builders.remittances import Platform, platform
from tests.builders.settlement import NOW, Market, market, order_of, ordered, quota_of
from tests.builders.statements import bank_account, credit, lines_on, looked_at, number_of, read
from tests.marketplace.settlement.test_treasury import bureau, confirmed, drawn, two
from tests.promises import broken
from tests.racing import interleave

VOUCHER = "国库2026-17"


def seen(account: BankAccount, there: Market, amount: int, remark: str | None = None) -> BankLine:
    """Let a line of the cooperative's statement be looked at."""
    return looked_at(account, [credit(amount, remark)], by=there.by("manager"))[-1]


def told(line: BankLine) -> tuple[str, str, int]:
    return line.state, line.outcome, line.matched_fen


def stands(treasury_order_id: TreasuryOrderId) -> tuple[str, str | None, bool]:
    db.session.flush()
    found = db.session.get_one(TreasuryOrder, treasury_order_id, populate_existing=True)
    return found.status, found.voucher, found.line_id is not None


@pytest.mark.usefixtures("db_session")
def test_one_line_of_the_sum_proves_a_treasury_order_and_only_once() -> None:
    there = market()
    account = bank_account(there.by("manager"))
    view, orders = two(there)
    number = view.treasury_order.number
    short = seen(account, there, 44_999, number)
    assert told(short) == ("open", "unclear", 0)
    assert [order_of(one).pending_fen for one in orders] == [30_000, 15_000]
    line = seen(account, there, 45_000, f"国库 {number.replace('-', ' ')} 货款")
    assert told(line) == ("matched", "joint", 45_000)
    assert stands(view.treasury_order.id) == ("paid", None, True)
    assert [order_of(one).paid_fen for one in orders] == [30_000, 15_000]
    assert quota_of(there) == (0, 45_000)
    again = seen(account, there, 45_000, f"{number} 重复")
    assert told(again) == ("open", "closed", 0)
    assert broken(PROMISES) == []


@pytest.mark.usefixtures("db_session")
def test_payments_that_come_one_by_one_prove_it_with_the_last() -> None:
    there = market()
    account = bank_account(there.by("manager"))
    view, orders = two(there)
    first, second = (one.number for one in view.payments)
    assert told(seen(account, there, 14_999, second)) == ("open", "closed", 0)
    assert told(seen(account, there, 15_000, second)) == ("matched", "exact", 15_000)
    assert stands(view.treasury_order.id) == ("drawn", None, False)
    assert told(seen(account, there, 30_000, view.treasury_order.number))[1] == "exact"
    assert stands(view.treasury_order.id) == ("paid", None, True)
    alike = drawn(there, (ordered(there, "1"), 3_000), (ordered(there, "1"), 3_000))
    assert told(seen(account, there, 3_000, alike.treasury_order.number))[1] == "unclear"
    named = number_of(OrderId(alike.payments[0].order_id))
    assert told(seen(account, there, 3_000, named)) == ("matched", "exact", 3_000)
    cancel_treasury_order(
        alike.treasury_order.id, reason="余款退回", expected_version=None,
        by=there.by("finance"), now=NOW,
    )  # fmt: skip
    assert stands(alike.treasury_order.id) == ("cancelled", None, False)
    assert [order_of(OrderId(one.order_id)).paid_fen for one in alike.payments] == [3_000, 0]
    assert first != second
    assert order_of(orders[0]).paid_fen == 30_000
    assert broken(PROMISES) == []


@pytest.mark.usefixtures("db_session")
def test_money_that_a_voucher_told_of_is_shown_by_the_line_and_counts_once() -> None:
    at = platform()
    there = at.there
    view, orders = two(there)
    confirmed(view, registry.actor_of(bureau(there)), VOUCHER)
    (line,) = looked_at(at.account, [credit(45_000, reference=VOUCHER)], by=at.by)
    assert told(line) == ("matched", "joint", 45_000)
    assert stands(view.treasury_order.id) == ("paid", VOUCHER, False)
    assert [order_of(one).paid_fen for one in orders] == [30_000, 15_000]
    assert quota_of(there) == (0, 45_000)
    (funds,) = db.session.scalars(select(SellerFunds)).all()
    assert funds.received_fen == 45_000
    assert broken(PROMISES) == []
    db.session.execute(text("UPDATE treasury_order SET total_fen = 1"))
    assert broken(PROMISES) == ["M23_treasury"]


@pytest.mark.usefixtures("db_session")
def test_what_does_not_say_itself_is_left_to_people_who_name_the_order() -> None:
    there, other = market(), market()
    account = bank_account(there.by("manager"))
    elsewhere = bank_account(other.by("manager"))
    view, orders = two(there)
    strange = seen(elsewhere, other, 45_000, view.treasury_order.number)
    assert told(strange) == ("open", "wrong_account", 0)
    line = seen(account, there, 30_000, "财政拨款")
    assert told(line) == ("open", "unknown", 0)
    part = [LinePart(orders[0], Fen(30_000))]
    by = there.by("manager")
    match_by_hand(line.id, part, expected_version=None, by=by, now=NOW)
    assert told(lines_on(account)[0]) == ("matched", "by_hand", 30_000)
    assert [order_of(one).paid_fen for one in orders] == [30_000, 0]
    for payment in db.session.scalars(select(Payment).where(Payment.status == "pending")):
        payment.registered_by = there.manager.id
    own = seen(account, there, 15_000, view.treasury_order.number)
    assert told(own) == ("open", "closed", 0)
    assert broken(PROMISES) == []


class Stage:
    """A cooperative's account and the platform's: both get a line that names one treasury order."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.at: Platform = run(platform)
        self.there = self.at.there
        self.officer = run(lambda: registry.actor_of(bureau(self.there)))
        self.own: BankAccount = run(lambda: bank_account(self.there.by("manager")))

    def begun(self) -> TreasuryView:
        """Commit a treasury order, and a line on each account that proves it."""

        def unit() -> TreasuryView:
            view = drawn(self.there, (ordered(self.there, "0.5"), 1_500))
            number = view.treasury_order.number
            read(self.own, [credit(1_500, number)], by=self.there.by("manager"))
            read(self.at.account, [credit(1_500, number)], by=self.at.by)
            return view

        return run(unit)

    def looks(self) -> list[Callable[[], object]]:
        """Give the looks at both accounts."""
        accounts = (self.own.id, self.at.account.id)
        return [partial(match_lines, one, now=NOW) for one in accounts]

    def found(self) -> set[str]:
        """Say what became of the youngest line of either account."""
        return {lines_on(one)[-1].outcome.value for one in (self.own, self.at.account)}

    def confirms(self, view: TreasuryView) -> Callable[[], object]:
        """Give the bureau's confirmation."""
        return lambda: confirmed(view, self.officer, view.treasury_order.number)


def test_whatever_the_point_money_of_the_treasury_counts_once(fresh: Flask) -> None:
    with fresh.app_context():
        stage = Stage(fresh)
        for at in range(2, 28, 7):
            view, (own, other) = stage.begun(), stage.looks()
            assert interleave(fresh, own, other, at=at) == ("done", "done")
            assert run(partial(stands, view.treasury_order.id))[0] == "paid"
            assert run(stage.found) == {"exact", "closed"}
        for at in range(2, 28, 7):
            view, (own, other) = stage.begun(), stage.looks()
            found = interleave(fresh, own, stage.confirms(view), at=at)
            assert found in {("done", "done"), ("done", "wrong_state")}
            run(other)
        assert run(lambda: broken(PROMISES)) == []
        paid = run(lambda: {one.paid_fen for one in db.session.scalars(select(PurchaseOrder))})
        assert paid == {1_500}


def test_control_without_the_locks_only_the_quota_holds_the_second_line_back(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(actor: object, ids: list[TreasuryOrderId]) -> list[TreasuryOrder]:
        del actor
        return [db.session.get_one(TreasuryOrder, one) for one in ids]

    def unheld(actor: object, order_id: OrderId, side: object) -> PurchaseOrder:
        del actor, side
        return db.session.get_one(PurchaseOrder, order_id)

    monkeypatch.setattr(queries, "lock_treasury_orders", unlocked)
    monkeypatch.setattr(proofs, "lock_order", unheld)
    with fresh.app_context():
        stage = Stage(fresh)
        for at in range(6, 22, 5):
            stage.begun()
            interleave(fresh, *stage.looks(), at=at)
            if "unclear" in run(stage.found):
                break  # both took it, and the quota's gate refused the second
        else:
            pytest.fail("the locks were not missed")
