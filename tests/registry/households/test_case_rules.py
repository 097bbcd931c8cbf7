"""Every step of a case in every state, by every role: the table of docs/rules/households.md."""

from __future__ import annotations

from itertools import product

import pytest

from kernel.actor import Actor
from kernel.errors import NotAllowed, SamePerson, WrongState
from kernel.identity import new_id
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
from registry.households.rules import cases as rules
from registry.notices.models import Objection

ALLOWED = {
    ("clue", "visit", "pass", "village_cadre"): "visited",
    ("visited", "comparison", "pass", "county_reviewer"): "compared",
    ("visited", "comparison", "return", "county_reviewer"): "returned",
    ("visited", "comparison", "reject", "county_reviewer"): "rejected",
    ("compared", "notice", "pass", "village_cadre"): "in_notice",
    ("in_notice", "town_check", "pass", "town_checker"): "town_checked",
    ("in_notice", "town_check", "return", "town_checker"): "returned",
    ("in_notice", "town_check", "reject", "town_checker"): "rejected",
    ("town_checked", "county_decision", "pass", "county_reviewer"): "decided",
    ("town_checked", "county_decision", "return", "county_reviewer"): "returned",
    ("town_checked", "county_decision", "reject", "county_reviewer"): "rejected",
}
EDGES = {
    ("clue", "visited"), ("clue", "withdrawn"),
    ("visited", "compared"), ("visited", "returned"), ("visited", "rejected"),
    ("visited", "withdrawn"),
    ("compared", "in_notice"), ("compared", "withdrawn"),
    ("in_notice", "town_checked"), ("in_notice", "returned"), ("in_notice", "rejected"),
    ("town_checked", "decided"), ("town_checked", "returned"), ("town_checked", "rejected"),
    ("returned", "clue"), ("returned", "withdrawn"),
}  # fmt: skip
SAW = rules.Comparison(year=2025, per_head_fen=Fen(400_000), line_fen=Fen(400_000))


def _by(*roles: Role) -> Actor:
    return Actor(user_id=new_id(), roles=frozenset(roles))


@pytest.mark.parametrize("status", CaseStatus)
@pytest.mark.parametrize("step", CaseStep)
@pytest.mark.parametrize("role", Role)
def test_a_step_is_taken_in_its_state_by_its_role_and_never_else(
    status: CaseStatus, step: CaseStep, role: Role
) -> None:
    for decision in CaseDecision:
        wanted = ALLOWED.get((status.value, step.value, decision.value, role.value))
        if wanted is not None:
            assert rules.check_step(status, step, decision=decision, by=_by(role)) == wanted
            continue
        right_role = any(one[1] == step and one[3] == role for one in ALLOWED)
        with pytest.raises(WrongState if right_role else NotAllowed):
            rules.check_step(status, step, decision=decision, by=_by(role))


@pytest.mark.parametrize(("before", "after"), list(product(CaseStatus, CaseStatus)))
def test_the_table_of_transitions(before: CaseStatus, after: CaseStatus) -> None:
    if (before.value, after.value) in EDGES:
        rules.check_transition(before, after)
    else:
        with pytest.raises(WrongState):
            rules.check_transition(before, after)


def test_each_step_is_taken_once_and_each_office_step_by_somebody_else() -> None:
    cadre, county, other = (_by(Role.VILLAGE_CADRE), _by(Role.COUNTY_REVIEWER), _by())
    visit = HouseholdCaseStep(step=CaseStep.VISIT, by_id=cadre.user_id)
    comparison = HouseholdCaseStep(step=CaseStep.COMPARISON, by_id=county.user_id)
    author = new_id()
    rules.check_person(CaseStep.NOTICE, [visit, comparison], author_id=cadre.user_id, by=cadre)
    rules.check_person(CaseStep.COUNTY_DECISION, [visit, comparison], author_id=author, by=other)
    with pytest.raises(StepTaken):
        rules.check_person(CaseStep.VISIT, [visit], author_id=author, by=other)
    for step, by in (
        (CaseStep.COUNTY_DECISION, county),
        (CaseStep.TOWN_CHECK, cadre),
        (CaseStep.TOWN_CHECK, Actor(user_id=author)),
    ):
        with pytest.raises(SamePerson):
            rules.check_person(step, [visit, comparison], author_id=author, by=by)


def test_an_upheld_objection_stops_the_pass_and_nothing_else() -> None:
    upheld = [Objection(upheld=True), Objection(upheld=False)]
    with pytest.raises(CaseObjectionUpheld):
        rules.check_no_objection_upheld(upheld, decision=CaseDecision.PASS)
    rules.check_no_objection_upheld(upheld, decision=CaseDecision.RETURN)
    rules.check_no_objection_upheld([Objection(upheld=False)], decision=CaseDecision.PASS)


@pytest.mark.parametrize("state", HouseholdState)
def test_only_who_is_listed_leaves_and_anybody_is_looked_at_again(state: HouseholdState) -> None:
    household = Household(state=state)
    rules.check_may_open(household, kind=CaseKind.IDENTIFICATION)
    if state is HouseholdState.LISTED:
        rules.check_may_open(household, kind=CaseKind.REMOVAL)
    else:
        with pytest.raises(HouseholdNotListed):
            rules.check_may_open(household, kind=CaseKind.REMOVAL)


def test_a_risk_is_removed_with_income_on_the_line_labour_and_safe_guarantees() -> None:
    """T-S1: 4,000.00 yuan is not poor, 3,999.99 is."""
    able, unable = Household(able_labour=1), Household(able_labour=0)
    poor = rules.Comparison(year=2025, per_head_fen=Fen(399_999), line_fen=Fen(400_000))
    unknown = rules.Comparison(year=2025, per_head_fen=Fen(400_000), line_fen=None)
    rules.check_removal(able, SAW, guarantees_safe=True, region_code="440203")
    for household, saw, safe, refusal in (
        (able, SAW, False, GuaranteesUnsafe),
        (unable, SAW, True, NobodyAbleToWork),
        (able, poor, True, IncomeBelowLine),
        (able, unknown, True, NoIncomeLineInForce),
    ):
        with pytest.raises(refusal):
            rules.check_removal(household, saw, guarantees_safe=safe, region_code="440203")
