"""Doors to what households earned, how it stands to the line, and the figures in force."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from registry.accounts.models import REVIEWERS, Role
from registry.households.commands import incomes as commands
from registry.households.commands import standings
from registry.households.commands.incomes import NewIncome
from registry.households.commands.standings import Warnings, YearStanding
from registry.households.models.households import HouseholdId
from registry.households.models.incomes import HouseholdIncome, IncomeId
from registry.households.queries import incomes as queries
from registry.households.queries.settings import list_settings
from registry.households.schemas.incomes import (
    IncomeIn,
    IncomeOut,
    IncomesQuery,
    PlaceQuery,
    ReversalIn,
    SettingsOut,
    WarningsOut,
    WarningsQuery,
    YearOut,
    YearQuery,
)

KEEPS_REGISTER = frozenset({Role.VILLAGE_CADRE, Role.COUNTY_REVIEWER})
READS_INCOMES = REVIEWERS | {Role.VILLAGE_CADRE, Role.MONITOR, Role.AUDITOR}

household_incomes = Blueprint("household_incomes", __name__, url_prefix="/api/v1")


@household_incomes.post("/households/<uuid:household_id>/incomes")
@endpoint(
    household_incomes,
    allow=KEEPS_REGISTER,
    accepts=IncomeIn(),
    returns=IncomeOut(),
    status=201,
    idempotent=True,
)
def record(body: NewIncome, household_id: UUID) -> HouseholdIncome:
    """Record what a household of the own region earned."""
    return commands.record_income(
        HouseholdId(household_id), body, by=current_actor(), now=clock.now()
    )


@household_incomes.get("/households/<uuid:household_id>/incomes")
@endpoint(
    household_incomes,
    allow=READS_INCOMES,
    accepts=IncomesQuery(),
    location="query",
    returns=page_schema(IncomeOut),
)
def list_incomes(query: dict[str, Any], household_id: UUID) -> Page[HouseholdIncome]:
    """List the income entries of a household in sight, the newest first."""
    return queries.list_incomes(current_actor(), HouseholdId(household_id), **query)


@household_incomes.post("/household-incomes/<uuid:income_id>/reverse")
@endpoint(
    household_incomes, allow=KEEPS_REGISTER, accepts=ReversalIn(), returns=IncomeOut(), status=201
)
def reverse(body: dict[str, str], income_id: UUID) -> HouseholdIncome:
    """Take an income back."""
    return commands.reverse_income(
        IncomeId(income_id), reason=body["reason"], by=current_actor(), now=clock.now()
    )


@household_incomes.get("/households/<uuid:household_id>/income-year")
@endpoint(
    household_incomes,
    allow=READS_INCOMES,
    accepts=YearQuery(),
    location="query",
    returns=YearOut(),
)
def compare(query: dict[str, Any], household_id: UUID) -> YearStanding:
    """Give a household's year by kind, and how it stands to the line in force."""
    return standings.compare_year(current_actor(), HouseholdId(household_id), year=query["year"])


@household_incomes.get("/relapse-warnings")
@endpoint(
    household_incomes,
    allow=READS_INCOMES,
    accepts=WarningsQuery(),
    location="query",
    returns=WarningsOut(),
    report=True,
)
def warn(query: dict[str, Any]) -> Warnings:
    """Give the households of a region whose income a head was below or near the line."""
    return standings.warn_of_relapse(
        current_actor(),
        region_code=query["region"],
        year=query["year"],
        limit=query["limit"],
        cursor=query["cursor"],
    )


@household_incomes.get("/register-settings")
@endpoint(
    household_incomes,
    allow=PUBLIC,
    accepts=PlaceQuery(),
    location="query",
    returns=SettingsOut(),
)
def list_figures(query: dict[str, Any]) -> dict[str, Any]:
    """Give the dated day counts and thresholds of a place, each with its source."""
    return {"items": list_settings(current_actor(), region_code=query["region"])}
