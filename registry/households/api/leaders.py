"""Doors to the leaders of villages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from registry.accounts.models import REVIEWERS, Role
from registry.households.commands import members as commands
from registry.households.commands.members import NewLeader
from registry.households.models.households import LeaderId
from registry.households.queries import leaders as queries
from registry.households.queries.leaders import LeaderView
from registry.households.schemas.members import LeaderEndIn, LeaderIn, LeaderOut, RegionPageQuery
from registry.regions.rules import subtree_prefix

KEEPS_REGISTER = frozenset({Role.VILLAGE_CADRE, Role.COUNTY_REVIEWER})
READS_LEADERS = REVIEWERS | {Role.VILLAGE_CADRE, Role.MONITOR, Role.AUDITOR}

village_leaders = Blueprint("village_leaders", __name__, url_prefix="/api/v1")


@village_leaders.post("/village-leaders")
@endpoint(
    village_leaders, allow=KEEPS_REGISTER, accepts=LeaderIn(), returns=LeaderOut(), status=201
)
def add_leader(body: NewLeader) -> LeaderView:
    """Register a leader of a village of the own region."""
    return queries.view_of(commands.add_leader(body, by=current_actor(), now=clock.now()))


@village_leaders.get("/village-leaders")
@endpoint(
    village_leaders,
    allow=READS_LEADERS,
    accepts=RegionPageQuery(),
    location="query",
    returns=page_schema(LeaderOut),
)
def list_leaders(query: dict[str, Any]) -> Page[LeaderView]:
    """List the leaders of the villages in sight, masked."""
    return queries.list_leaders(
        current_actor(),
        region_prefix=subtree_prefix(query["region"]),
        limit=query["limit"],
        cursor=query["cursor"],
    )


@village_leaders.post("/village-leaders/<uuid:leader_id>/end")
@endpoint(village_leaders, allow=KEEPS_REGISTER, accepts=LeaderEndIn(), returns=LeaderOut())
def end_leader(body: dict[str, Any], leader_id: UUID) -> LeaderView:
    """End a leader's time."""
    return queries.view_of(
        commands.end_leader(LeaderId(leader_id), **body, by=current_actor(), now=clock.now())
    )
