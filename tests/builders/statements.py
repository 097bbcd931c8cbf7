"""Bank accounts, and statements handed in as a bank writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import count

from sqlalchemy import select

from kernel.actor import Actor
from kernel.database import db
from kernel.sheets.loading import CHUNK, Row
from marketplace.orders.models.orders import OrderId
from marketplace.settlement.commands.accounts import NewBankAccount, open_account
from marketplace.settlement.commands.matching import match_lines
from marketplace.settlement.commands.statements import StatementImport, StatementRow
from marketplace.settlement.models.statements import BankAccount, BankLine
from tests.builders.settlement import NOW, TODAY, order_of

_numbers = count(6_222_000_100_000_001)


def bank_account(by: Actor) -> BankAccount:
    """Register an invented account of the actor's organisation."""
    new = NewBankAccount("演示银行韶关支行", "演示合作社", str(next(_numbers)))
    return open_account(new, by=by, now=NOW)


def credit(
    amount: int,
    remark: str | None = None,
    *,
    payer: str | None = None,
    reference: str | None = None,
    on: date = TODAY,
) -> StatementRow:
    """Write a line of money that came in."""
    return StatementRow(
        on, credit_fen=amount, payer_name=payer, remark=remark, bank_reference=reference
    )


def debit(amount: int, remark: str | None = None, *, payer: str | None = None) -> StatementRow:
    """Write a line of money that went out."""
    return StatementRow(TODAY, debit_fen=amount, payer_name=payer, remark=remark)


def read(account: BankAccount, rows: Sequence[StatementRow], *, by: Actor) -> None:
    """Take a statement in, and leave its lines to be looked at."""
    importer = StatementImport(by=by, now=NOW, by_itself=False, subject_id=account.id)
    numbered = [Row(number, row) for number, row in enumerate(rows, 2)]
    assert list(importer.check(numbered)) == []
    for start in range(0, len(numbered), CHUNK):
        importer.write(numbered[start : start + CHUNK])
    importer.finish()


def looked_at(account: BankAccount, rows: Sequence[StatementRow], *, by: Actor) -> list[BankLine]:
    """Take a statement in and let matching look at it; give the account's lines in order."""
    read(account, rows, by=by)
    while match_lines(account.id, now=NOW):
        pass
    return lines_on(account)


def lines_on(account: BankAccount) -> list[BankLine]:
    """Read an account's lines as they stand now."""
    db.session.flush()
    return list(
        db.session.scalars(
            select(BankLine)
            .where(BankLine.account_id == account.id)
            .order_by(BankLine.position)
            .execution_options(populate_existing=True)
        )
    )


def number_of(order_id: OrderId) -> str:
    """Give the number that the payer of an order types."""
    return order_of(order_id).number
