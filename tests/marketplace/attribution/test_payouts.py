"""Money reaches households: lists of shares, proof, the household's word, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from kernel import ledger
from kernel.actor import SYSTEM
from kernel.audit import AuditRow
from kernel.database import db
from kernel.errors import Invalid, NotFound
from kernel.identity import new_id
from kernel.money import Fen
from kernel.unit_of_work import run
from marketplace.attribution.commands.confirmations import answer_payout
from marketplace.attribution.commands.payouts import (
    NewPayout,
    cancel_list,
    disclose_accounts,
    draw_up_list,
    pay_lines,
    return_line,
)
from marketplace.attribution.commands.posting import post_attribution
from marketplace.attribution.models.payouts import (
    Due,
    PayoutItem,
    PayoutLineStatus,
    PayoutListId,
)
from marketplace.attribution.queries.payouts import get_payout_list
from marketplace.attribution.queries.promises import PROMISES
from marketplace.attribution.rules.payouts import by_income, gather
from marketplace.errors.attribution import NothingToPayOut
from marketplace.settlement.commands.refunds import NewRefund, refund_payment
from marketplace.settlement.models.payments import Payment
from registry.accounts.models import Disclosure
from registry.households.commands.standings import warn_of_relapse
from registry.households.models.households import HouseholdId
from registry.households.models.incomes import HouseholdIncome, IncomeKind
from registry.households.models.settings import IncomeLine
from registry.households.rules.incomes import Standing
from tests.builders import registry
from tests.builders.payouts import (
    SHARES,
    Paying,
    coded,
    drawn_up,
    issued,
    lines_of,
    paid_out,
    paying,
)
from tests.builders.settlement import NOW, TODAY
from tests.promises import broken
from tests.racing import race

Written = Callable[[], list[AuditRow]]
INCOME_KINDS = st.sampled_from([IncomeKind.BUSINESS, IncomeKind.PROPERTY])


@pytest.fixture
def stage(db_session: object) -> Paying:
    del db_session
    return paying()


def figures(list_id: PayoutListId) -> tuple[int, int, int]:
    """Give what is on the list, what of it was paid out, and what was confirmed."""
    found = get_payout_list(SYSTEM, list_id)
    return found.list.total_fen, found.paid_out_fen, found.confirmed_fen


def owed(stage: Paying) -> list[int]:
    owners = [household.id for household in stage.there.households]
    return [ledger.balance(ledger.account("household_payable", one)) for one in owners]


def earned(stage: Paying) -> list[int]:
    """Give what the register says the three households earned in the year."""
    total = func.coalesce(func.sum(HouseholdIncome.amount_fen), 0)
    return [
        int(db.session.scalar(select(total).where(HouseholdIncome.household_id == one.id)) or 0)
        for one in stage.there.households
    ]


def refund(stage: Paying, amount: int) -> None:
    payment_id = db.session.scalars(select(Payment.id)).one()
    new = NewRefund(Fen(amount), "渗漏")
    refund_payment(new, payment_id=payment_id, by=stage.by("manager"), now=NOW)
    post_attribution(stage.order_id, now=NOW)


def amounts(stage: Paying, list_id: PayoutListId) -> dict[str, int]:
    return {one.household_code: one.line.amount_fen for one in lines_of(stage, list_id)}


def test_a_list_holds_what_every_household_has(stage: Paying) -> None:
    list_id = drawn_up(stage)
    codes = [one.code for one in stage.there.households]
    assert amounts(stage, list_id) == dict(zip(codes, SHARES, strict=True))
    assert figures(list_id) == (161_000, 0, 0)
    assert owed(stage) == SHARES
    assert broken(PROMISES) == []


def test_what_is_listed_paid_out_and_confirmed_are_three_figures(
    stage: Paying, written: Written
) -> None:
    list_id = issued(stage)
    first, second, _ = lines_of(stage, list_id)
    new = NewPayout(TODAY, stage.proof.id, [first.line.id, second.line.id])
    pay_lines(list_id, new, by=stage.by("clerk"), now=NOW)
    handed = coded(stage, first)
    assert figures(list_id) == (161_000, 136_000, 0)
    answer_payout(handed.number, code=handed.code, received=True, now=NOW)
    assert figures(list_id) == (161_000, 136_000, first.line.amount_fen)
    assert sum(owed(stage)) == 25_000
    assert earned(stage) == [64_000, 72_000, 0]
    assert broken(PROMISES) == []
    acts = [row.action for row in written()]
    assert acts.count("pay_out") == 2
    assert {"draw_up_payout_list", "issue_payout_list", "hand_out_payout_code"} <= set(acts)
    assert acts[-1] == "answer_payout"


def test_what_comes_after_a_list_is_on_the_next_one(stage: Paying) -> None:
    paid_out(stage)
    with pytest.raises(NothingToPayOut):
        drawn_up(stage)
    assert owed(stage) == [0, 0, 0]


def test_a_refund_before_the_list_is_taken_off(db_session: object) -> None:
    del db_session
    stage = paying(refund=30_000)
    list_id = drawn_up(stage)
    assert [one.line.amount_fen for one in lines_of(stage, list_id)] == [57_600, 64_800, 22_500]
    assert broken(PROMISES) == []


def test_a_refund_after_the_payout_waits_for_money_it_can_be_taken_off(stage: Paying) -> None:
    list_id = paid_out(stage)
    refund(stage, 30_000)
    with pytest.raises(NothingToPayOut):
        drawn_up(stage)
    assert figures(list_id) == (161_000, 161_000, 0)
    assert owed(stage) == [-6_400, -7_200, -2_500]
    assert broken(PROMISES) == []


def test_what_did_not_arrive_goes_back_and_on_the_next_list(stage: Paying) -> None:
    list_id = paid_out(stage)
    first = lines_of(stage, list_id)[0]
    back = return_line(first.line.id, reason="账号有误", by=stage.by("clerk"), now=NOW)
    assert back.line.status is PayoutLineStatus.RETURNED
    assert figures(list_id) == (161_000, 97_000, 0)
    assert (owed(stage), earned(stage)) == ([64_000, 0, 0], [0, 72_000, 25_000])
    assert broken(PROMISES) == []
    again = drawn_up(stage)
    assert amounts(stage, again) == {first.household_code: 64_000}
    assert broken(PROMISES) == []


def test_a_list_that_is_called_off_frees_its_shares(stage: Paying) -> None:
    list_id = drawn_up(stage)
    with pytest.raises(NothingToPayOut):
        drawn_up(stage)
    cancel_list(list_id, reason="漏户", expected_version=None, by=stage.by("clerk"), now=NOW)
    assert figures(drawn_up(stage)) == (161_000, 0, 0)
    assert broken(PROMISES) == []


@pytest.mark.parametrize("paid_on", [date(2026, 5, 31), date(2026, 6, 2)])
def test_a_payment_is_neither_before_the_list_nor_to_come(stage: Paying, paid_on: date) -> None:
    list_id = issued(stage)
    new = NewPayout(paid_on, stage.proof.id)
    with pytest.raises(Invalid):
        pay_lines(list_id, new, by=stage.by("clerk"), now=NOW)
    assert figures(list_id) == (161_000, 0, 0)


def test_a_line_of_another_list_is_not_found(stage: Paying) -> None:
    other = paying()
    stranger = lines_of(other, issued(other))[0].line.id
    list_id = issued(stage)
    new = NewPayout(TODAY, stage.proof.id, [stranger])
    with pytest.raises(NotFound):
        pay_lines(list_id, new, by=stage.by("clerk"), now=NOW)


def test_relapse_warnings_follow_what_was_paid_out(stage: Paying) -> None:
    line = IncomeLine(
        id=new_id(),
        region_code=registry.VILLAGE,
        year=TODAY.year,
        per_head_fen=Fen(10_000),
        price_basis="当年价",
        source="测试",
    )
    db.session.add(line)
    db.session.flush()

    def below() -> list[str]:
        told = warn_of_relapse(
            stage.by("cadre"),
            region_code=registry.VILLAGE,
            year=TODAY.year,
            limit=9,
            cursor=None,
        )
        return [one.code for one in told.items if one.standing is Standing.BELOW_LINE]

    assert below() == []
    list_id = paid_out(stage)
    third = stage.there.households[2]
    assert below() == [third.code]
    first = lines_of(stage, list_id)[0]
    return_line(first.line.id, reason="退回", by=stage.by("clerk"), now=NOW)
    assert set(below()) == {third.code, first.household_code}


def test_accounts_are_given_in_clear_for_a_purpose_that_is_kept(
    stage: Paying, written: Written
) -> None:
    list_id = issued(stage)
    told = disclose_accounts(list_id, purpose="批量转账", by=stage.by("manager"), now=NOW)
    assert [one.bank_card for one in told] == [one.bank_card for one in stage.there.households]
    kept = db.session.scalars(select(Disclosure.subject_id)).all()
    assert set(kept) == {one.id for one in stage.there.households}
    assert [row.action for row in written()][-3:] == ["disclose"] * 3
    shown = str(lines_of(stage, list_id))
    assert not any(one.head_name in shown or str(one.bank_card) in shown for one in told)


@given(st.lists(st.tuples(INCOME_KINDS, st.integers(-(10**9), 10**9).map(Fen)), min_size=1))
def test_kinds_of_income_add_up_to_what_is_paid(parts: list[tuple[IncomeKind, Fen]]) -> None:
    whole = sum(amount for _, amount in parts)
    if whole > 0:
        found = by_income(parts)
        assert sum(found.values()) == whole
        assert all(amount > 0 for amount in found.values())


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(-100, 100)), max_size=30))
def test_nobody_is_on_a_list_for_nothing_and_nothing_is_lost(
    shares: Sequence[tuple[int, int]],
) -> None:
    dues = [
        Due(new_id(), HouseholdId(new_id()), f"户{who}", Fen(amount), IncomeKind.BUSINESS)
        for who, amount in shares
    ]
    lines = gather(dues)
    assert all(sum(one.amount_fen for one in line) > 0 for line in lines)
    listed = [one.household_code for line in lines for one in line[:1]]
    assert listed == sorted(set(listed))
    for line in lines:
        mine = [one for one in dues if one.household_code == line[0].household_code]
        assert line == mine


@pytest.mark.parametrize("guarded", [True, False])
def test_two_clerks_at_once_draw_up_one_list(fresh: Flask, guarded: bool) -> None:  # noqa: FBT001
    with fresh.app_context():
        stage = run(paying)
        if not guarded:
            run(_take_the_gates_away)
        acts = [partial(draw_up_list, by=stage.by("clerk"), now=NOW)] * 2
        told = race(fresh, acts)
        twice = run(_shares_listed_twice)
    if guarded:
        assert sorted(told) in (["done", "uq_payout_list_draft"], ["done", "nothing_to_pay_out"])
    assert twice == (0 if guarded else 3)


def _take_the_gates_away() -> None:
    for name in ("uq_payout_list_draft", "uq_payout_item_attribution_share"):
        db.session.execute(text(f"DROP INDEX {name}"))


def _shares_listed_twice() -> int:
    share = PayoutItem.attribution_share_id
    twice = select(share).group_by(share).having(func.count() > 1).subquery()
    return db.session.scalar(select(func.count()).select_from(twice)) or 0
