"""Doors to households that move or split."""

from __future__ import annotations

from uuid import UUID

from kernel import clock
from kernel.http import Blueprint, current_actor, endpoint, expected_version
from registry.accounts.models import Role
from registry.households.api.households import KEEPS_REGISTER
from registry.households.commands import moves as commands
from registry.households.commands.moves import NewSplit
from registry.households.models.households import HouseholdId
from registry.households.queries import households as queries
from registry.households.queries.households import HouseholdView
from registry.households.schemas.households import HouseholdOut
from registry.households.schemas.moves import MoveIn, SplitIn

MOVES = KEEPS_REGISTER | {Role.CITY_REVIEWER, Role.PROVINCE_REVIEWER}
"""From one county to another by who reaches both."""

household_moves = Blueprint("household_moves", __name__, url_prefix="/api/v1")


@household_moves.post("/households/<uuid:household_id>/move")
@endpoint(household_moves, allow=MOVES, accepts=MoveIn(), returns=HouseholdOut(), etag=True)
def move(body: dict[str, str], household_id: UUID) -> HouseholdView:
    """Let a household live in another village from today on; both in the own region."""
    key = HouseholdId(household_id)
    commands.move_household(
        key,
        village_code=body["village_code"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )
    return queries.get_household_view(current_actor(), key)


@household_moves.post("/households/<uuid:household_id>/split")
@endpoint(
    household_moves,
    allow=KEEPS_REGISTER,
    accepts=SplitIn(),
    returns=HouseholdOut(),
    status=201,
    etag=True,
)
def split(body: NewSplit, household_id: UUID) -> HouseholdView:
    """Let members of a household of the own region found their own; answers with the new one."""
    founded = commands.split_household(
        HouseholdId(household_id),
        body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )
    return queries.get_household_view(current_actor(), founded.id)
