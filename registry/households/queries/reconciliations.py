"""Which comparisons of the register with a survey an actor sees, and their differences."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, false, func, select, true

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from kernel.rows import locked, one
from registry.households.models.households import Household, HouseholdId
from registry.households.models.reconciliations import (
    DifferenceDecision,
    DifferenceId,
    DifferenceKind,
    Reconciliation,
    ReconciliationDifference,
    ReconciliationId,
)
from registry.households.queries.households import inside
from registry.households.queries.members import HELPED

Tally = Mapping[str, int]


@dataclass(frozen=True)
class ReconciliationView:
    """A run with its account: how many differences of each kind, and how each was decided."""

    id: ReconciliationId
    number: str
    region_code: str
    survey: str
    surveyed_on: date
    register_households: int
    survey_households: int
    same_households: int
    after_households: int | None
    is_compared: bool
    by_kind: Tally
    by_decision: Tally
    undecided: int
    created_at: datetime
    closed_at: datetime | None
    version: int


@dataclass(frozen=True)
class DifferenceView:
    """A difference by household code, or by its line where only the survey has it; no person."""

    id: DifferenceId
    kind: DifferenceKind
    household_id: HouseholdId | None
    household_code: str | None
    survey_line: int | None
    fields: Sequence[str]
    decision: DifferenceDecision | None
    reason: str | None
    decided_at: datetime | None


def get_reconciliation_view(
    actor: Actor, reconciliation_id: ReconciliationId
) -> ReconciliationView:
    """Give a run in the actor's sight with its account, or NotFound."""
    return _view(get_reconciliation(actor, reconciliation_id))


def get_reconciliation(actor: Actor, reconciliation_id: ReconciliationId) -> Reconciliation:
    """Give a run in the actor's sight, or NotFound."""
    return one(
        select(Reconciliation).where(Reconciliation.id == reconciliation_id, _visible(actor))
    )


def list_reconciliations(
    actor: Actor, *, limit: int, cursor: str | None
) -> Page[ReconciliationView]:
    """List the runs of the actor's region, the newest first."""
    found = page(
        select(Reconciliation).where(_visible(actor)),
        keys=[(Reconciliation.id, True)],
        limit=limit,
        cursor=cursor,
    )
    return Page([_view(run) for run in found.items], found.next_cursor)


def lock_reconciliation(actor: Actor, reconciliation_id: ReconciliationId) -> Reconciliation:
    """Give a run in the actor's sight, locked, or NotFound."""
    return locked(
        select(Reconciliation).where(Reconciliation.id == reconciliation_id, _visible(actor))
    )


def lock_difference(
    actor: Actor, difference_id: DifferenceId
) -> tuple[Reconciliation, ReconciliationDifference]:
    """Give a difference with its run, the run locked first, or NotFound."""
    run_id = one(
        select(ReconciliationDifference.reconciliation_id).where(
            ReconciliationDifference.id == difference_id
        )
    )
    run = lock_reconciliation(actor, ReconciliationId(run_id))
    difference = db.session.get_one(ReconciliationDifference, difference_id, populate_existing=True)
    return run, difference


def list_differences(
    actor: Actor,
    reconciliation_id: ReconciliationId,
    *,
    kind: DifferenceKind | None,
    decided: bool | None,
    limit: int,
    cursor: str | None,
) -> Page[DifferenceView]:
    """List the differences of a run in the actor's sight, in the order they were found."""
    get_reconciliation_view(actor, reconciliation_id)
    statement = (
        select(ReconciliationDifference, Household.code)
        .outerjoin(Household, Household.id == ReconciliationDifference.household_id)
        .where(ReconciliationDifference.reconciliation_id == reconciliation_id)
    )
    if kind is not None:
        statement = statement.where(ReconciliationDifference.kind == kind)
    if decided is not None:
        statement = statement.where(ReconciliationDifference.decision.is_not(None) == decided)
    found = page(
        statement,
        keys=[(ReconciliationDifference.id, False)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"run": reconciliation_id, "kind": kind, "decided": decided},
    )
    return Page([view_of(*row) for row in found.items], found.next_cursor)


