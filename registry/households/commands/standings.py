"""Hold incomes beside the line in force: of one household, and of a region's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kernel.actor import Actor
from kernel.money import Fen
from registry.households.models.households import HouseholdClass, HouseholdId, HouseholdState
from registry.households.models.incomes import IncomeKind
from registry.households.models.settings import SettingName
from registry.households.queries.households import get_household
from registry.households.queries.incomes import get_year, list_low_years
from registry.households.queries.settings import find_income_line, find_setting
from registry.households.rules.incomes import Standing, stand
from registry.regions.rules import subtree_prefix


@dataclass(frozen=True)
class YearStanding:
    """A household's year with the line it is held against, and where that comes from."""

    year: int
    by_kind: Mapping[IncomeKind, Fen]
    total_fen: Fen
    members: int
    per_head_fen: Fen
    in_force: bool
    line_fen: Fen | None
    warn_fen: Fen | None
    price_basis: str | None
    source: str | None
    standing: Standing


@dataclass(frozen=True)
class RelapseWarning:
    """A household whose income a head is below or near the line."""

    code: str
    village_code: str
    household_class: HouseholdClass
    state: HouseholdState
    members: int
    total_fen: Fen
    per_head_fen: Fen
    standing: Standing


@dataclass(frozen=True)
class Warnings:
    """One page of a region's warnings, and the heights they were measured against."""

    in_force: bool
    line_fen: Fen | None
    warn_fen: Fen | None
    items: Sequence[RelapseWarning]
    next_cursor: str | None


def compare_year(actor: Actor, household_id: HouseholdId, *, year: int) -> YearStanding:
    """Tell how a year of a household in sight stands to the line of its place and year."""
    household = get_household(actor, household_id)
    earned = get_year(actor, household_id, year=year)
    line = find_income_line(actor, region_code=household.village_code, year=year)
    figures = stand(
        earned.total_fen,
        members=earned.members,
        line=None if line is None else line.per_head_fen,
        relapse_bp=_relapse_bp(actor, household.village_code, year=year),
    )
    return YearStanding(
        year=year,
        by_kind=earned.by_kind,
        total_fen=earned.total_fen,
        members=earned.members,
        per_head_fen=figures.per_head_fen,
        in_force=line is not None,
        line_fen=figures.line_fen,
        warn_fen=figures.warn_fen,
        price_basis=None if line is None else line.price_basis,
        source=None if line is None else line.source,
        standing=figures.standing,
    )


def warn_of_relapse(
    actor: Actor, *, region_code: str, year: int, limit: int, cursor: str | None
) -> Warnings:
    """Tell which households of a region were below or near its line; nobody without a line."""
    line = find_income_line(actor, region_code=region_code, year=year)
    if line is None:
        return Warnings(in_force=False, line_fen=None, warn_fen=None, items=[], next_cursor=None)
    relapse_bp = _relapse_bp(actor, region_code, year=year)
    height = stand(Fen(0), members=1, line=line.per_head_fen, relapse_bp=relapse_bp).warn_fen
    found = list_low_years(
        actor,
        year=year,
        below_fen=line.per_head_fen if height is None else height,
        region_prefix=subtree_prefix(region_code),
        limit=limit,
        cursor=cursor,
    )
    warnings = []
    for one in found.items:
        figures = stand(
            one.total_fen, members=one.members, line=line.per_head_fen, relapse_bp=relapse_bp
        )
        warnings.append(
            RelapseWarning(
                code=one.code,
                village_code=one.village_code,
                household_class=one.household_class,
                state=one.state,
                members=one.members,
                total_fen=one.total_fen,
                per_head_fen=figures.per_head_fen,
                standing=figures.standing,
            )
        )
    return Warnings(
        in_force=True,
        line_fen=line.per_head_fen,
        warn_fen=height,
        items=warnings,
        next_cursor=found.next_cursor,
    )


def _relapse_bp(actor: Actor, region_code: str, *, year: int) -> int | None:
    setting = find_setting(
        actor, SettingName.RELAPSE_BP, region_code=region_code, on=date(year, 12, 31)
    )
    return None if setting is None else setting.value
