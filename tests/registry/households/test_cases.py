"""A household comes onto the register and leaves it, by clock and by the hands of four people."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.database import db
from kernel.errors import NotAllowed, NotFound, SamePerson, WrongState
from kernel.identity import new_id
from kernel.money import Fen
from registry.accounts.models import Role
from registry.errors.households import CaseObjectionUpheld, CaseOpen, IncomeBelowLine
from registry.errors.notices import NoticeRunning, ObjectionOpen
from registry.households.commands import cases as commands
from registry.households.commands.cases import NewCase
from registry.households.commands.households import NewHousehold, end_observations
from registry.households.commands.incomes import NewIncome, record_income
from registry.households.models.cases import CaseDecision, CaseId, CaseKind, CaseStep, ClueSource
from registry.households.models.households import (
    Household,
    HouseholdChange,
    HouseholdClass,
    HouseholdState,
)
from registry.households.models.incomes import IncomeKind
from registry.households.queries.cases import get_case_view, list_cases, list_posted_cases
from registry.households.queries.households import get_standing
from registry.notices.commands.objections import reply_to_objection
from registry.notices.models import Notice
from registry.notices.rules import NewReply
from tests.builders import registry as build
from tests.registry.households.casework import (
    NOTICE_OVER,
    NOW,
    OFFICE,
    advance,
    cast,
    income_line,
    opened,
    take,
)

pytestmark = pytest.mark.usefixtures("db_session")


def _states(session: Session, household: Household) -> list[tuple[str, str]]:
    rows = session.execute(
        select(HouseholdChange)
        .where(HouseholdChange.household_id == household.id)
        .order_by(HouseholdChange.position)
    ).scalars()
    return [(one.state.value, one.household_class.value) for one in rows]


def test_a_new_family_becomes_a_candidate_and_after_four_hands_is_listed(
    db_session: Session,
) -> None:
    people = cast()
    build.village()
    family = NewHousehold(
        village_code=build.VILLAGE,
        head_name="何示二",
        id_number=build.id_number(),
        members=3,
        able_labour=1,
        household_class=HouseholdClass.SUDDEN_DIFFICULTY,
    )
    case = commands.open_case(
        NewCase(
            kind=CaseKind.IDENTIFICATION,
            source=ClueSource.SELF_REPORT,
            clue="大病支出",
            household=family,
            wanted_class=HouseholdClass.SUDDEN_DIFFICULTY,
        ),
        by=people.cadre,
        now=NOW,
    )
    household = db_session.get_one(Household, case.household_id)
    assert household.state is HouseholdState.CANDIDATE
    assert case.due_on == date(2026, 3, 6)
    advance(people, case, CaseStep.NOTICE)
    notice = db_session.get_one(Notice, case.notice_id)
    assert (notice.working_days, notice.closes_on) == (5, date(2026, 3, 10))
    assert case.due_on == date(2026, 3, 13)
    (posted,) = list_posted_cases(
        people.town, region_prefix=build.VILLAGE, on=date(2026, 3, 2), limit=9, cursor=None
    ).items
    assert posted.household_code == household.code
    assert "何" not in repr(posted)
    with pytest.raises(NoticeRunning):
        take(case.id, CaseStep.TOWN_CHECK, people.town)
    take(case.id, CaseStep.TOWN_CHECK, people.town, now=NOTICE_OVER)
    take(case.id, CaseStep.COUNTY_DECISION, people.county, now=NOTICE_OVER)
    assert household.state.value == "listed"
    assert _states(db_session, household) == [
        ("candidate", "sudden_difficulty"),
        ("listed", "sudden_difficulty"),
    ]
    steps = get_case_view(people.county, case.id).steps
    assert [one.status.value for one in steps] == [
        "visited", "compared", "in_notice", "town_checked", "decided",
    ]  # fmt: skip


def test_nobody_decides_twice_and_the_class_of_a_past_day_stays(db_session: Session) -> None:
    people = cast()
    household = build.household()
    case = advance(people, opened(people, household.id), CaseStep.TOWN_CHECK)
    with pytest.raises(SamePerson):
        take(case.id, CaseStep.COUNTY_DECISION, people.comparer, now=NOTICE_OVER)
    with pytest.raises(NotAllowed):
        take(case.id, CaseStep.COUNTY_DECISION, people.town, now=NOTICE_OVER)
    take(case.id, CaseStep.COUNTY_DECISION, people.county, now=NOTICE_OVER)
    assert household.household_class is HouseholdClass.MARGINAL
    for on, wanted in (
        (date(2026, 3, 9), HouseholdClass.REGISTERED),
        (date(2026, 3, 10), HouseholdClass.MARGINAL),
    ):
        stood = get_standing(people.county, household.id, on=on)
        assert stood.household_class is wanted
    with pytest.raises(NotFound):
        get_standing(people.county, household.id, on=date(2019, 12, 31))
    with pytest.raises(WrongState):
        take(case.id, CaseStep.COUNTY_DECISION, people.county, now=NOTICE_OVER)
    assert len(_states(db_session, household)) == 2


def test_an_objection_holds_the_town_and_an_upheld_one_stops_the_pass() -> None:
    people = cast()
    case = advance(people, opened(people, build.household().id), CaseStep.NOTICE)
    assert case.notice_id is not None
    objection = build.objection(db.session.get_one(Notice, case.notice_id))
    with pytest.raises(ObjectionOpen):
        take(case.id, CaseStep.TOWN_CHECK, people.town, now=NOTICE_OVER)
    reply_to_objection(
        objection.id, reply=NewReply("属实", upheld=True), by=people.town, now=NOTICE_OVER
    )
    late = datetime(2026, 4, 10, 1, tzinfo=UTC)
    with pytest.raises(CaseObjectionUpheld):
        take(case.id, CaseStep.TOWN_CHECK, people.town, now=late)
    take(case.id, CaseStep.TOWN_CHECK, people.town, CaseDecision.RETURN, now=late)
    commands.resubmit_case(case.id, clue="补充核实", by=people.cadre, now=late)
    assert (case.status.value, case.round) == ("clue", 2)
    take(case.id, CaseStep.VISIT, people.cadre, now=late)


def test_a_removal_needs_income_on_the_line_and_is_watched_before_it_is_over(
    db_session: Session,
) -> None:
    people = cast()
    household = build.household()
    income_line(600_000)
    case = opened(people, household.id, CaseKind.REMOVAL)
    take(case.id, CaseStep.VISIT, people.cadre)
    with pytest.raises(IncomeBelowLine):
        take(case.id, CaseStep.COMPARISON, people.comparer)
    earned = NewIncome(2025, IncomeKind.WAGE, Fen(2_400_000), "务工")
    record_income(household.id, earned, by=people.cadre, now=NOW)
    take(case.id, CaseStep.COMPARISON, people.comparer)
    take(case.id, CaseStep.NOTICE, people.cadre)
    take(case.id, CaseStep.TOWN_CHECK, people.town, now=NOTICE_OVER)
    take(case.id, CaseStep.COUNTY_DECISION, people.county, now=NOTICE_OVER)
    assert household.state is HouseholdState.OBSERVED
    assert household.observed_until_on == date(2026, 9, 6)
    assert end_observations(now=datetime(2026, 9, 5, 1, tzinfo=UTC)) == 0
    assert end_observations(now=datetime(2026, 9, 6, 1, tzinfo=UTC)) == 1
    assert end_observations(now=datetime(2026, 9, 7, 1, tzinfo=UTC)) == 0
    assert [state for state, _ in _states(db_session, household)] == [
        "listed", "observed", "exited",
    ]  # fmt: skip


def test_one_open_case_a_household_and_a_candidate_that_is_taken_back_is_dismissed() -> None:
    people = cast()
    household = build.household()
    household.state = HouseholdState.CANDIDATE
    db.session.flush()
    case = opened(people, household.id)
    with pytest.raises(Exception, match="uq_household_case_open"), db.session.begin_nested():
        opened(people, household.id)
    commands.withdraw_case(case.id, by=people.cadre, now=NOW)
    assert household.state is HouseholdState.DISMISSED
    assert CaseOpen.code == "case_open"
    opened(people, household.id)


def test_the_work_list_gives_what_is_due_first_and_only_the_own_region() -> None:
    people = cast()
    one, two = build.household(), build.household("440203102801")
    opened(people, one.id)
    case = commands.open_case(
        NewCase(
            kind=CaseKind.IDENTIFICATION,
            source=ClueSource.DEPARTMENT_SCREENING,
            clue="部门比对",
            household_id=two.id,
            wanted_class=HouseholdClass.UNSTABLE,
        ),
        by=people.county,
        now=NOTICE_OVER,
    )
    asked: dict[str, Any] = {
        "household_id": None, "kind": None, "status": None, "region_prefix": "",
        "limit": 9, "cursor": None, "due_before_on": date(2026, 3, 7),
    }  # fmt: skip
    assert [c.household_id for c in list_cases(people.county, **asked).items] == [one.id]
    asked["due_before_on"] = date(2027, 1, 1)
    assert len(list_cases(people.county, **asked).items) == 2
    assert len(list_cases(people.town, **asked).items) == 1
    stranger = build.person(Role.COUNTY_REVIEWER, kind=OFFICE, region_code="440204")
    assert list_cases(stranger, **asked).items == []
    with pytest.raises(NotFound):
        get_case_view(stranger, case.id)
    with pytest.raises(NotFound):
        take(CaseId(new_id()), CaseStep.VISIT, people.cadre)