def get_difference(actor: Actor, difference_id: DifferenceId) -> DifferenceView:
    """Give a difference of a run in the actor's sight, or NotFound."""
    row = db.session.execute(
        select(ReconciliationDifference, Household.code)
        .join(Reconciliation, Reconciliation.id == ReconciliationDifference.reconciliation_id)
        .outerjoin(Household, Household.id == ReconciliationDifference.household_id)
        .where(ReconciliationDifference.id == difference_id, _visible(actor))
    ).one_or_none()
    if row is None:
        raise NotFound
    return view_of(*row)


def view_of(one: ReconciliationDifference, code: str | None) -> DifferenceView:
    """Show a difference without the persons in it."""
    return DifferenceView(
        id=one.id,
        kind=one.kind,
        household_id=one.household_id,
        household_code=code,
        survey_line=one.survey_line,
        fields=one.fields,
        decision=one.decision,
        reason=one.reason,
        decided_at=one.decided_at,
    )


def list_helped_households(
    actor: Actor, *, region_prefix: str, indexes: Collection[bytes]
) -> dict[bytes, Household]:
    """Give the households on the register of a region under these blind indexes, with persons."""
    del actor
    rows = db.session.scalars(
        select(Household).where(
            Household.id_number_index.in_(indexes), *_on_register(region_prefix)
        )
    )
    return {bytes(household.id_number_index): household for household in rows}


def list_register_indexes(actor: Actor, *, region_prefix: str) -> list[tuple[HouseholdId, bytes]]:
    """List the households on the register of a region by key and blind index, by code."""
    del actor
    rows = db.session.execute(
        select(Household.id, Household.id_number_index)
        .where(*_on_register(region_prefix))
        .order_by(Household.village_code, Household.code)
    )
    return [(household_id, bytes(index)) for household_id, index in rows]


def _on_register(region_prefix: str) -> tuple[ColumnElement[bool], ...]:
    return inside(Household.village_code, region_prefix), Household.state.in_(HELPED)


def list_decisions(actor: Actor, reconciliation_id: ReconciliationId) -> list[DifferenceDecision]:
    """List the decisions of a run that the caller holds locked."""
    del actor
    decision = ReconciliationDifference.decision
    rows = db.session.execute(
        select(decision).where(
            ReconciliationDifference.reconciliation_id == reconciliation_id, decision.is_not(None)
        )
    ).scalars()
    return [one for one in rows if one is not None]


def count_undecided(actor: Actor, reconciliation_id: ReconciliationId) -> int:
    """Count the differences of a run that have no decision yet."""
    del actor
    return db.session.execute(
        select(func.count(ReconciliationDifference.id)).where(
            ReconciliationDifference.reconciliation_id == reconciliation_id,
            ReconciliationDifference.decision.is_(None),
        )
    ).scalar_one()


def _view(run: Reconciliation) -> ReconciliationView:
    rows = db.session.execute(
        select(
            ReconciliationDifference.kind,
            ReconciliationDifference.decision,
            func.count(ReconciliationDifference.id),
        )
        .where(ReconciliationDifference.reconciliation_id == run.id)
        .group_by(ReconciliationDifference.kind, ReconciliationDifference.decision)
    ).all()
    by_kind = {kind.value: 0 for kind in DifferenceKind}
    by_decision = {decision.value: 0 for decision in DifferenceDecision}
    undecided = 0
    for kind, decision, count in rows:
        by_kind[kind.value] += count
        if decision is None:
            undecided += count
        else:
            by_decision[decision.value] += count
    return ReconciliationView(
        id=run.id,
        number=run.number,
        region_code=run.region_code,
        survey=run.survey,
        surveyed_on=run.surveyed_on,
        register_households=run.register_households,
        survey_households=run.survey_households,
        same_households=run.same_households,
        after_households=run.after_households,
        is_compared=run.compared_at is not None,
        by_kind=by_kind,
        by_decision=by_decision,
        undecided=undecided,
        created_at=run.created_at,
        closed_at=run.closed_at,
        version=run.version,
    )


def _visible(actor: Actor) -> ColumnElement[bool]:
    if actor.sight is Sight.ALL:
        return true()
    if actor.sight is Sight.REGION:
        return inside(Reconciliation.region_code, actor.region_prefix)
    return false()
