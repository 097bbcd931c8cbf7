"""Doors to the reconciliation of the register with a survey."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import Blueprint, current_actor, endpoint
from kernel.paging import Page, PageQuery, page_schema
from registry.accounts.models import Role
from registry.households.commands import reconciliations as commands
from registry.households.models.reconciliations import DifferenceId, ReconciliationId
from registry.households.queries import reconciliations as queries
from registry.households.queries.reconciliations import DifferenceView, ReconciliationView
from registry.households.schemas.reconciliations import (
    DifferenceDecisionIn,
    DifferenceOut,
    DifferencesQuery,
    ReconciliationIn,
    ReconciliationOut,
)

RECONCILES = frozenset({Role.COUNTY_REVIEWER})
READS_RUNS = RECONCILES | {
    Role.CITY_REVIEWER,
    Role.PROVINCE_REVIEWER,
    Role.MONITOR,
    Role.AUDITOR,
}

reconciliations = Blueprint("reconciliations", __name__, url_prefix="/api/v1")


@reconciliations.post("/reconciliations")
@endpoint(
    reconciliations,
    allow=RECONCILES,
    accepts=ReconciliationIn(),
    returns=ReconciliationOut(),
    status=201,
    idempotent=True,
)
def open_run(body: dict[str, Any]) -> ReconciliationView:
    """Open a comparison of the own region's register with a survey, whose file is awaited."""
    run = commands.open_reconciliation(**body, by=current_actor(), now=clock.now())
    return queries.get_reconciliation_view(current_actor(), run.id)


@reconciliations.get("/reconciliations")
@endpoint(
    reconciliations,
    allow=READS_RUNS,
    accepts=PageQuery(),
    location="query",
    returns=page_schema(ReconciliationOut),
)
def list_runs(query: dict[str, Any]) -> Page[ReconciliationView]:
    """List the runs in sight, the newest first."""
    return queries.list_reconciliations(current_actor(), **query)


@reconciliations.get("/reconciliations/<uuid:reconciliation_id>")
@endpoint(reconciliations, allow=READS_RUNS, returns=ReconciliationOut())
def get_run(reconciliation_id: UUID) -> ReconciliationView:
    """Give a run in sight with its account."""
    return queries.get_reconciliation_view(current_actor(), ReconciliationId(reconciliation_id))


@reconciliations.get("/reconciliations/<uuid:reconciliation_id>/differences")
@endpoint(
    reconciliations,
    allow=READS_RUNS,
    accepts=DifferencesQuery(),
    location="query",
    returns=page_schema(DifferenceOut),
)
def list_differences(query: dict[str, Any], reconciliation_id: UUID) -> Page[DifferenceView]:
    """List the differences of a run in sight."""
    return queries.list_differences(current_actor(), ReconciliationId(reconciliation_id), **query)


@reconciliations.post("/reconciliation-differences/<uuid:difference_id>/decision")
@endpoint(
    reconciliations, allow=RECONCILES, accepts=DifferenceDecisionIn(), returns=DifferenceOut()
)
def decide(body: dict[str, Any], difference_id: UUID) -> DifferenceView:
    """Decide one difference; the register follows at once."""
    commands.decide_difference(
        DifferenceId(difference_id), **body, by=current_actor(), now=clock.now()
    )
    return queries.get_difference(current_actor(), DifferenceId(difference_id))


@reconciliations.post("/reconciliations/<uuid:reconciliation_id>/close")
@endpoint(reconciliations, allow=RECONCILES, returns=ReconciliationOut())
def close(reconciliation_id: UUID) -> ReconciliationView:
    """Close the account of a run, once every difference is decided; or withdraw it."""
    key = ReconciliationId(reconciliation_id)
    commands.close_reconciliation(key, by=current_actor(), now=clock.now())
    return queries.get_reconciliation_view(current_actor(), key)
