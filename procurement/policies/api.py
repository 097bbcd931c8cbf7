"""Doors to the share policies: public reading."""

from __future__ import annotations

from typing import Any

from kernel.http import PUBLIC, Blueprint, current_actor, endpoint
from kernel.paging import Page
from procurement.policies import commands, queries
from procurement.policies.models import SharePolicy
from procurement.policies.rules import Resolution
from procurement.policies.schemas import POLICY_PAGE, PolicyQuery, ResolutionOut, ResolveQuery

policies = Blueprint("policies", __name__, url_prefix="/api/v1/procurement")


@policies.get("/policies")
@endpoint(policies, allow=PUBLIC, accepts=PolicyQuery(), location="query", returns=POLICY_PAGE)
def list_policies(query: dict[str, Any]) -> Page[SharePolicy]:
    """List the share policies, each with its years and source."""
    return queries.list_policies(
        current_actor(), region_code=query["region"], limit=query["limit"], cursor=query["cursor"]
    )


@policies.get("/policies/resolve")
@endpoint(policies, allow=PUBLIC, accepts=ResolveQuery(), location="query", returns=ResolutionOut())
def resolve(query: dict[str, Any]) -> Resolution:
    """Tell which policy is in force for a place, year and situation, why, and which lost."""
    return commands.resolve_policy(
        current_actor(),
        region_code=query["region"],
        year=query["year"],
        situation=query["situation"],
    )
