"""Doors to public-interest display: asking, deciding, and what is shown today."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, page_schema
from marketplace.catalogue.commands import displays as commands
from marketplace.catalogue.commands.displays import NewSlot, SlotDecision
from marketplace.catalogue.models.displays import SlotId
from marketplace.catalogue.queries import displays as queries
from marketplace.catalogue.queries.displays import ShopWindow, SlotView
from marketplace.catalogue.schemas.displays import (
    DisplaySlotIn,
    DisplaySlotOut,
    ShopWindowOut,
    SlotDecisionIn,
    SlotsQuery,
    SlotWithdrawalIn,
    WindowQuery,
)
from registry.accounts.models import Role

displays = Blueprint("displays", __name__, url_prefix="/api/v1")
ASKS = frozenset({Role.COOP_CLERK})
GIVES = frozenset(
    {Role.COUNTY_REVIEWER, Role.CITY_REVIEWER, Role.PROVINCE_REVIEWER, Role.PLATFORM_ADMIN}
)


@displays.get("/display-slots/shown")
@endpoint(displays, allow=PUBLIC, accepts=WindowQuery(), location="query", returns=ShopWindowOut())
def show(query: dict[str, Any]) -> ShopWindow:
    """Show what is shown first at a place today."""
    today = shanghai_day(clock.now())
    return queries.get_window(current_actor(), place_code=query["place"], today=today)


@displays.post("/display-slots")
@endpoint(displays, allow=ASKS, accepts=DisplaySlotIn(), returns=DisplaySlotOut(), status=201)
def ask(body: NewSlot) -> SlotView:
    """Ask that an own certified listing is shown at a place, for nothing."""
    return commands.ask_for_slot(body, by=current_actor(), now=clock.now())


@displays.get("/display-slots")
@endpoint(
    displays,
    allow=ASKS | GIVES | {Role.COOP_MANAGER, Role.MONITOR, Role.AUDITOR},
    accepts=SlotsQuery(),
    location="query",
    returns=page_schema(DisplaySlotOut),
)
def list_slots(query: dict[str, Any]) -> Page[SlotView]:
    """List the own wishes and slots, and those of the pages of the own region."""
    return queries.list_slots(current_actor(), **query)


@displays.post("/display-slots/<uuid:slot_id>/decision")
@endpoint(displays, allow=GIVES, accepts=SlotDecisionIn(), returns=DisplaySlotOut())
def decide(body: SlotDecision, slot_id: UUID) -> SlotView:
    """Give a slot on a page of the own region, or decline it."""
    return commands.decide_slot(
        SlotId(slot_id),
        body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@displays.post("/display-slots/<uuid:slot_id>/withdraw")
@endpoint(displays, allow=ASKS | GIVES, accepts=SlotWithdrawalIn(), returns=DisplaySlotOut())
def withdraw(body: dict[str, str], slot_id: UUID) -> SlotView:
    """Take back a wish or a slot."""
    return commands.withdraw_slot(
        SlotId(slot_id),
        body["reason"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )
