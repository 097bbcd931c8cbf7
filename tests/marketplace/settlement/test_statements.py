"""Statements read and placed: each line once, by itself or by hand, and never above what it has."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.database import db
from kernel.errors import NotFound, SamePerson, VersionStale, WrongState
from kernel.money import Fen
from marketplace.errors.settlement import (
    AmountExceedsDue,
    MatchExceedsLine,
    RefundMissing,
    ReversalUnfit,
)
from marketplace.orders.models.orders import PaymentStatus
from marketplace.settlement.commands.matching import LinePart, match_by_hand
from marketplace.settlement.commands.payments import confirm_payment
from marketplace.settlement.commands.refunds import NewRefund, refund_payment
from marketplace.settlement.commands.statements import StatementRow
from marketplace.settlement.commands.waiting import (
    park_line,
    resume_line,
    return_line,
    reverse_line,
)
from marketplace.settlement.models.payments import Payment
from marketplace.settlement.models.statements import (
    BankAccount,
    BankLine,
    BankLineId,
    LineState,
    Outcome,
)
from marketplace.settlement.queries.promises import PROMISES
from marketplace.settlement.queries.statements import LineFilter, list_lines_of
from tests.builders.settlement import NOW, TODAY, Market, market, order_of, ordered, paid, quota_of
from tests.builders.statements import (
    bank_account,
    credit,
    debit,
    lines_on,
    looked_at,
    number_of,
    read,
)
from tests.promises import broken

pytestmark = pytest.mark.usefixtures("db_session")


@pytest.fixture
def there() -> Market:
    return market()


@pytest.fixture
def account(there: Market) -> BankAccount:
    return bank_account(there.by("manager"))


def one(there: Market, account: BankAccount, row: StatementRow) -> BankLine:
    return looked_at(account, [row], by=there.by("manager"))[-1]


def payments() -> list[tuple[str, int]]:
    rows = db.session.execute(select(Payment.status, Payment.amount_fen).order_by(Payment.id))
    return [(str(status), amount) for status, amount in rows]


def test_a_line_that_names_an_order_pays_it(there: Market, account: BankAccount) -> None:
    order_id = ordered(there, "10")
    line = one(there, account, credit(30_000, f"货款 {number_of(order_id)}", payer="个人代付"))
    assert (line.state, line.outcome, line.matched_fen) == (
        LineState.MATCHED,
        Outcome.EXACT,
        30_000,
    )
    order = order_of(order_id)
    assert (order.paid_fen, order.pending_fen, order.payment_status) == (
        30_000, 0, PaymentStatus.PAID,
    )  # fmt: skip
    assert quota_of(there) == (0, 30_000)
    payment = db.session.scalars(select(Payment)).one()
    assert (payment.registered_by, payment.decided_by) == (None, there.manager.id)
    assert broken(PROMISES) == []


def test_a_line_confirms_what_was_announced(there: Market, account: BankAccount) -> None:
    order_id = ordered(there, "10")
    sent = paid(there, order_id, 20_000, confirm=False)
    line = one(there, account, credit(20_000, sent.number))
    assert (line.outcome, payments()) == (Outcome.EXACT, [("confirmed", 20_000)])
    with pytest.raises(WrongState):
        confirm_payment(sent.id, by=there.by("manager"), now=NOW)


def test_a_part_of_what_was_announced_leaves_the_rest_pending(
    there: Market, account: BankAccount
) -> None:
    order_id = ordered(there, "10")
    sent = paid(there, order_id, 20_000, confirm=False)
    line = one(there, account, credit(15_000, sent.number))
    assert (line.outcome, line.state) == (Outcome.PARTIAL, LineState.MATCHED)
    assert sorted(payments()) == [("confirmed", 15_000), ("pending", 5_000)]
    order = order_of(order_id)
    assert (order.pending_fen, order.paid_fen) == (5_000, 15_000)
    assert broken(PROMISES) == []


def test_one_line_pays_several_orders_together(there: Market, account: BankAccount) -> None:
    first, second = ordered(there, "10"), ordered(there, "5")
    line = one(there, account, credit(45_000, f"{number_of(first)}，{number_of(second)}"))
    assert (line.state, line.outcome) == (LineState.MATCHED, Outcome.JOINT)
    assert (order_of(first).paid_fen, order_of(second).paid_fen) == (30_000, 15_000)


def test_what_is_above_stays_with_the_line_and_goes_back(
    there: Market, account: BankAccount
) -> None:
    order_id = ordered(there, "10")
    line = one(there, account, credit(31_000, number_of(order_id)))
    assert (line.state, line.outcome, line.matched_fen) == (LineState.OPEN, Outcome.OVER, 30_000)
    by = there.by("manager")
    view = return_line(line.id, reason="多付", expected_version=line.version, by=by, now=NOW)
    assert (view.line.state, view.line.returned_fen) == (LineState.RETURNED, 1_000)
    assert broken(PROMISES) == []


@pytest.mark.parametrize("how", ["reference", "payer"])
def test_without_a_number_one_announcement_of_the_amount_is_found(
    how: str, there: Market, account: BankAccount
) -> None:
    order_id = ordered(there, "10")
    paid(there, order_id, 30_000, confirm=False)
    reference = "流水001" if how == "reference" else None
    payer = there.unit.name if how == "payer" else None
    line = one(there, account, credit(30_000, payer=payer, reference=reference))
    assert (line.outcome, order_of(order_id).paid_fen) == (Outcome.EXACT, 30_000)


def test_two_announcements_alike_are_left_to_people(there: Market, account: BankAccount) -> None:
    for _ in range(2):
        paid(there, ordered(there, "5"), 15_000, confirm=False)
    line = one(there, account, credit(15_000, reference="流水001"))
    assert (line.state, line.outcome) == (LineState.OPEN, Outcome.UNKNOWN)


def test_another_sellers_order_is_the_wrong_account(there: Market, account: BankAccount) -> None:
    other = market()
    line = one(there, account, credit(30_000, number_of(ordered(other, "10"))))
    assert (line.state, line.outcome) == (LineState.OPEN, Outcome.WRONG_ACCOUNT)


def test_the_same_lines_again_are_no_new_lines(there: Market, account: BankAccount) -> None:
    by = there.by("manager")
    days = [TODAY + timedelta(days=number) for number in range(6)]
    rows = [credit(100, "伙食费", on=day) for day in days for _ in range(2)]
    read(account, rows[:8], by=by)
    read(account, rows[:8][::-1], by=by)
    read(account, rows[4:], by=by)
    found = Counter(line.booked_on for line in lines_on(account))
    assert found == dict.fromkeys(days, 2)


def test_control_lines_without_a_count_would_be_merged(
    there: Market, account: BankAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Counter, "__getitem__", lambda *_: 1)
    read(account, [credit(100), credit(100)], by=there.by("manager"))
    assert len(lines_on(account)) == 1


def test_a_reversal_takes_back_what_paid_nothing(there: Market, account: BankAccount) -> None:
    rows = [credit(500, "误转", payer="演示学校"), debit(500, "冲正", payer="演示学校")]
    came, back = looked_at(account, rows, by=there.by("manager"))
    assert (came.state, back.state, back.reverses_id) == (
        LineState.REVERSED, LineState.REVERSED, came.id,
    )  # fmt: skip


def test_a_reversal_of_what_paid_an_order_wants_the_refund_first(
    there: Market, account: BankAccount
) -> None:
    by, order_id = there.by("manager"), ordered(there, "10")
    rows = [credit(30_000, number_of(order_id)), debit(30_000, "退汇"), debit(9, "手续费")]
    came, back, fee = looked_at(account, rows, by=by)
    assert [line.state for line in (came, back, fee)] == ["matched", "open", "noted"]

    def fitting(reversal: BankLine) -> list[BankLineId]:
        found = list_lines_of(by, LineFilter(reversible_by=reversal.id), limit=9, cursor=None)
        return [each.line.id for each in found.items]

    def pair(reversal: BankLine, of: BankLine) -> object:
        return reverse_line(reversal.id, reverses_id=of.id, expected_version=None, by=by, now=NOW)

    with pytest.raises(RefundMissing):
        pair(back, came)
    with pytest.raises(ReversalUnfit):
        pair(back, fee)
    payment = db.session.scalars(select(Payment)).one()
    refund_payment(NewRefund(Fen(30_000), "退汇"), payment_id=payment.id, by=by, now=NOW)
    assert fitting(back) == [came.id]
    assert fitting(fee) == fitting(came) == []
    pair(back, came)
    assert fitting(back) == []
    assert [line.state for line in lines_on(account)] == ["matched", "reversed", "noted"]
    with pytest.raises(WrongState):
        pair(back, came)


def test_by_hand_a_line_is_split_over_orders_and_never_beyond(
    there: Market, account: BankAccount
) -> None:
    by = there.by("manager")
    first, second = ordered(there, "10"), ordered(there, "5")
    line = one(there, account, credit(44_000, "伙食"))

    def match(*parts: tuple[object, int], version: int | None = None) -> BankLine:
        named = [LinePart(order_id, Fen(amount)) for order_id, amount in parts]  # type: ignore[arg-type]
        return match_by_hand(line.id, named, expected_version=version, by=by, now=NOW).line

    with pytest.raises(MatchExceedsLine):
        match((first, 30_000), (second, 14_001))
    with pytest.raises(AmountExceedsDue):
        match((second, 15_001))
    with pytest.raises(NotFound):
        match((ordered(market(), "1"), 1))
    with pytest.raises(VersionStale):
        match((first, 1), version=99)
    assert payments() == []
    assert match((first, 30_000)).state is LineState.OPEN
    assert match((second, 14_000)).state is LineState.MATCHED
    assert (order_of(first).paid_fen, order_of(second).paid_fen) == (30_000, 14_000)
    with pytest.raises(WrongState):
        match((second, 1))
    assert broken(PROMISES) == []


def test_a_parked_line_waits_with_its_reason_and_is_taken_up_again(
    there: Market, account: BankAccount
) -> None:
    by, line = there.by("manager"), one(there, account, credit(5))
    parked = park_line(line.id, reason="等对方来电", expected_version=None, by=by, now=NOW).line
    assert (parked.state, parked.reason) == (LineState.PARKED, "等对方来电")
    with pytest.raises(WrongState):
        park_line(line.id, reason="再等", expected_version=None, by=by, now=NOW)
    assert resume_line(line.id, expected_version=None, by=by, now=NOW).line.state is LineState.OPEN
    with pytest.raises(NotFound):
        resume_line(line.id, expected_version=None, by=market().by("manager"), now=NOW)


def test_who_registered_a_payment_does_not_confirm_it_by_a_statement(
    there: Market, account: BankAccount, db_session: Session
) -> None:
    order_id = ordered(there, "10")
    sent = paid(there, order_id, 30_000, confirm=False)
    db_session.get_one(Payment, sent.id).registered_by = there.manager.id
    line = one(there, account, credit(30_000, sent.number))
    assert (line.state, line.matched_fen) == (LineState.OPEN, 0)
    with pytest.raises(SamePerson):
        confirm_payment(sent.id, by=there.by("manager"), now=NOW)
