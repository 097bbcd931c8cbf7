"""Doors to standing orders."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, PageQuery
from marketplace.campaigns import commands, queries
from marketplace.campaigns.commands import NewStandingOrder, StandingChange
from marketplace.campaigns.models import StandingOrder, StandingOrderId, StandingWeek
from marketplace.campaigns.schemas import (
    STANDING_PAGE,
    WEEK_PAGE,
    StandingChangeIn,
    StandingOrderIn,
    StandingOrderOut,
    StandingQueryIn,
)
from registry.accounts.models import TRADES, Role

campaigns = Blueprint("campaigns", __name__, url_prefix="/api/v1")

PLACES = TRADES | {Role.UNIT_ADMIN}
READS = PLACES | {
    Role.UNIT_APPROVER,
    Role.UNIT_FINANCE,
    Role.FINANCE_SUPERVISOR,
    Role.MONITOR,
    Role.AUDITOR,
}
STANDING = "/standing-orders/<uuid:standing_order_id>"


@campaigns.post("/standing-orders")
@endpoint(
    campaigns,
    allow=PLACES,
    accepts=StandingOrderIn(),
    returns=StandingOrderOut(),
    status=201,
    idempotent=True,
)
def start(body: NewStandingOrder) -> StandingOrder:
    """Order every week what a menu and a head count want."""
    return commands.start_standing(body, by=current_actor(), now=clock.now())


@campaigns.get("/standing-orders")
@endpoint(
    campaigns, allow=READS, accepts=StandingQueryIn(), location="query", returns=STANDING_PAGE
)
def index(query: dict[str, Any]) -> Page[StandingOrder]:
    """List standing orders, the newest first."""
    return queries.list_standing(current_actor(), **query)


@campaigns.get(STANDING)
@endpoint(campaigns, allow=READS, returns=StandingOrderOut())
def show(standing_order_id: UUID) -> StandingOrder:
    """Show a standing order."""
    return queries.get_standing(current_actor(), StandingOrderId(standing_order_id))


@campaigns.get(f"{STANDING}/weeks")
@endpoint(campaigns, allow=READS, accepts=PageQuery(), location="query", returns=WEEK_PAGE)
def index_weeks(query: dict[str, Any], standing_order_id: UUID) -> Page[StandingWeek]:
    """List what became of its weeks, the last first: ordered, refused and why, or skipped."""
    return queries.list_weeks(current_actor(), StandingOrderId(standing_order_id), **query)


@campaigns.patch(STANDING)
@endpoint(
    campaigns, allow=PLACES, accepts=StandingChangeIn(), returns=StandingOrderOut(), etag=True
)
def change(body: StandingChange, standing_order_id: UUID) -> StandingOrder:
    """Change heads, menu, lead or place from the next week on; what was ordered stays."""
    return commands.change_standing(
        StandingOrderId(standing_order_id),
        body,
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@campaigns.post(f"{STANDING}/pause")
@endpoint(campaigns, allow=PLACES, returns=StandingOrderOut())
def pause(standing_order_id: UUID) -> StandingOrder:
    """Order nothing until it goes on."""
    return commands.pause_standing(StandingOrderId(standing_order_id), **_deciding())


@campaigns.post(f"{STANDING}/resume")
@endpoint(campaigns, allow=PLACES, returns=StandingOrderOut())
def resume(standing_order_id: UUID) -> StandingOrder:
    """Go on with the week after this one."""
    return commands.resume_standing(StandingOrderId(standing_order_id), **_deciding())


@campaigns.post(f"{STANDING}/end")
@endpoint(campaigns, allow=PLACES, returns=StandingOrderOut())
def end(standing_order_id: UUID) -> StandingOrder:
    """Order nothing any more."""
    return commands.end_standing(StandingOrderId(standing_order_id), **_deciding())


def _deciding() -> dict[str, Any]:
    """Give what every decision is told: the version seen, who decides, and when."""
    return {"expected_version": expected_version(), "by": current_actor(), "now": clock.now()}
