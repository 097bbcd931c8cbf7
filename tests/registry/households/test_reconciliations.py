"""Two registers side by side: every difference decided by somebody else, and all accounted for."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.actor import Actor
from kernel.errors import SamePerson
from registry.accounts.models import Role
from registry.errors.reconciliations import (
    DecisionUnfit,
    DifferenceDecided,
    DifferencesUndecided,
    ReconciliationClosed,
)
from registry.households.commands import reconciliations as commands
from registry.households.commands.surveys import Comparison
from registry.households.models.households import Household, HouseholdClass, HouseholdState
from registry.households.models.reconciliations import (
    DifferenceDecision,
    DifferenceKind,
    Reconciliation,
)
from registry.households.queries.reconciliations import get_reconciliation_view, list_differences
from registry.households.rules.reconciliations import SurveyRow
from registry.wiring import INVARIANTS
from tests.builders import registry as build
from tests.promises import broken
from tests.registry.households.casework import NOW, OFFICE

pytestmark = pytest.mark.usefixtures("db_session")
ON = date(2026, 2, 1)


def _row(line: int, household: Household, **changes: object) -> SurveyRow:
    same = {
        "village_code": household.village_code,
        "head_name": household.head_name,
        "id_number": household.id_number,
        "members": household.members,
        "able_labour": household.able_labour,
        "willing": household.willing,
        "household_class": household.household_class,
    }
    return SurveyRow(line=line, **{**same, **changes})  # type: ignore[arg-type]


def _new_row(line: int) -> SurveyRow:
    return SurveyRow(
        line=line,
        village_code=build.VILLAGE,
        head_name="何示九",
        id_number=build.id_number(),
        members=2,
        able_labour=0,
        willing=False,
        household_class=HouseholdClass.MARGINAL,
    )


def _compare(rows: list[SurveyRow], author: Actor) -> Reconciliation:
    run = commands.open_reconciliation(
        region_code=build.WUJIANG, survey="2026 普查", surveyed_on=ON, by=author, now=NOW
    )
    comparison = Comparison(run)
    comparison.take(rows)
    comparison.finish(by=author, now=NOW)
    return run


def test_two_registers_are_reconciled_to_the_last_household(db_session: Session) -> None:
    author = build.person(Role.COUNTY_REVIEWER, kind=OFFICE)
    decider = build.person(Role.COUNTY_REVIEWER, kind=OFFICE)
    same, gone, kept, differs = (build.household() for _ in range(4))
    rows = [_row(1, same), _row(2, differs, members=5), _new_row(3), _new_row(4)]
    run = _compare(rows, author)
    assert (run.register_households, run.survey_households, run.same_households) == (4, 4, 1)
    found = list_differences(decider, run.id, kind=None, decided=None, limit=9, cursor=None).items
    assert [one.kind for one in found].count(DifferenceKind.ONLY_REGISTER) == 2
    by_household = {one.household_id: one for one in found}
    assert by_household[differs.id].fields == ["members"]
    raw = db_session.execute(text("SELECT survey_row FROM reconciliation_difference")).scalars()
    assert all("何示九".encode() not in bytes(one) for one in raw if one is not None)
    new = [one for one in found if one.kind is DifferenceKind.ONLY_SURVEY]
    plan = [
        (by_household[gone.id], DifferenceDecision.REMOVE),
        (by_household[kept.id], DifferenceDecision.KEEP),
        (by_household[differs.id], DifferenceDecision.TAKE_SURVEY),
        (new[0], DifferenceDecision.ADD),
        (new[1], DifferenceDecision.IGNORE),
    ]
    for one, decision in plan:
        with pytest.raises(DifferencesUndecided):
            commands.close_reconciliation(run.id, by=decider, now=NOW)
        with pytest.raises(SamePerson):
            commands.decide_difference(one.id, decision=decision, reason="-", by=author, now=NOW)
        commands.decide_difference(
            one.id, decision=decision, reason="入户核对", by=decider, now=NOW
        )
        with pytest.raises(DifferenceDecided):
            commands.decide_difference(one.id, decision=decision, reason="-", by=decider, now=NOW)
    commands.close_reconciliation(run.id, by=decider, now=NOW)
    view = get_reconciliation_view(decider, run.id)
    assert (view.after_households, view.undecided) == (4, 0)
    assert view.by_decision == {"keep": 1, "remove": 1, "add": 1, "ignore": 1, "take_survey": 1}
    assert (gone.state, kept.state, differs.members) == (
        HouseholdState.EXITED, HouseholdState.LISTED, 5,
    )  # fmt: skip
    assert db_session.query(Household).count() == 5
    with pytest.raises(ReconciliationClosed):
        commands.close_reconciliation(run.id, by=decider, now=NOW)
    assert broken(INVARIANTS) == []


@pytest.mark.parametrize("kind", DifferenceKind)
@pytest.mark.parametrize("decision", DifferenceDecision)
def test_a_decision_fits_its_kind(kind: DifferenceKind, decision: DifferenceDecision) -> None:
    fits = {
        ("only_register", "keep"), ("only_register", "remove"),
        ("only_survey", "add"), ("only_survey", "ignore"),
        ("fields_differ", "keep"), ("fields_differ", "take_survey"),
    }  # fmt: skip
    author = build.person(Role.COUNTY_REVIEWER, kind=OFFICE)
    decider = build.person(Role.COUNTY_REVIEWER, kind=OFFICE)
    household = build.household()
    rows: list[SurveyRow] = {
        DifferenceKind.ONLY_REGISTER: [],
        DifferenceKind.ONLY_SURVEY: [_row(1, household), _new_row(2)],
        DifferenceKind.FIELDS_DIFFER: [_row(1, household, willing=False)],
    }[kind]
    run = _compare(rows, author)
    (one,) = list_differences(decider, run.id, kind=kind, decided=None, limit=9, cursor=None).items
    if (kind.value, decision.value) in fits:
        commands.decide_difference(one.id, decision=decision, reason="核", by=decider, now=NOW)
    else:
        with pytest.raises(DecisionUnfit):
            commands.decide_difference(one.id, decision=decision, reason="核", by=decider, now=NOW)
