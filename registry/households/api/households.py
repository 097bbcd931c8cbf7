"""Doors to households and their benefit links."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, page_schema
from registry.accounts.models import REVIEWERS, Role
from registry.households.commands import households as commands
from registry.households.commands.households import NewHousehold
from registry.households.models.households import Household, HouseholdChange, HouseholdId
from registry.households.queries import households as queries
from registry.households.queries.households import HouseholdView
from registry.households.schemas.households import (
    ClearHouseholdOut,
    HouseholdChangesIn,
    HouseholdHistoryOut,
    HouseholdIn,
    HouseholdOut,
    HouseholdsQuery,
    LookUpIn,
    StandingOut,
    StandingQuery,
)
from registry.notices.schemas import PurposeIn
from registry.regions.rules import subtree_prefix

KEEPS_REGISTER = frozenset({Role.VILLAGE_CADRE, Role.COUNTY_REVIEWER})
READS_REGISTER = REVIEWERS | {
    Role.VILLAGE_CADRE,
    Role.MONITOR,
    Role.AUDITOR,
    Role.COOP_CLERK,
    Role.COOP_MANAGER,
}

households = Blueprint("households", __name__, url_prefix="/api/v1")


@households.post("/households")
@endpoint(
    households, allow=KEEPS_REGISTER, accepts=HouseholdIn(), returns=HouseholdOut(), status=201
)
def register(body: NewHousehold) -> HouseholdView:
    """Put a household of the own region on the register; answers with its persons masked."""
    household = commands.register_household(body, by=current_actor(), now=clock.now())
    return queries.get_household_view(current_actor(), household.id)


@households.get("/households")
@endpoint(
    households,
    allow=READS_REGISTER,
    accepts=HouseholdsQuery(),
    location="query",
    returns=page_schema(HouseholdOut),
)
def list_households(query: dict[str, Any]) -> Page[HouseholdView]:
    """List the households in sight, masked; a cooperative finds others by their exact code."""
    return queries.list_households(
        current_actor(),
        code=query["code"],
        village_prefix=subtree_prefix(query["region"]),
        household_class=query["household_class"],
        state=query["state"],
        limit=query["limit"],
        cursor=query["cursor"],
    )


@households.get("/households/<uuid:household_id>")
@endpoint(households, allow=READS_REGISTER, returns=HouseholdOut())
def get(household_id: UUID) -> HouseholdView:
    """Give a household in sight, masked."""
    return queries.get_household_view(current_actor(), HouseholdId(household_id))


@households.post("/households/<uuid:household_id>/reveal")
@endpoint(
    households, allow=KEEPS_REGISTER, accepts=PurposeIn(), returns=ClearHouseholdOut(), reveals=True
)
def reveal(body: dict[str, str], household_id: UUID) -> Household:
    """Give a household in clear, for a stated purpose that is kept."""
    return commands.disclose_household(
        HouseholdId(household_id), purpose=body["purpose"], by=current_actor(), now=clock.now()
    )


@households.patch("/households/<uuid:household_id>")
@endpoint(
    households,
    allow=KEEPS_REGISTER,
    accepts=HouseholdChangesIn(),
    returns=HouseholdOut(),
    etag=True,
)
def edit(body: dict[str, Any], household_id: UUID) -> HouseholdView:
    """Change a household of the own region; its history keeps how it stood before."""
    key = HouseholdId(household_id)
    commands.edit_household(
        key, body, expected_version=expected_version(), by=current_actor(), now=clock.now()
    )
    return queries.get_household_view(current_actor(), key)


@households.post("/households/lookup")
@endpoint(households, allow=KEEPS_REGISTER, accepts=LookUpIn(), returns=HouseholdOut())
def look_up(body: dict[str, str]) -> HouseholdView:
    """Find a household in sight by its head's identity number; the look-up is kept."""
    return commands.look_up_household(body["id_number"], by=current_actor(), now=clock.now())


@households.get("/households/<uuid:household_id>/history")
@endpoint(households, allow=READS_REGISTER, returns=HouseholdHistoryOut())
def history(household_id: UUID) -> dict[str, Any]:
    """Give how a household in sight stood, from its first day on."""
    return {"items": queries.list_changes(current_actor(), HouseholdId(household_id))}


@households.get("/households/<uuid:household_id>/standing")
@endpoint(
    households,
    allow=READS_REGISTER,
    accepts=StandingQuery(),
    location="query",
    returns=StandingOut(),
)
def standing(query: dict[str, Any], household_id: UUID) -> HouseholdChange:
    """Give how a household in sight stood on a day, past or present."""
    return queries.get_standing(current_actor(), HouseholdId(household_id), on=query["on"])
