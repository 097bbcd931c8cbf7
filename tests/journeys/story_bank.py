"""What people do with statements of their bank in the story: lines that pay one order or several.

What a line pays is said a second time here, from `docs/rules/statements.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from kernel.database import db
from kernel.unit_of_work import run
from marketplace.settlement.commands.matching import match_lines
from marketplace.settlement.commands.statements import StatementRow
from marketplace.settlement.models.payments import Payment as Booked
from marketplace.settlement.models.statements import BankLine
from tests.builders.statements import credit, read
from tests.journeys.story_changes import Changes
from tests.journeys.story_model import Order, Payment

Meant = tuple[str, Sequence[tuple[Order, int]]]
NOBODY = "货款"
"""A remark that names no order."""


@dataclass
class Bank(Changes):
    """All acts so far, and those with statements."""

    read: list[tuple[int, StatementRow]] = field(default_factory=list)
    """The account and the line, in the order in which they were taken in."""

    def line_comes(self, orders: Sequence[Order], amount: int, *, into: int) -> None:
        """Take a line in that names these orders, or none: it pays what it is for, or waits."""
        self.number += 1
        remark = " ".join(order.number for order in orders) or NOBODY
        row = credit(amount, remark, reference=f"L{self.number}")
        self._take_in(into, [row])
        self.read.append((into, row))
        outcome, parts = expected(orders, amount, into=into)
        assert self._outcome(row) == outcome
        for order, part in parts:
            self._pay_by_line(order, part)
        self.model.statements[into].append((amount, sum(part for _, part in parts)))
        self.fired[f"bank {outcome}"] += 1

    def statement_again(self, pick: int, *, all_of_it: bool) -> None:
        """Take lines in that are known, once more and in another order; they change nothing."""
        account, row = self.read[pick % len(self.read)]
        known = [one for into, one in self.read if into == account]
        self._take_in(account, known[::-1] if all_of_it else [row], new=0)
        self.fired["statement again"] += 1

    def _take_in(self, account: int, rows: Sequence[StatementRow], *, new: int = 1) -> None:
        there, by = self.there.accounts[account], self.there.by[f"manager{account}"]
        run(lambda: read(there, rows, by=by))
        assert run(lambda: match_lines(there.id, now=self.now)) == new

    def _outcome(self, row: StatementRow) -> str:
        wanted = select(BankLine.outcome).where(BankLine.bank_reference == row.bank_reference)
        accounts = [one.id for one in self.there.accounts]
        found = db.session.scalars(wanted.where(BankLine.account_id.in_(accounts))).one()
        return str(found.value)

    def _pay_by_line(self, order: Order, amount: int) -> None:
        """Confirm what was announced, the just amount or the oldest first, then the rest."""
        announced = order.pending(by_card=False)
        just = [one for one in announced if one.amount == amount][:1]
        new: list[Payment] = []
        for payment in just or announced:
            part = min(amount, payment.amount)
            if not part:
                break
            if part < payment.amount:
                new.append(Payment(payment.id, payment.amount - part))
                order.payments.append(new[-1])
                self.fired["bank split"] += 1
            payment.amount = part
            order.comes(payment)
            amount -= part
        if amount:
            new.append(Payment(order.id, amount))
            order.payments.append(new[-1])
            order.comes(new[-1])
        self._name(order, new)

    def _name(self, order: Order, new: Sequence[Payment]) -> None:
        """Give payments that nobody announced, or that were split off, the keys of their rows."""
        known = [one.id for one in order.payments if one not in new]
        wanted = select(Booked.id, Booked.amount_fen, Booked.status).where(
            Booked.order_id == order.id, Booked.id.not_in(known)
        )
        rows = {(one.amount_fen, one.status.value): one.id for one in db.session.execute(wanted)}
        assert len(rows) == len(new)
        for one in new:
            one.id = rows[one.amount, one.status]


def expected(orders: Sequence[Order], amount: int, *, into: int) -> Meant:
    """Say what becomes of a line that names these orders, and what it pays of which."""
    if not orders:
        return "unknown", []
    if any(order.supplier != into for order in orders):
        return "wrong_account", []
    if any(order.status != "confirmed" for order in orders):
        return "closed", []
    return _of_several(orders, amount) if len(orders) > 1 else _of_one(orders[0], amount)


def _of_one(order: Order, amount: int) -> Meant:
    claim = order.claim()
    if not claim:
        return "closed", []
    if amount > claim:
        return "over", [(order, claim)]
    just = {claim, *(one.amount for one in order.pending(by_card=False))}
    return "exact" if amount in just else "partial", [(order, amount)]


def _of_several(orders: Sequence[Order], amount: int) -> Meant:
    claims = [(order, order.claim()) for order in orders]
    total = sum(claim for _, claim in claims)
    if amount < total or not all(claim for _, claim in claims):
        return "unclear", []
    return "joint" if amount == total else "over", claims
