"""Constraints and promises of statements, and P4: generated statements of every kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from kernel.database import constraint_of, db
from marketplace.settlement.commands.statements import StatementRow
from marketplace.settlement.models.payments import Payment, PaymentState
from marketplace.settlement.models.statements import BankAccount, BankLine
from marketplace.settlement.queries.promises import PROMISES
from tests.builders.settlement import TODAY, Market, market, ordered
from tests.builders.statements import bank_account, credit, lines_on, looked_at, number_of, read
from tests.promises import broken

pytestmark = pytest.mark.usefixtures("db_session")


@pytest.fixture
def there() -> Market:
    return market()


@pytest.fixture
def account(there: Market) -> BankAccount:
    return bank_account(there.by("manager"))


def paid_by_line(there: Market, account: BankAccount) -> None:
    rows = [credit(15_000, number_of(ordered(there, "10")))]
    looked_at(account, rows, by=there.by("manager"))


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("UPDATE bank_line SET matched_fen = amount_fen + 1", "ck_bank_line_placed"),
        ("UPDATE bank_line SET returned_fen = -1", "ck_bank_line_placed"),
        ("UPDATE bank_line SET state = 'matched', matched_fen = 0", "ck_bank_line_settled"),
        ("UPDATE bank_line SET amount_fen = 0, matched_fen = 0", "ck_bank_line_amount"),
        ("UPDATE bank_line SET state = 'noted'", "ck_bank_line_noted"),
        ("UPDATE bank_line SET state = 'parked', reason = NULL", "ck_bank_line_parked"),
        ("UPDATE payment SET registered_by = NULL, method = 'treasury'", "ck_payment_registered"),
        ("UPDATE bank_account SET closed_at = opened_at - interval '1 day'",
         "ck_bank_account_closed"),
    ],
)  # fmt: skip
def test_a_row_that_breaks_it_is_refused_by_name(
    statement: str, name: str, there: Market, account: BankAccount
) -> None:
    paid_by_line(there, account)
    with pytest.raises(IntegrityError) as refused, db.session.begin_nested():
        db.session.execute(text(statement))
    assert constraint_of(refused.value) == name


@pytest.mark.usefixtures("db_session", "account")
def test_a_number_belongs_to_one_open_account() -> None:
    with pytest.raises(IntegrityError) as refused, db.session.begin_nested():
        db.session.execute(
            text(
                "INSERT INTO bank_account SELECT gen_random_uuid(), organisation_id, bank_name,"
                " holder_name, number, number_index, collects, opened_by, opened_at, closed_at,"
                " version FROM bank_account"
            )
        )
    assert constraint_of(refused.value) == "uq_bank_account_number"


def test_a_lie_about_matches_is_found(there: Market, account: BankAccount) -> None:
    paid_by_line(there, account)
    assert broken(PROMISES) == []
    db.session.execute(text("UPDATE bank_line SET matched_fen = 1, state = 'open'"))
    assert broken(PROMISES) == ["M20_statements"]


GENERATED = 300


@pytest.mark.parametrize("lines", [GENERATED, pytest.param(20_000, marks=pytest.mark.soak)])
def test_generated_statements_are_placed_once_and_within_bounds(
    lines: int, there: Market, account: BankAccount
) -> None:
    """P4: partial, over, joint, mistyped, equal, repeated, overlapping, reordered, reversed."""
    chance = Random(7)
    by = there.by("manager")
    numbers = [number_of(ordered(there, "0.5")) for _ in range(min(60, lines // 5))]
    rows = [_generated(chance, numbers) for _ in range(lines)]
    days = sorted({row.booked_on for row in rows})
    files = [
        [row for row in rows if row.booked_on in days[start : start + 12]]
        for start in range(0, len(days), 8)
    ]
    for file in files:
        looked_at(account, chance.sample(file, len(file)), by=by)
    found = Counter((line.booked_on, line.amount_fen, line.remark) for line in lines_on(account))
    assert found == Counter((row.booked_on, row.amount, row.remark) for row in rows)
    assert broken(PROMISES) == []
    count = select(func.count()).select_from(BankLine)
    outcomes = set(db.session.scalars(select(BankLine.outcome).distinct()))
    assert {"exact", "partial", "over", "unknown", "joint", "reversal", "debit"} <= outcomes
    read(account, [replace(row) for row in rows if row.booked_on == days[0]], by=by)
    assert db.session.execute(count).scalar_one() == lines
    assert PaymentState.PENDING not in set(db.session.scalars(select(Payment.status)))


def _generated(chance: Random, numbers: list[str]) -> StatementRow:
    typed = chance.choice(numbers)
    if chance.random() < 0.5:
        typed = "　".join(typed.replace("-", " ").translate(WIDE))
    also = chance.choice(numbers)
    day = TODAY + timedelta(days=chance.randrange(60))
    kinds = [
        credit(1_500, typed, on=day),
        credit(chance.randrange(1, 1_500), typed, on=day),
        credit(1_700, f"{typed} 多", on=day),
        credit(3_000, f"{typed}、{also}" if also != numbers[0] else typed, on=day),
        credit(100, "伙食费", on=day),
        credit(200, "伙食费", payer="演示学校", on=day),
        StatementRow(day, debit_fen=200, payer_name="演示学校", remark="冲正"),
        StatementRow(day, debit_fen=9, remark="手续费"),
    ]
    return chance.choice(kinds)


WIDE = str.maketrans("0123456789BFO", "０１２３４５６７８９ＢＦＯ")
