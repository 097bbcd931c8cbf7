"""Tell the register what households were paid, by kind of income, and take it back."""

from __future__ import annotations

from datetime import datetime

from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from marketplace.attribution.models.payouts import PayoutLine, PayoutLineId
from marketplace.attribution.queries.dues import list_income_parts
from marketplace.attribution.rules.payouts import by_income
from registry.households.commands.incomes import NewIncome, add_income, reverse_income
from registry.households.queries.incomes import list_incomes_of

SOURCE = "payout"


def feed_income(line: PayoutLine, *, by: Actor, now: datetime) -> None:
    """Add what a line paid to the household's year in which it was paid, once for each kind."""
    year = (line.paid_on or shanghai_day(now)).year
    for kind, amount in by_income(list_income_parts(by, line.id)).items():
        new = NewIncome(year, kind, amount, f"发放 {line.number} / payout {line.number}")
        add_income(line.household_id, new, source=(SOURCE, line.id), by=by, now=now)


def take_income_back(line_id: PayoutLineId, *, reason: str, now: datetime) -> None:
    """Reverse what a line had added; the register is looked at beyond the seller's reach."""
    for income in list_incomes_of(SYSTEM, source=SOURCE, source_id=line_id):
        reverse_income(income.id, reason=reason, by=SYSTEM, now=now)
