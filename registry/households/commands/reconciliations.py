"""Hold the register beside a survey, decide each difference, and close the account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

import orjson

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.database import db
from kernel.identity import new_id
from kernel.numbers import next_number
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity
from registry.errors.reconciliations import DecisionReasonMissing
from registry.households.commands.households import (
    NewHousehold,
    add_household,
    write_change,
)
from registry.households.commands.moves import carry_pairings
from registry.households.models.households import (
    ChangeReason,
    Household,
    HouseholdClass,
    HouseholdId,
    HouseholdState,
)
from registry.households.models.reconciliations import (
    DifferenceDecision,
    DifferenceId,
    Reconciliation,
    ReconciliationDifference,
    ReconciliationId,
)
from registry.households.queries import reconciliations as queries
from registry.households.queries.households import lock_household
from registry.households.rules import reconciliations as rules
from registry.households.rules.households import check_helped
from registry.households.rules.reconciliations import SurveyRow
from registry.regions.queries import get_live_region
from registry.regions.rules import COUNTY_DIGITS, check_reach


def open_reconciliation(
    *, region_code: str, survey: str, surveyed_on: date, by: Actor, now: datetime
) -> Reconciliation:
    """Open a comparison of a region's register with a survey, whose file is awaited.

    Refuses RegionUnknown, NotAllowed (another region), ReconciliationOpen, IdentityInText.
    """
    check_clear_of_identity(survey, pointer="/survey")
    get_live_region(by, region_code, on=shanghai_day(now), pointer="/region_code")
    check_reach(region_code, by=by)
    number = next_number("BF-R", region_code=region_code[:COUNTY_DIGITS], year=shanghai_year(now))
    run = Reconciliation(
        id=ReconciliationId(new_id()),
        number=number,
        region_code=region_code,
        survey=survey,
        surveyed_on=surveyed_on,
        register_households=0,
        survey_households=0,
        same_households=0,
        author_id=UserId(by.user_id),
        created_at=now,
    )
    db.session.add(run)
    _audit("open_reconciliation", run, by=by, now=now, after={"region_code": region_code})
    return run


@dataclass(frozen=True)
class ListedDecision:
    """A difference as a list decides it; without a decision it waits on."""

    id: DifferenceId
    decision: DifferenceDecision | None = None
    reason: str | None = None


def decide_listed(row: ListedDecision, *, by: Actor, now: datetime) -> None:
    """Decide a difference as a list says; one that stands decided so stays (no second decision).

    Refuses what `decide_difference` does, and DecisionReasonMissing.
    """
    if row.decision is None:
        return
    if row.reason is None:
        raise DecisionReasonMissing(pointer="/reason")
    standing = queries.get_difference(by, row.id)
    if standing.decision is row.decision:
        return
    decide_difference(row.id, decision=row.decision, reason=row.reason, by=by, now=now)


def decide_difference(
    difference_id: DifferenceId,
    *,
    decision: DifferenceDecision,
    reason: str,
    by: Actor,
    now: datetime,
) -> ReconciliationDifference:
    """Decide one difference for a reason, and let the register follow at once.

    Refuses NotFound, NotAllowed, ReconciliationClosed, DifferenceDecided, DecisionUnfit,
    SamePerson (the run's author), IdentityInText; for an addition what a new household is
    refused for; HouseholdNotListed where a household has left meanwhile.
    """
    check_clear_of_identity(reason, pointer="/reason")
    run, difference = queries.lock_difference(by, difference_id)
    check_reach(run.region_code, by=by)
    rules.check_decision(run, difference, decision=decision, by=by)
    if decision is DifferenceDecision.ADD:
        difference.household_id = _add(difference, by=by, now=now).id
    elif decision in {DifferenceDecision.REMOVE, DifferenceDecision.TAKE_SURVEY}:
        _change(difference, decision=decision, by=by, now=now)
    difference.decision, difference.reason = decision, reason
    difference.decided_by_id, difference.decided_at = UserId(by.user_id), now
    _audit("decide_difference", run, by=by, now=now, after={"decision": decision})
    return difference


def close_reconciliation(
    reconciliation_id: ReconciliationId, *, by: Actor, now: datetime
) -> Reconciliation:
    """Close the account of a run; one whose survey never came is withdrawn.

    Refuses NotFound, NotAllowed, DifferencesUndecided, ReconciliationClosed.
    """
    run = queries.lock_reconciliation(by, reconciliation_id)
    check_reach(run.region_code, by=by)
    rules.check_may_close(run, undecided=queries.count_undecided(by, run.id))
    run.after_households = rules.households_after(
        run.register_households, queries.list_decisions(by, run.id)
    )
    run.closed_by_id, run.closed_at = UserId(by.user_id), now
    _audit("close_reconciliation", run, by=by, now=now, after={"after": run.after_households})
    return run


def _survey_row(difference: ReconciliationDifference) -> SurveyRow:
    kept = orjson.loads(difference.survey_row or "{}")
    return SurveyRow(**{**kept, "household_class": HouseholdClass(kept["household_class"])})


def _add(difference: ReconciliationDifference, *, by: Actor, now: datetime) -> Household:
    row = _survey_row(difference)
    return add_household(
        NewHousehold(
            village_code=row.village_code,
            head_name=row.head_name,
            id_number=row.id_number,
            members=row.members,
            able_labour=row.able_labour,
            household_class=row.household_class,
            willing=row.willing,
        ),
        state=HouseholdState.LISTED,
        by=by,
        now=now,
        reason=ChangeReason.RECONCILIATION,
        reason_id=difference.id,
    )


def _change(
    difference: ReconciliationDifference,
    *,
    decision: DifferenceDecision,
    by: Actor,
    now: datetime,
) -> None:
    household = lock_household(SYSTEM, cast("HouseholdId", difference.household_id))
    check_helped(household)
    lived_in = household.village_code
    if decision is DifferenceDecision.REMOVE:
        household.state, household.observed_until_on = HouseholdState.EXITED, None
    else:
        row = _survey_row(difference)
        for name in difference.fields:
            setattr(household, name, getattr(row, name))
    db.session.flush()
    has_moved = household.village_code != lived_in
    write_change(
        household,
        reason=ChangeReason.RECONCILIATION,
        reason_id=difference.id,
        left_village_code=lived_in if has_moved else None,
        by=by,
        now=now,
    )
    if has_moved:
        carry_pairings(household, by=by, now=now)


def _audit(
    action: str, run: Reconciliation, *, by: Actor, now: datetime, after: dict[str, Any]
) -> None:
    db.session.flush()
    audit.write(action, subject=("reconciliation", run.id), by=by, now=now, after=after)
