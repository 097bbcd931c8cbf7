"""Doors to the cases by which households come onto the register and leave it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from registry.accounts.models import REVIEWERS, Role
from registry.households.commands import cases as commands
from registry.households.commands.cases import NewCase, NewStep
from registry.households.models.cases import CaseId, HouseholdCase
from registry.households.queries import cases as queries
from registry.households.queries.cases import CaseView, PostedCase
from registry.households.schemas.cases import (
    CaseIn,
    CaseListedOut,
    CaseOut,
    CasesQuery,
    CaseStepIn,
    PostedCaseOut,
    ResubmissionIn,
)
from registry.households.schemas.members import RegionPageQuery
from registry.regions.rules import subtree_prefix

REPORTS_CLUES = frozenset({Role.VILLAGE_CADRE, Role.TOWN_CHECKER, Role.COUNTY_REVIEWER})
READS_CASES = REVIEWERS | {Role.VILLAGE_CADRE, Role.MONITOR, Role.AUDITOR}

household_cases = Blueprint("household_cases", __name__, url_prefix="/api/v1")


@household_cases.post("/household-cases")
@endpoint(household_cases, allow=REPORTS_CLUES, accepts=CaseIn(), returns=CaseOut(), status=201)
def report(body: NewCase) -> CaseView:
    """Report a clue about a household of the own region."""
    case = commands.open_case(body, by=current_actor(), now=clock.now())
    return queries.get_case_view(current_actor(), case.id)


@household_cases.get("/household-cases")
@endpoint(
    household_cases,
    allow=READS_CASES,
    accepts=CasesQuery(),
    location="query",
    returns=page_schema(CaseListedOut),
)
def list_cases(query: dict[str, Any]) -> Page[HouseholdCase]:
    """List the cases in sight; with `due_before` the work list by due day."""
    region = query.pop("region")
    return queries.list_cases(current_actor(), region_prefix=subtree_prefix(region), **query)


@household_cases.get("/household-cases/<uuid:case_id>")
@endpoint(household_cases, allow=READS_CASES, returns=CaseOut())
def get(case_id: UUID) -> CaseView:
    """Give a case in sight with its steps."""
    return queries.get_case_view(current_actor(), CaseId(case_id))


@household_cases.post("/household-cases/<uuid:case_id>/steps")
@endpoint(household_cases, allow=REPORTS_CLUES, accepts=CaseStepIn(), returns=CaseOut())
def take_step(body: NewStep, case_id: UUID) -> CaseView:
    """Take the step whose turn it is."""
    commands.take_step(CaseId(case_id), body, by=current_actor(), now=clock.now())
    return queries.get_case_view(current_actor(), CaseId(case_id))


@household_cases.post("/household-cases/<uuid:case_id>/resubmit")
@endpoint(household_cases, allow=REPORTS_CLUES, accepts=ResubmissionIn(), returns=CaseOut())
def resubmit(body: dict[str, str], case_id: UUID) -> CaseView:
    """Hand in again what was returned."""
    commands.resubmit_case(CaseId(case_id), clue=body["clue"], by=current_actor(), now=clock.now())
    return queries.get_case_view(current_actor(), CaseId(case_id))


@household_cases.post("/household-cases/<uuid:case_id>/withdraw")
@endpoint(household_cases, allow=REPORTS_CLUES, returns=CaseOut())
def withdraw(case_id: UUID) -> CaseView:
    """Take a case back before it is on notice."""
    commands.withdraw_case(CaseId(case_id), by=current_actor(), now=clock.now())
    return queries.get_case_view(current_actor(), CaseId(case_id))


@household_cases.get("/household-notices")
@endpoint(
    household_cases,
    allow=PUBLIC,
    accepts=RegionPageQuery(),
    location="query",
    returns=page_schema(PostedCaseOut),
)
def list_posted(query: dict[str, Any]) -> Page[PostedCase]:
    """List what the villages have on notice today, by household code."""
    return queries.list_posted_cases(
        current_actor(),
        region_prefix=subtree_prefix(query["region"]),
        on=shanghai_day(clock.now()),
        limit=query["limit"],
        cursor=query["cursor"],
    )
