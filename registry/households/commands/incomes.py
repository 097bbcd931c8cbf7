"""Record what a household earned, and take it back where it was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from registry.documents.rules import check_clear_of_identity
from registry.households.models.households import HouseholdId
from registry.households.models.incomes import HouseholdIncome, IncomeId, IncomeKind
from registry.households.queries.households import lock_household
from registry.households.queries.incomes import lock_income
from registry.households.rules.incomes import check_reversible, check_year
from registry.regions.rules import check_reach

DECLARED = "declared"


@dataclass(frozen=True)
class NewIncome:
    """An income of a household in a year, above zero; where it is known from."""

    year: int
    kind: IncomeKind
    amount_fen: Fen
    note: str


def record_income(
    household_id: HouseholdId, new: NewIncome, *, by: Actor, now: datetime
) -> HouseholdIncome:
    """Record an income that an office of the household's region knows of.

    Refuses NotFound, NotAllowed (another region), YearNotBegun, IdentityInText.
    """
    household = lock_household(by, household_id)
    check_reach(household.village_code, by=by)
    return add_income(household_id, new, source=(DECLARED, None), by=by, now=now)


def add_income(
    household_id: HouseholdId,
    new: NewIncome,
    *,
    source: tuple[str, UUID | None],
    by: Actor,
    now: datetime,
) -> HouseholdIncome:
    """Add an income that follows from a fact, each fact and kind once (IncomeRecorded)."""
    check_year(new.year, today=shanghai_day(now))
    check_clear_of_identity(new.note, pointer="/note")
    return _write(
        HouseholdIncome(
            id=IncomeId(new_id()),
            household_id=household_id,
            year=new.year,
            kind=new.kind,
            amount_fen=new.amount_fen,
            source=source[0],
            source_id=source[1],
            note=new.note,
            recorded_by=by.user_id,
            recorded_at=now,
        ),
        by=by,
        now=now,
    )


def reverse_income(
    income_id: IncomeId, *, reason: str, by: Actor, now: datetime
) -> HouseholdIncome:
    """Take an income back whole; refuses NotFound, NotAllowed, IncomeReversed, IdentityInText."""
    check_clear_of_identity(reason, pointer="/reason")
    income, is_reversed = lock_income(by, income_id)
    household = lock_household(by, income.household_id)
    check_reach(household.village_code, by=by)
    check_reversible(income, is_reversed=is_reversed)
    return _write(
        HouseholdIncome(
            id=IncomeId(new_id()),
            household_id=income.household_id,
            year=income.year,
            kind=income.kind,
            amount_fen=Fen(-income.amount_fen),
            source="reversal",
            note=reason,
            reverses_id=income.id,
            recorded_by=by.user_id,
            recorded_at=now,
        ),
        by=by,
        now=now,
    )


def _write(income: HouseholdIncome, *, by: Actor, now: datetime) -> HouseholdIncome:
    db.session.add(income)
    db.session.flush()
    audit.write(
        "record_income",
        subject=("household_income", income.id),
        by=by,
        now=now,
        after={"year": income.year, "kind": income.kind, "amount_fen": income.amount_fen},
    )
    return income
