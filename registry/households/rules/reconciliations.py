"""How two registers differ, what may be decided about it, and when the account is closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kernel.actor import Actor
from kernel.errors import SamePerson
from registry.errors.reconciliations import (
    DecisionUnfit,
    DifferenceDecided,
    DifferencesUndecided,
    ReconciliationClosed,
    SurveyOutside,
    SurveyTaken,
)
from registry.households.models.households import HouseholdClass
from registry.households.models.reconciliations import (
    DifferenceDecision,
    DifferenceKind,
    Reconciliation,
    ReconciliationDifference,
)

DECISIONS: Mapping[DifferenceKind, frozenset[DifferenceDecision]] = MappingProxyType(
    {
        DifferenceKind.ONLY_REGISTER: frozenset(
            {DifferenceDecision.KEEP, DifferenceDecision.REMOVE}
        ),
        DifferenceKind.ONLY_SURVEY: frozenset({DifferenceDecision.ADD, DifferenceDecision.IGNORE}),
        DifferenceKind.FIELDS_DIFFER: frozenset(
            {DifferenceDecision.KEEP, DifferenceDecision.TAKE_SURVEY}
        ),
    }
)
COMPARED = ("village_code", "head_name", "members", "able_labour", "willing", "household_class")
"""The fields that are held side by side."""


@dataclass(frozen=True)
class SurveyRow:
    """One household as a survey found it; `line` is its line in the file."""

    line: int
    village_code: str
    head_name: str = field(repr=False)
    id_number: str = field(repr=False)
    members: int
    able_labour: int
    willing: bool
    household_class: HouseholdClass


def check_awaited(run: Reconciliation) -> None:
    """Refuse a survey for a run that is closed, or has its survey already."""
    if run.closed_at is not None:
        raise ReconciliationClosed
    if run.compared_at is not None:
        raise SurveyTaken


def check_inside(village_code: str, *, region_prefix: str) -> None:
    """Refuse a surveyed household outside the region of the run."""
    if not village_code.startswith(region_prefix):
        raise SurveyOutside(pointer="/village_code", village_code=village_code)


def differing_fields(household: object, row: SurveyRow) -> list[str]:
    """Name the fields in which a household of the register and of the survey differ."""
    return [name for name in COMPARED if getattr(household, name) != getattr(row, name)]


def check_decision(
    run: Reconciliation,
    difference: ReconciliationDifference,
    *,
    decision: DifferenceDecision,
    by: Actor,
) -> None:
    """Refuse a decision that is late, second, unfit, or by the author of the run."""
    if run.closed_at is not None:
        raise ReconciliationClosed
    if difference.decision is not None:
        raise DifferenceDecided
    if decision not in DECISIONS[difference.kind]:
        raise DecisionUnfit(pointer="/decision", kind=difference.kind, decision=decision)
    if by.user_id == run.author_id:
        raise SamePerson


def check_may_close(run: Reconciliation, *, undecided: int) -> None:
    """Refuse to close twice, or before every difference has its decision."""
    if run.closed_at is not None:
        raise ReconciliationClosed
    if undecided:
        raise DifferencesUndecided(count=undecided)


def households_after(register: int, decisions: Iterable[DifferenceDecision]) -> int:
    """Give what the register holds by the decisions: before, less removed, and added."""
    change = {DifferenceDecision.ADD: 1, DifferenceDecision.REMOVE: -1}
    return register + sum(change.get(one, 0) for one in decisions)
