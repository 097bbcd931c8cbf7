"""Report clues, take the steps of a case, and let what follows become true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import ONE_DAY, shanghai_day, shanghai_year
from kernel.database import db
from kernel.errors import NotAllowed, WrongState
from kernel.identity import new_id
from kernel.numbers import next_number
from registry.accounts.models import Role, UserId
from registry.documents.rules import check_clear_of_identity
from registry.households.commands.households import NewHousehold, add_household, write_change
from registry.households.models.cases import (
    CaseDecision,
    CaseId,
    CaseKind,
    CaseStatus,
    CaseStep,
    ClueSource,
    HouseholdCase,
    HouseholdCaseStep,
)
from registry.households.models.households import (
    ChangeReason,
    Household,
    HouseholdClass,
    HouseholdId,
    HouseholdState,
)
from registry.households.models.settings import SettingName
from registry.households.queries import cases as queries
from registry.households.queries.households import lock_household
from registry.households.queries.incomes import get_year
from registry.households.queries.settings import find_income_line, get_setting
from registry.households.rules import cases as rules
from registry.households.rules.incomes import per_head
from registry.notices.commands.notices import open_notice
from registry.notices.models import Notice
from registry.notices.queries import get_closing_day, list_objections, lock_notice
from registry.notices.rules import check_notice_over
from registry.regions.rules import COUNTY_DIGITS, check_reach

NOTICE_SUBJECT = "household_case"


@dataclass(frozen=True)
class NewCase:
    """A clue: of a household that the register knows, or of a new one."""

    kind: CaseKind
    source: ClueSource
    clue: str
    household_id: HouseholdId | None = None
    household: NewHousehold | None = None
    wanted_class: HouseholdClass | None = None


@dataclass(frozen=True)
class NewStep:
    """What somebody decides at a step; a visit says whether the guarantees are safe."""

    step: CaseStep
    decision: CaseDecision
    opinion: str
    guarantees_safe: bool | None = None
    income_year: int | None = None


def open_case(new: NewCase, *, by: Actor, now: datetime) -> HouseholdCase:
    """Report a clue; a household that the register does not know becomes a candidate.

    Refuses NotFound, NotAllowed (another region), CaseOpen, HouseholdNotListed (removal),
    IdNumberTaken, IdentityInText, and what a new household is refused for.
    """
    check_clear_of_identity(new.clue, pointer="/clue")
    if new.household is not None:
        household = add_household(new.household, state=HouseholdState.CANDIDATE, by=by, now=now)
    else:
        household = lock_household(by, HouseholdId(new.household_id or new_id()))
    check_reach(household.village_code, by=by)
    rules.check_may_open(household, kind=new.kind)
    today = shanghai_day(now)
    case = HouseholdCase(
        id=CaseId(new_id()),
        number=next_number(
            "BF-HC", region_code=household.village_code[:COUNTY_DIGITS], year=shanghai_year(now)
        ),
        kind=new.kind,
        household_id=household.id,
        village_code=household.village_code,
        wanted_class=new.wanted_class,
        source=new.source,
        clue=new.clue,
        status=CaseStatus.CLUE,
        round=1,
        author_id=UserId(by.user_id),
        opened_on=today,
        created_at=now,
        updated_at=now,
    )
    case.due_on = _due_on(case, from_on=today)
    db.session.add(case)
    _audit("open_household_case", case, by=by, now=now)
    return case


def take_step(case_id: CaseId, new: NewStep, *, by: Actor, now: datetime) -> HouseholdCase:
    """Take the step whose turn it is; the last pass changes how the household stands.

    Refuses NotFound, NotAllowed (another's step), WrongState, SamePerson, NoticeRunning,
    ObjectionOpen, CaseObjectionUpheld, IdentityInText, and at the comparison of a removal
    GuaranteesUnsafe, NobodyAbleToWork, NoIncomeLineInForce, IncomeBelowLine.
    """
    check_clear_of_identity(new.opinion, pointer="/opinion")
    if by.organisation_id is None:
        raise NotAllowed
    case = queries.lock_case(by, case_id)
    check_reach(case.village_code, by=by)
    status = rules.check_step(case.status, new.step, decision=new.decision, by=by)
    taken = [one for one in queries.list_steps(by, case.id) if one.round == case.round]
    rules.check_person(new.step, taken, author_id=case.author_id, by=by)
    today = shanghai_day(now)
    household = lock_household(SYSTEM, case.household_id)
    comparison = None
    if new.step is CaseStep.COMPARISON:
        comparison = _compare(case, household, new, taken=taken, today=today)
    if new.step is CaseStep.TOWN_CHECK:
        _check_notice(case, decision=new.decision, today=today)
    notice = _post(case, by=by, now=now) if new.step is CaseStep.NOTICE else None
    case.status, case.updated_at = status, now
    case.due_on = _due_on(case, from_on=today if notice is None else notice.closes_on - ONE_DAY)
    db.session.flush()
    db.session.add(_row(case, new, comparison, by=by, now=now))
    if status in rules.ENDED:
        _conclude(case, household, by=by, now=now)
    _audit(f"take_{new.step.value}", case, by=by, now=now)
    return case


def resubmit_case(case_id: CaseId, *, clue: str, by: Actor, now: datetime) -> HouseholdCase:
    """Hand in again what was returned: a new round begins with another visit."""
    check_clear_of_identity(clue, pointer="/clue")
    case = _lock_of_village(case_id, by=by)
    rules.check_transition(case.status, CaseStatus.CLUE)
    case.status, case.clue, case.round = CaseStatus.CLUE, clue, case.round + 1
    case.notice_id, case.updated_at = None, now
    case.due_on = _due_on(case, from_on=shanghai_day(now))
    _audit("resubmit_household_case", case, by=by, now=now)
    return case


def withdraw_case(case_id: CaseId, *, by: Actor, now: datetime) -> HouseholdCase:
    """Take a case back before it is on notice; a candidate is then dismissed."""
    case = _lock_of_village(case_id, by=by)
    rules.check_transition(case.status, CaseStatus.WITHDRAWN)
    household = lock_household(SYSTEM, case.household_id)
    case.status, case.due_on, case.updated_at = CaseStatus.WITHDRAWN, None, now
    _conclude(case, household, by=by, now=now)
    _audit("withdraw_household_case", case, by=by, now=now)
    return case


def _lock_of_village(case_id: CaseId, *, by: Actor) -> HouseholdCase:
    case = queries.lock_case(by, case_id)
    check_reach(case.village_code, by=by)
    if not by.has(Role.VILLAGE_CADRE) and by.user_id != case.author_id:
        raise NotAllowed
    return case


def _compare(
    case: HouseholdCase,
    household: Household,
    new: NewStep,
    *,
    taken: Sequence[HouseholdCaseStep],
    today: date,
) -> rules.Comparison:
    """Hold a year's income a head beside the line; last year's where none is named."""
    year = new.income_year or today.year - 1
    earned = get_year(SYSTEM, household.id, year=year)
    line = find_income_line(SYSTEM, region_code=household.village_code, year=year)
    comparison = rules.Comparison(
        year=year,
        per_head_fen=per_head(earned.total_fen, members=earned.members),
        line_fen=None if line is None else line.per_head_fen,
    )
    if case.kind is CaseKind.REMOVAL and new.decision is CaseDecision.PASS:
        safe = any(one.guarantees_safe for one in taken)
        rules.check_removal(
            household, comparison, guarantees_safe=safe, region_code=household.village_code
        )
    return comparison


def _check_notice(case: HouseholdCase, *, decision: CaseDecision, today: date) -> None:
    if case.notice_id is None:
        raise WrongState(state=case.status)
    notice = lock_notice(SYSTEM, case.notice_id)
    objections = list_objections(SYSTEM, notice.id)
    check_notice_over(notice, objections, today=today)
    rules.check_no_objection_upheld(objections, decision=decision)


def _post(case: HouseholdCase, *, by: Actor, now: datetime) -> Notice:
    """Put the case before the village; the notice names its number, the public list the code."""
    days = get_setting(
        SYSTEM, SettingName.NOTICE_DAYS, region_code=case.village_code, on=case.opened_on
    )
    notice = open_notice(
        subject=(NOTICE_SUBJECT, case.id),
        region_code=case.village_code,
        working_days=days.value,
        rule_source=days.source,
        by=by,
        now=now,
    )
    case.notice_id = notice.id
    return notice


def _due_on(case: HouseholdCase, *, from_on: date) -> date | None:
    """Give the first day on which the next step is late, by the figures of the opening day."""
    name = rules.CLOCK_OF_STATUS.get(case.status)
    if name is None:
        return None
    days = get_setting(SYSTEM, name, region_code=case.village_code, on=case.opened_on)
    return get_closing_day(SYSTEM, from_on, working_days=days.value)


def _conclude(case: HouseholdCase, household: Household, *, by: Actor, now: datetime) -> None:
    """Let the household stand as the case ended."""
    if case.status is CaseStatus.DECIDED and case.wanted_class is not None:
        household.household_class = case.wanted_class
        household.state, household.observed_until_on = HouseholdState.LISTED, None
    elif case.status is CaseStatus.DECIDED:
        days = get_setting(
            SYSTEM,
            SettingName.OBSERVATION_CALENDAR_DAYS,
            region_code=case.village_code,
            on=case.opened_on,
        )
        household.state = HouseholdState.OBSERVED
        household.observed_until_on = shanghai_day(now) + timedelta(days=days.value)
    elif household.state is HouseholdState.CANDIDATE:
        household.state = HouseholdState.DISMISSED
    else:
        return
    write_change(household, reason=ChangeReason.CASE, reason_id=case.id, by=by, now=now)


def _row(
    case: HouseholdCase,
    new: NewStep,
    comparison: rules.Comparison | None,
    *,
    by: Actor,
    now: datetime,
) -> HouseholdCaseStep:
    return HouseholdCaseStep(
        id=new_id(),
        case_id=case.id,
        author_id=case.author_id,
        round=case.round,
        step=new.step,
        decision=new.decision,
        opinion=new.opinion,
        guarantees_safe=new.guarantees_safe if new.step is CaseStep.VISIT else None,
        income_year=None if comparison is None else comparison.year,
        income_per_head_fen=None if comparison is None else comparison.per_head_fen,
        line_fen=None if comparison is None else comparison.line_fen,
        by_id=UserId(by.user_id),
        organisation_id=by.organisation_id,
        status=case.status,
        at=now,
    )


def _audit(action: str, case: HouseholdCase, *, by: Actor, now: datetime) -> None:
    db.session.flush()
    audit.write(
        action,
        subject=("household_case", case.id),
        by=by,
        now=now,
        after={"status": case.status, "round": case.round},
    )
