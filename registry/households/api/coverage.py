"""Doors to the coverage of the register."""

from __future__ import annotations

from typing import Any

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from registry.accounts.models import REVIEWERS, Role
from registry.households.models.settings import SettingName
from registry.households.queries import coverage as queries
from registry.households.queries.coverage import LeaderGap, Totals, Uncovered
from registry.households.queries.settings import get_setting
from registry.households.schemas.coverage import (
    CoverageQuery,
    GapsQuery,
    LeaderGapOut,
    TotalsOut,
    TotalsQuery,
    UncoveredOut,
)
from registry.regions.rules import subtree_prefix

READS_COVERAGE = REVIEWERS | {Role.VILLAGE_CADRE, Role.MONITOR, Role.AUDITOR}

household_coverage = Blueprint("household_coverage", __name__, url_prefix="/api/v1")


@household_coverage.get("/household-coverage/uncovered")
@endpoint(
    household_coverage,
    allow=READS_COVERAGE,
    accepts=CoverageQuery(),
    location="query",
    returns=page_schema(UncoveredOut),
    report=True,
)
def list_uncovered(query: dict[str, Any]) -> Page[Uncovered]:
    """List the able and willing households of a region that no link reached on a day."""
    return queries.list_uncovered(
        current_actor(),
        region_prefix=subtree_prefix(query["region"]),
        on=query["on"] or shanghai_day(clock.now()),
        way=query["way"],
        limit=query["limit"],
        cursor=query["cursor"],
    )


@household_coverage.get("/household-coverage/totals")
@endpoint(
    household_coverage,
    allow=READS_COVERAGE,
    accepts=TotalsQuery(),
    location="query",
    returns=TotalsOut(),
    report=True,
)
def get_totals(query: dict[str, Any]) -> Totals:
    """Count the register of a region on a day by class, way and place."""
    return queries.get_totals(
        current_actor(),
        region_code=query["region"],
        on=query["on"] or shanghai_day(clock.now()),
    )


@household_coverage.get("/household-coverage/leader-gaps")
@endpoint(
    household_coverage,
    allow=READS_COVERAGE,
    accepts=GapsQuery(),
    location="query",
    returns=page_schema(LeaderGapOut),
    report=True,
)
def list_leader_gaps(query: dict[str, Any]) -> Page[LeaderGap]:
    """List the villages of a region that had fewer leaders on a day than the figure in force."""
    on = query["on"] or shanghai_day(clock.now())
    least = get_setting(
        current_actor(), SettingName.VILLAGE_LEADERS, region_code=query["region"], on=on
    )
    return queries.list_leader_gaps(
        current_actor(),
        region_prefix=subtree_prefix(query["region"]),
        on=on,
        least=least.value,
        limit=query["limit"],
        cursor=query["cursor"],
    )
