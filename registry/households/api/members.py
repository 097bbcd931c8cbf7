"""Doors to the members of households, and to who comes first for shares."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, page_schema
from registry.accounts.models import REVIEWERS, Role
from registry.households.commands import members as commands
from registry.households.commands.members import NewMember
from registry.households.models.households import HouseholdId
from registry.households.models.members import MemberId
from registry.households.queries import members as queries
from registry.households.queries.members import MemberView, Priority
from registry.households.schemas.members import (
    MemberIn,
    MemberLeavingIn,
    MemberOut,
    MembersOut,
    PriorityOut,
    RegionPageQuery,
)
from registry.regions.rules import subtree_prefix

KEEPS_REGISTER = frozenset({Role.VILLAGE_CADRE, Role.COUNTY_REVIEWER})
READS_MEMBERS = REVIEWERS | {Role.VILLAGE_CADRE, Role.MONITOR, Role.AUDITOR}

household_members = Blueprint("household_members", __name__, url_prefix="/api/v1")


@household_members.get("/households/<uuid:household_id>/members")
@endpoint(household_members, allow=READS_MEMBERS, returns=MembersOut())
def list_members(household_id: UUID) -> dict[str, Any]:
    """List the members of a household in sight, masked."""
    return {"items": queries.list_members(current_actor(), HouseholdId(household_id))}


@household_members.post("/households/<uuid:household_id>/members")
@endpoint(
    household_members, allow=KEEPS_REGISTER, accepts=MemberIn(), returns=MemberOut(), status=201
)
def add_member(body: NewMember, household_id: UUID) -> MemberView:
    """Add a member to a household of the own region."""
    member = commands.add_member(
        HouseholdId(household_id), body, by=current_actor(), now=clock.now()
    )
    return queries.view_of(member)


@household_members.post("/household-members/<uuid:member_id>/leave")
@endpoint(
    household_members,
    allow=KEEPS_REGISTER,
    accepts=MemberLeavingIn(),
    returns=MemberOut(),
    etag=True,
)
def leave(body: dict[str, Any], member_id: UUID) -> MemberView:
    """End a member's time in a household of the own region."""
    member = commands.let_member_leave(
        MemberId(member_id),
        **body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )
    return queries.view_of(member)


@household_members.get("/household-priorities")
@endpoint(
    household_members,
    allow=READS_MEMBERS,
    accepts=RegionPageQuery(),
    location="query",
    returns=page_schema(PriorityOut),
)
def list_priorities(query: dict[str, Any]) -> Page[Priority]:
    """List the households of a region in the order in which asset income reaches them."""
    return queries.list_priorities(
        current_actor(),
        region_prefix=subtree_prefix(query["region"]),
        limit=query["limit"],
        cursor=query["cursor"],
    )
