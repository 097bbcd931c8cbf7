"""What an income a head says beside the line in force, and which figure is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kernel.money import Fen
from registry.errors.households import IncomeReversed, YearNotBegun
from registry.households.models.incomes import HouseholdIncome

WHOLE_BP = 10_000


class Standing(StrEnum):
    """How a household's income stands to the line."""

    BELOW_LINE = "below_line"
    NEAR_LINE = "near_line"
    ABOVE_LINE = "above_line"
    NO_LINE_IN_FORCE = "no_line_in_force"


@dataclass(frozen=True)
class Figures:
    """An income a head beside the line; `warn_fen` is the height up to which relapse is near."""

    per_head_fen: Fen
    line_fen: Fen | None
    warn_fen: Fen | None
    standing: Standing


def per_head(total: Fen, *, members: int) -> Fen:
    """Divide a household's income by its heads, down to whole fen: nobody is lifted by rounding."""
    return Fen(total // members)


def is_poor(per_head_fen: Fen, *, line: Fen) -> bool:
    """Say whether an income a head is below the line; on the line it is not."""
    return per_head_fen < line


def stand(total: Fen, *, members: int, line: Fen | None, relapse_bp: int | None) -> Figures:
    """Tell how a year's income stands to the line, and whether relapse is near.

    Without a line nothing is said. Near is below the line times `relapse_bp` (basis points).
    """
    height = per_head(total, members=members)
    if line is None:
        return Figures(height, None, None, Standing.NO_LINE_IN_FORCE)
    warn = None if relapse_bp is None else Fen(line * relapse_bp // WHOLE_BP)
    if is_poor(height, line=line):
        return Figures(height, line, warn, Standing.BELOW_LINE)
    if warn is not None and height < warn:
        return Figures(height, line, warn, Standing.NEAR_LINE)
    return Figures(height, line, warn, Standing.ABOVE_LINE)


def check_year(year: int, *, today: date) -> None:
    """Refuse an income of a year to come."""
    if year > today.year:
        raise YearNotBegun(pointer="/year", year=year)


def check_reversible(income: HouseholdIncome, *, is_reversed: bool) -> None:
    """Refuse to take an income back twice, or a reversal at all."""
    if income.reverses_id is not None or is_reversed:
        raise IncomeReversed
