"""Doors to pairings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, page_schema
from registry.accounts.models import REVIEWERS, Role
from registry.households.commands import gaps
from registry.households.commands import pairings as commands
from registry.households.commands.gaps import Gap
from registry.households.commands.pairings import NewIndustryPairing, NewPairing, Paired
from registry.households.models.pairings import IndustryPairing, Pairing, PairingId
from registry.households.models.settings import SettingName
from registry.households.queries import pairings as queries
from registry.households.queries.pairings import Load
from registry.households.queries.settings import get_setting
from registry.households.schemas.pairings import (
    GapOut,
    IndustryPairingIn,
    IndustryPairingOut,
    LoadOut,
    LoadsQuery,
    MatrixOut,
    PairedOut,
    PairingEndIn,
    PairingGapsQuery,
    PairingIn,
    PairingOut,
    PairingsQuery,
    PairingTotalsOut,
    RegionQuery,
)
from registry.regions.rules import subtree_prefix

PAIRS = frozenset({Role.VILLAGE_CADRE, Role.COUNTY_REVIEWER, Role.CITY_REVIEWER})
WATCHES = REVIEWERS | {Role.VILLAGE_CADRE, Role.MONITOR, Role.AUDITOR}

pairings = Blueprint("pairings", __name__, url_prefix="/api/v1")


@pairings.post("/pairings")
@endpoint(pairings, allow=PAIRS, accepts=PairingIn(), returns=PairedOut(), status=201)
def pair(body: NewPairing) -> Paired:
    """Pair a helper with a village or a household of the own region."""
    return commands.pair_helper(body, by=current_actor(), now=clock.now())


@pairings.get("/pairings")
@endpoint(
    pairings,
    allow=SIGNED_IN,
    accepts=PairingsQuery(),
    location="query",
    returns=page_schema(PairingOut),
)
def list_pairings(query: dict[str, Any]) -> Page[Pairing]:
    """List the pairings in sight, the newest first."""
    prefix = subtree_prefix(query.pop("region"))
    return queries.list_pairings(current_actor(), village_prefix=prefix, **query)


@pairings.post("/pairings/<uuid:pairing_id>/end")
@endpoint(pairings, allow=PAIRS, accepts=PairingEndIn(), returns=PairingOut(), etag=True)
def end(body: dict[str, Any], pairing_id: UUID) -> Pairing:
    """End a pairing of the own region."""
    return commands.end_pairing(
        PairingId(pairing_id),
        until_on=body["until_on"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@pairings.get("/pairings/gaps")
@endpoint(
    pairings,
    allow=WATCHES,
    accepts=PairingGapsQuery(),
    location="query",
    returns=page_schema(GapOut),
    report=True,
)
def list_gaps(query: dict[str, Any]) -> Page[Gap]:
    """List the days on which nobody stood by a village or a household of the own region.

    A page looks at so many households; where few have a gap it holds fewer than asked for.
    """
    prefix = subtree_prefix(query.pop("region"))
    return gaps.list_gaps(current_actor(), region_prefix=prefix, **query)


@pairings.get("/pairings/loads")
@endpoint(
    pairings,
    allow=WATCHES,
    accepts=LoadsQuery(),
    location="query",
    returns=page_schema(LoadOut),
    report=True,
)
def list_loads(query: dict[str, Any]) -> Page[Load]:
    """List the helpers of a region who stand by too many households, the heaviest first."""
    actor, region_code = current_actor(), query.pop("region")
    on = query.pop("on") or shanghai_day(clock.now())
    most = get_setting(actor, SettingName.HELPER_HOUSEHOLDS, region_code=region_code, on=on)
    prefix = subtree_prefix(region_code)
    return queries.list_loads(actor, region_prefix=prefix, on=on, above=most.value, **query)


@pairings.get("/pairings/totals")
@endpoint(pairings, allow=WATCHES, returns=PairingTotalsOut(), report=True)
def get_totals() -> dict[str, Any]:
    """Count the pairings of the own region that hold today, by action."""
    return {"by_kind": queries.count_by_kind(current_actor(), on=shanghai_day(clock.now()))}


@pairings.post("/industry-pairings")
@endpoint(
    pairings,
    allow=PAIRS,
    accepts=IndustryPairingIn(),
    returns=IndustryPairingOut(),
    status=201,
)
def pair_industry(body: NewIndustryPairing) -> IndustryPairing:
    """Give an industry of the own region a partner."""
    return commands.pair_industry(body, by=current_actor(), now=clock.now())


@pairings.get("/industry-pairings/matrix")
@endpoint(
    pairings,
    allow=WATCHES,
    accepts=RegionQuery(),
    location="query",
    returns=MatrixOut(),
    report=True,
)
def report_matrix(query: dict[str, Any]) -> dict[str, Any]:
    """Report the partners of the industries in sight, and which kinds they lack."""
    prefix = subtree_prefix(query["region"])
    today = shanghai_day(clock.now())
    return {"items": commands.report_matrix(current_actor(), region_prefix=prefix, on=today)}
