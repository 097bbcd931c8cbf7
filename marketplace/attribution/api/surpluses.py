"""Doors to surplus runs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.exports.lists import export_door
from kernel.http import Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page
from marketplace.attribution.api.split_rules import READS_SHARES
from marketplace.attribution.commands import dividends
from marketplace.attribution.commands import surpluses as commands
from marketplace.attribution.commands.dividends import NewFundDividend, NewShareDividend
from marketplace.attribution.commands.surpluses import NewVolumeReturn
from marketplace.attribution.models.surpluses import SurplusRun, SurplusRunId
from marketplace.attribution.queries import surpluses as queries
from marketplace.attribution.queries.surpluses import SurplusShareView
from marketplace.attribution.schemas.surpluses import (
    SURPLUS_PAGE,
    SURPLUS_SHARE_PAGE,
    SURPLUS_SHARES,
    FundDividendIn,
    ShareDividendIn,
    SurplusCancelIn,
    SurplusQuery,
    SurplusRunOut,
    SurplusSharesQuery,
    VolumeReturnIn,
)
from registry.accounts.models import Role

DRAWS_UP = frozenset({Role.COOP_CLERK})
APPROVES = frozenset({Role.COOP_MANAGER})
RUN = "/surplus-runs/<uuid:surplus_run_id>"

surpluses = Blueprint("surpluses", __name__, url_prefix="/api/v1/attribution")


@surpluses.post("/surplus-runs/volume-returns")
@endpoint(
    surpluses,
    allow=DRAWS_UP,
    accepts=VolumeReturnIn(),
    returns=SurplusRunOut(),
    status=201,
    idempotent=True,
)
def draw_up_return(body: NewVolumeReturn) -> SurplusRun:
    """Divide the surplus of a year by volume and capital."""
    return commands.draw_up_return(body, by=current_actor(), now=clock.now())


@surpluses.post("/surplus-runs/fund-dividends")
@endpoint(
    surpluses,
    allow=DRAWS_UP,
    accepts=FundDividendIn(),
    returns=SurplusRunOut(),
    status=201,
    idempotent=True,
)
def draw_up_dividend(body: NewFundDividend) -> SurplusRun:
    """Divide what a public fund brings over its households."""
    return dividends.draw_up_dividend(body, by=current_actor(), now=clock.now())


@surpluses.post("/surplus-runs/share-dividends")
@endpoint(
    surpluses,
    allow=DRAWS_UP,
    accepts=ShareDividendIn(),
    returns=SurplusRunOut(),
    status=201,
    idempotent=True,
)
def draw_up_share_dividend(body: NewShareDividend) -> SurplusRun:
    """Divide what an asset brings over those who hold its shares."""
    return dividends.draw_up_share_dividend(body, by=current_actor(), now=clock.now())


@surpluses.get("/surplus-runs")
@endpoint(
    surpluses,
    allow=READS_SHARES,
    accepts=SurplusQuery(),
    location="query",
    returns=SURPLUS_PAGE,
)
def list_runs(query: dict[str, Any]) -> Page[SurplusRun]:
    """List surplus runs, the newest first."""
    return queries.list_surplus_runs(current_actor(), **query)


@surpluses.get(RUN)
@endpoint(surpluses, allow=READS_SHARES, returns=SurplusRunOut())
def get(surplus_run_id: UUID) -> SurplusRun:
    """Get a run with its terms."""
    return queries.get_surplus_run(current_actor(), SurplusRunId(surplus_run_id))


@surpluses.get(f"{RUN}/shares")
@endpoint(
    surpluses,
    allow=READS_SHARES,
    accepts=SurplusSharesQuery(),
    location="query",
    returns=SURPLUS_SHARE_PAGE,
)
def list_shares(query: dict[str, Any], surplus_run_id: UUID) -> Page[SurplusShareView]:
    """List the shares of a run, households by code."""
    return queries.list_surplus_shares(current_actor(), SurplusRunId(surplus_run_id), **query)


@surpluses.post(f"{RUN}/approve")
@endpoint(surpluses, allow=APPROVES, returns=SurplusRunOut())
def approve(surplus_run_id: UUID) -> SurplusRun:
    """Approve a run that somebody else drew up."""
    return commands.approve_run(
        SurplusRunId(surplus_run_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@surpluses.post(f"{RUN}/cancel")
@endpoint(surpluses, allow=DRAWS_UP | APPROVES, accepts=SurplusCancelIn(), returns=SurplusRunOut())
def cancel(body: dict[str, str], surplus_run_id: UUID) -> SurplusRun:
    """Call a run off before it is approved."""
    return commands.cancel_run(
        SurplusRunId(surplus_run_id),
        **body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


export_door(surpluses, f"{RUN}/shares/export", of=list_shares, sheet=SURPLUS_SHARES)
