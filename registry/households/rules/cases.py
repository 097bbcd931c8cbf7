"""Who takes which step of a case, in which order, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from uuid import UUID

from kernel.actor import Actor
from kernel.errors import NotAllowed, SamePerson, WrongState
from kernel.money import Fen
from registry.accounts.models import Role
from registry.errors.households import (
    CaseObjectionUpheld,
    GuaranteesUnsafe,
    HouseholdNotListed,
    IncomeBelowLine,
    NobodyAbleToWork,
    NoIncomeLineInForce,
    StepTaken,
)
from registry.households.models.cases import (
    CaseDecision,
    CaseKind,
    CaseStatus,
    CaseStep,
    HouseholdCaseStep,
)
from registry.households.models.households import Household, HouseholdState
from registry.households.models.settings import SettingName
from registry.households.rules.incomes import is_poor
from registry.notices.models import Objection

REPORTS_CLUES = frozenset({Role.VILLAGE_CADRE, Role.TOWN_CHECKER, Role.COUNTY_REVIEWER})
ROLE_OF_STEP: Mapping[CaseStep, Role] = MappingProxyType(
    {
        CaseStep.VISIT: Role.VILLAGE_CADRE,
        CaseStep.COMPARISON: Role.COUNTY_REVIEWER,
        CaseStep.NOTICE: Role.VILLAGE_CADRE,
        CaseStep.TOWN_CHECK: Role.TOWN_CHECKER,
        CaseStep.COUNTY_DECISION: Role.COUNTY_REVIEWER,
    }
)
BEFORE: Mapping[CaseStep, CaseStatus] = MappingProxyType(
    {
        CaseStep.VISIT: CaseStatus.CLUE,
        CaseStep.COMPARISON: CaseStatus.VISITED,
        CaseStep.NOTICE: CaseStatus.COMPARED,
        CaseStep.TOWN_CHECK: CaseStatus.IN_NOTICE,
        CaseStep.COUNTY_DECISION: CaseStatus.TOWN_CHECKED,
    }
)
AFTER: Mapping[CaseStep, CaseStatus] = MappingProxyType(
    {
        CaseStep.VISIT: CaseStatus.VISITED,
        CaseStep.COMPARISON: CaseStatus.COMPARED,
        CaseStep.NOTICE: CaseStatus.IN_NOTICE,
        CaseStep.TOWN_CHECK: CaseStatus.TOWN_CHECKED,
        CaseStep.COUNTY_DECISION: CaseStatus.DECIDED,
    }
)
VILLAGE_STEPS = frozenset({CaseStep.VISIT, CaseStep.NOTICE})
"""The village's own; the others are each by somebody else."""
TRANSITIONS: Mapping[CaseStatus, frozenset[CaseStatus]] = MappingProxyType(
    {
        CaseStatus.CLUE: frozenset({CaseStatus.VISITED, CaseStatus.WITHDRAWN}),
        CaseStatus.VISITED: frozenset(
            {
                CaseStatus.COMPARED,
                CaseStatus.RETURNED,
                CaseStatus.REJECTED,
                CaseStatus.WITHDRAWN,
            }
        ),
        CaseStatus.COMPARED: frozenset({CaseStatus.IN_NOTICE, CaseStatus.WITHDRAWN}),
        CaseStatus.IN_NOTICE: frozenset(
            {CaseStatus.TOWN_CHECKED, CaseStatus.RETURNED, CaseStatus.REJECTED}
        ),
        CaseStatus.TOWN_CHECKED: frozenset(
            {CaseStatus.DECIDED, CaseStatus.RETURNED, CaseStatus.REJECTED}
        ),
        CaseStatus.RETURNED: frozenset({CaseStatus.CLUE, CaseStatus.WITHDRAWN}),
        CaseStatus.DECIDED: frozenset(),
        CaseStatus.REJECTED: frozenset(),
        CaseStatus.WITHDRAWN: frozenset(),
    }
)
ENDED = frozenset({CaseStatus.DECIDED, CaseStatus.REJECTED, CaseStatus.WITHDRAWN})
CLOCK_OF_STATUS: Mapping[CaseStatus, SettingName] = MappingProxyType(
    {
        CaseStatus.CLUE: SettingName.VISIT_DAYS,
        CaseStatus.VISITED: SettingName.COMPARISON_DAYS,
        CaseStatus.COMPARED: SettingName.NOTICE_OPENING_DAYS,
        CaseStatus.IN_NOTICE: SettingName.TOWN_CHECK_DAYS,
        CaseStatus.TOWN_CHECKED: SettingName.COUNTY_DECISION_DAYS,
        CaseStatus.RETURNED: SettingName.RESUBMISSION_DAYS,
    }
)
"""How many working days a case may stay in a state; in the notice they begin at its end."""


@dataclass(frozen=True)
class Comparison:
    """What the comparison with income data saw: a year, its income a head, the line if any."""

    year: int
    per_head_fen: Fen
    line_fen: Fen | None


def check_transition(status: CaseStatus, wanted: CaseStatus) -> None:
    """Refuse a step that the state of the case does not allow."""
    if wanted not in TRANSITIONS[status]:
        raise WrongState(state=status)


def check_step(
    status: CaseStatus, step: CaseStep, *, decision: CaseDecision, by: Actor
) -> CaseStatus:
    """Give what the case becomes; refuses another's step (NotAllowed) and a wrong state."""
    if not by.has(ROLE_OF_STEP[step]):
        raise NotAllowed
    if status is not BEFORE[step]:
        raise WrongState(state=status)
    wanted = {
        CaseDecision.PASS: AFTER[step],
        CaseDecision.RETURN: CaseStatus.RETURNED,
        CaseDecision.REJECT: CaseStatus.REJECTED,
    }[decision]
    check_transition(status, wanted)
    return wanted


def check_person(
    step: CaseStep, taken: Sequence[HouseholdCaseStep], *, author_id: UUID, by: Actor
) -> None:
    """Refuse a step taken already, and one by somebody who had a hand in the case before."""
    if any(one.step is step for one in taken):
        raise StepTaken
    if step in VILLAGE_STEPS:
        return
    if by.user_id == author_id or any(one.by_id == by.user_id for one in taken):
        raise SamePerson


def check_no_objection_upheld(objections: Iterable[Objection], *, decision: CaseDecision) -> None:
    """Refuse to pass a case against whose notice somebody was right."""
    if decision is CaseDecision.PASS and any(one.upheld for one in objections):
        raise CaseObjectionUpheld


def check_may_open(household: Household, *, kind: CaseKind) -> None:
    """Refuse a removal of who is not listed; anybody may be looked at again."""
    if kind is CaseKind.REMOVAL and household.state is not HouseholdState.LISTED:
        raise HouseholdNotListed(state=household.state)


def check_removal(
    household: Household, comparison: Comparison, *, guarantees_safe: bool, region_code: str
) -> None:
    """Refuse to find a risk removed without safe guarantees, labour and income on the line."""
    if not guarantees_safe:
        raise GuaranteesUnsafe
    if household.able_labour == 0:
        raise NobodyAbleToWork
    if comparison.line_fen is None:
        raise NoIncomeLineInForce(region_code=region_code, year=comparison.year)
    if is_poor(comparison.per_head_fen, line=comparison.line_fen):
        raise IncomeBelowLine(per_head_fen=comparison.per_head_fen, line_fen=comparison.line_fen)


def is_late(due_on: date | None, *, today: date) -> bool:
    """Say whether the step whose turn it is should have been taken."""
    return due_on is not None and today >= due_on
