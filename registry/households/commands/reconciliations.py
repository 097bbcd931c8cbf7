"""Hold the register beside a survey, decide each difference, and close the account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, cast

import orjson
from sqlalchemy import Table, insert

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.crypto import blind_index
from kernel.database import db
from kernel.identity import new_id
from kernel.numbers import next_number
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity
from registry.errors.regions import RegionUnknown
from registry.households.commands.households import (
    ID_NUMBER_INDEX,
    NewHousehold,
    add_household,
    write_change,
)
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
    DifferenceKind,
    Reconciliation,
    ReconciliationDifference,
    ReconciliationId,
)
from registry.households.queries import reconciliations as queries
from registry.households.queries.households import COUNTY_DIGITS, lock_household
from registry.households.rules import reconciliations as rules
from registry.households.rules.households import check_helped
from registry.households.rules.reconciliations import SurveyRow
from registry.regions.queries import find_region
from registry.regions.rules import check_reach, subtree_prefix

BATCH = 2_000


def open_reconciliation(
    rows: Sequence[SurveyRow],
    *,
    region_code: str,
    survey: str,
    surveyed_on: date,
    by: Actor,
    now: datetime,
) -> Reconciliation:
    """Compare a survey of a region with its register, and keep every difference.

    Refuses RegionUnknown, NotAllowed (another region), SurveyRowTwice, SurveyRowUnfit,
    ReconciliationOpen, IdentityInText. Nothing of the register changes.
    """
    check_clear_of_identity(survey, pointer="/survey")
    if find_region(by, region_code, on=shanghai_day(now)) is None:
        raise RegionUnknown(pointer="/region_code", region_code=region_code)
    check_reach(region_code, by=by)
    prefix = subtree_prefix(region_code)
    rules.check_survey(rows, region_prefix=prefix)
    register = {
        bytes(one.id_number_index): one
        for one in queries.list_helped_households(SYSTEM, region_prefix=prefix)
    }
    surveyed = {blind_index(row.id_number, purpose=ID_NUMBER_INDEX): row for row in rows}
    found = _differences(register, surveyed)
    touched = sum(one["kind"] is not DifferenceKind.ONLY_SURVEY for one in found)
    number = next_number("BF-R", region_code=region_code[:COUNTY_DIGITS], year=shanghai_year(now))
    run = Reconciliation(
        id=ReconciliationId(new_id()),
        number=number,
        region_code=region_code,
        survey=survey,
        surveyed_on=surveyed_on,
        register_households=len(register),
        survey_households=len(surveyed),
        same_households=len(register) - touched,
        author_id=UserId(by.user_id),
        created_at=now,
        compared_at=now,
    )
    db.session.add(run)
    db.session.flush()
    shared = {"reconciliation_id": run.id, "author_id": run.author_id}
    for start in range(0, len(found), BATCH):
        db.session.execute(
            insert(cast("Table", ReconciliationDifference.__table__)),
            [{**shared, **one} for one in found[start : start + BATCH]],
        )
    _audit("open_reconciliation", run, by=by, now=now, after={"differences": len(found)})
    return run


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
    """Close the account of a run; refuses DifferencesUndecided, ReconciliationClosed."""
    run = queries.lock_reconciliation(by, reconciliation_id)
    check_reach(run.region_code, by=by)
    rules.check_may_close(run, undecided=queries.count_undecided(by, run.id))
    run.after_households = rules.households_after(
        run.register_households, queries.list_decisions(by, run.id)
    )
    run.closed_by_id, run.closed_at = UserId(by.user_id), now
    _audit("close_reconciliation", run, by=by, now=now, after={"after": run.after_households})
    return run


def _differences(
    register: dict[bytes, Household], surveyed: dict[bytes, SurveyRow]
) -> list[dict[str, Any]]:
    found = []
    for index, household in register.items():
        row = surveyed.get(index)
        fields = [] if row is None else rules.differing_fields(household, row)
        if row is None or fields:
            kind = DifferenceKind.ONLY_REGISTER if row is None else DifferenceKind.FIELDS_DIFFER
            found.append(_difference(kind, index, household=household, row=row, fields=fields))
    for index, row in surveyed.items():
        if index not in register:
            kind = DifferenceKind.ONLY_SURVEY
            found.append(_difference(kind, index, household=None, row=row, fields=[]))
    return found


def _difference(
    kind: DifferenceKind,
    index: bytes,
    *,
    household: Household | None,
    row: SurveyRow | None,
    fields: list[str],
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": kind,
        "household_id": None if household is None else household.id,
        "id_number_index": index,
        "survey_line": None if row is None else row.line,
        "survey_row": None if row is None else orjson.dumps(asdict(row)).decode(),
        "fields": fields,
    }


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
    if decision is DifferenceDecision.REMOVE:
        household.state, household.observed_until_on = HouseholdState.EXITED, None
    else:
        row = _survey_row(difference)
        for name in difference.fields:
            setattr(household, name, getattr(row, name))
    db.session.flush()
    write_change(
        household,
        reason=ChangeReason.RECONCILIATION,
        reason_id=difference.id,
        by=by,
        now=now,
    )


def _audit(
    action: str, run: Reconciliation, *, by: Actor, now: datetime, after: dict[str, Any]
) -> None:
    db.session.flush()
    audit.write(action, subject=("reconciliation", run.id), by=by, now=now, after=after)
