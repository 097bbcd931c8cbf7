"""Take the lines of bank statements in: each once, however often and however sorted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import Actor
from kernel.crypto import blind_index
from kernel.database import db
from kernel.errors import Refusal
from kernel.events import record
from kernel.identity import new_id
from kernel.money import Fen
from kernel.sheets.importing import Objection
from kernel.sheets.loading import Row
from marketplace.errors.settlement import BankAccountClosed, StatementAmount, WrongBankAccount
from marketplace.events import StatementRead
from marketplace.settlement.commands.accounts import index_of
from marketplace.settlement.models.statements import BankAccountId, BankLine, LineState, Outcome
from marketplace.settlement.queries.statements import get_account
from marketplace.settlement.rules.statements import Content

CONTENT_INDEX = "bank_line.content"


@dataclass(frozen=True)
class StatementRow:
    """A line as a bank writes it: money that came in, or that went out."""

    booked_on: date
    credit_fen: int | None = None
    debit_fen: int | None = None
    payer_name: str | None = field(default=None, repr=False)
    payer_account: str | None = field(default=None, repr=False)
    remark: str | None = field(default=None, repr=False)
    bank_reference: str | None = None
    account_number: str | None = field(default=None, repr=False)

    @property
    def amount(self) -> Fen:
        """Give what the line adds to the account."""
        return Fen((self.credit_fen or 0) - (self.debit_fen or 0))

    @property
    def content(self) -> Content:
        """Give what makes the line the same line in another file."""
        return Content(
            self.booked_on,
            self.amount,
            self.payer_name,
            self.payer_account,
            self.remark,
            self.bank_reference,
        )


def check_account_open(by: Actor, account_id: UUID) -> None:
    """Refuse statements of an account out of sight (NotFound) or closed (BankAccountClosed)."""
    if get_account(by, BankAccountId(account_id)).closed_at is not None:
        raise BankAccountClosed


class StatementImport:
    """A statement of one account, written in bulk; lines that are known stay as they are."""

    def __init__(self, *, by: Actor, now: datetime, by_itself: bool, subject_id: UUID) -> None:
        del by_itself  # the lines of one account are in nobody's way
        self.by = by
        self.now = now
        self.account = get_account(by, BankAccountId(subject_id))
        self._seen: Counter[bytes] = Counter()
        self._read = self._new = 0

    def check(self, rows: Sequence[Row]) -> Iterator[Objection]:
        """Say which lines have no amount, or are of another account."""
        for row in rows:
            refusal = self._refusal(row.record)
            if refusal is not None:
                yield row.number, refusal

    def write(self, rows: Sequence[Row]) -> None:
        """Write the lines that are not known yet; equal ones of a file are counted apart."""
        table = cast("Table", BankLine.__table__)
        values = [self._values(row.record) for row in rows]
        statement = insert(table).on_conflict_do_nothing(constraint="uq_bank_line_content")
        written = db.session.execute(statement.values(values).returning(table.c.id)).all()
        self._read += len(values)
        self._new += len(written)

    def finish(self) -> None:
        """Leave one audit row for the statement, and tell that it was read."""
        audit.write(
            "bank_account.read",
            subject=("bank_account", self.account.id),
            by=self.by,
            now=self.now,
            after={"lines": self._read, "new": self._new},
        )
        record(StatementRead(account_id=self.account.id), now=self.now)

    def _refusal(self, row: StatementRow) -> Refusal | None:
        both = (row.credit_fen is not None) is (row.debit_fen is not None)
        if both or not row.amount:
            return StatementAmount(pointer="/credit_fen")
        named = row.account_number
        if named is not None and index_of(named) != self.account.number_index:
            return WrongBankAccount(pointer="/account_number")
        return None

    def _values(self, row: StatementRow) -> dict[str, Any]:
        index = blind_index(row.content.fingerprint, purpose=CONTENT_INDEX)
        self._seen[index] += 1
        return {
            "id": new_id(),
            "account_id": self.account.id,
            "booked_on": row.booked_on,
            "amount_fen": row.amount,
            "payer_name": row.payer_name,
            "payer_account": row.payer_account,
            "remark": row.remark,
            "bank_reference": row.bank_reference,
            "content_index": index,
            "occurrence": self._seen[index],
            "state": LineState.NEW,
            "outcome": Outcome.UNSEEN,
            "matched_fen": 0,
            "returned_fen": 0,
            "read_by": self.by.user_id,
            "read_at": self.now,
            "version": 1,
        }
