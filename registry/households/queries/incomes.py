"""What a household earned, and how it stands to the line in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, cast, func, select

from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.rows import locked
from registry.households.models.households import (
    Household,
    HouseholdChange,
    HouseholdClass,
    HouseholdId,
    HouseholdState,
)
from registry.households.models.incomes import HouseholdIncome, IncomeId, IncomeKind
from registry.households.queries.households import get_household, inside, visible

ONCE_TAKEN_IN = (HouseholdState.LISTED, HouseholdState.OBSERVED, HouseholdState.EXITED)


@dataclass(frozen=True)
class YearOfIncome:
    """A household's income of one year, by kind; every kind is named."""

    year: int
    by_kind: Mapping[IncomeKind, Fen]
    total_fen: Fen
    members: int


def list_incomes(
    actor: Actor, household_id: HouseholdId, *, year: int | None, limit: int, cursor: str | None
) -> Page[HouseholdIncome]:
    """List the entries of a household in the actor's sight, the newest first."""
    household = get_household(actor, household_id)
    statement = select(HouseholdIncome).where(HouseholdIncome.household_id == household.id)
    if year is not None:
        statement = statement.where(HouseholdIncome.year == year)
    return page(
        statement,
        keys=[(HouseholdIncome.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"household": household_id, "year": year},
    )


def get_year(actor: Actor, household_id: HouseholdId, *, year: int) -> YearOfIncome:
    """Sum a household's year by kind, beside its heads at the end of that year.

    A household that was not on the register then is counted with its heads of today.
    """
    household = get_household(actor, household_id)
    rows = db.session.execute(
        select(HouseholdIncome.kind, func.sum(HouseholdIncome.amount_fen))
        .where(HouseholdIncome.household_id == household.id, HouseholdIncome.year == year)
        .group_by(HouseholdIncome.kind)
    )
    sums = {kind: Fen(int(total)) for kind, total in rows}
    members = db.session.execute(
        select(HouseholdChange.members)
        .where(
            HouseholdChange.household_id == household.id,
            HouseholdChange.from_on <= date(year, 12, 31),
        )
        .order_by(HouseholdChange.from_on.desc(), HouseholdChange.position.desc())
        .limit(1)
    ).scalar_one_or_none()
    return YearOfIncome(
        year=year,
        by_kind={kind: sums.get(kind, Fen(0)) for kind in IncomeKind},
        total_fen=Fen(sum(sums.values())),
        members=members or household.members,
    )


def list_incomes_of(actor: Actor, *, source: str, source_id: UUID) -> list[HouseholdIncome]:
    """List the entries that follow from a fact, in the actor's sight."""
    return list(
        db.session.scalars(
            select(HouseholdIncome)
            .join(Household, Household.id == HouseholdIncome.household_id)
            .where(
                HouseholdIncome.source == source,
                HouseholdIncome.source_id == source_id,
                visible(actor),
            )
            .order_by(HouseholdIncome.id)
        )
    )


def lock_income(actor: Actor, income_id: IncomeId) -> tuple[HouseholdIncome, bool]:
    """Give an entry of a household in sight, its household locked, and whether it is reversed."""
    income = locked(
        select(HouseholdIncome)
        .join(Household, Household.id == HouseholdIncome.household_id)
        .where(HouseholdIncome.id == income_id, visible(actor)),
        of=Household,
    )
    reversal = select(HouseholdIncome.id).where(HouseholdIncome.reverses_id == income.id)
    return income, db.session.execute(reversal).first() is not None


@dataclass(frozen=True)
class EarnedYear:
    """What a household of the register earned in a year, by its code."""

    code: str
    village_code: str
    household_class: HouseholdClass
    state: HouseholdState
    members: int
    total_fen: Fen


def list_low_years(
    actor: Actor,
    *,
    year: int,
    below_fen: Fen,
    region_prefix: str,
    limit: int,
    cursor: str | None,
) -> Page[EarnedYear]:
    """List the households whose income a head of a year is below a height, by village and code.

    Listed, observed and left ones: a relapse shows where help has ended. Households without
    any entry of the year are left out: nothing is known of them. What is read stands in indexes.
    """
    earned = (
        select(func.sum(HouseholdIncome.amount_fen))
        .where(HouseholdIncome.household_id == Household.id, HouseholdIncome.year == year)
        .scalar_subquery()
    )
    found = page(
        select(
            Household.code,
            Household.village_code,
            Household.household_class,
            Household.state,
            Household.members,
            cast(earned, BigInteger),
        ).where(
            visible(actor),
            inside(Household.village_code, region_prefix),
            Household.state.in_(ONCE_TAKEN_IN),
            earned < below_fen * Household.members,
        ),
        keys=[(Household.village_code, False), (Household.code, False)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"year": year, "below": below_fen, "region": region_prefix},
    )
    return Page([EarnedYear(*row) for row in found.items], found.next_cursor)
