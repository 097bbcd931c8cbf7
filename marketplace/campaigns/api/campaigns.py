"""Doors to standing orders and campaigns."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.exports.lists import export_door
from kernel.http import Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, PageQuery
from marketplace.campaigns.commands import donations
from marketplace.campaigns.commands import standing as commands
from marketplace.campaigns.commands.donations import NewCampaign, NewWish
from marketplace.campaigns.commands.standing import NewStandingOrder, StandingChange
from marketplace.campaigns.models.donations import (
    CampaignPrice,
    CampaignWish,
    DonationCampaign,
    DonationCampaignId,
    HandOut,
)
from marketplace.campaigns.models.standing import (
    StandingOrder,
    StandingOrderId,
    StandingWeek,
)
from marketplace.campaigns.queries import purchases as queries
from marketplace.campaigns.schemas.donations import (
    CAMPAIGN_PAGE,
    HAND_OUT_PAGE,
    HAND_OUTS,
    CampaignIn,
    CampaignOut,
    CampaignPricesOut,
    CampaignQueryIn,
    WishIn,
    WishOut,
)
from marketplace.campaigns.schemas.standing import (
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
CAMPAIGN = "/donation-campaigns/<uuid:donation_campaign_id>"
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


@campaigns.post("/donation-campaigns")
@endpoint(
    campaigns,
    allow=PLACES,
    accepts=CampaignIn(),
    returns=CampaignOut(),
    status=201,
    idempotent=True,
)
def open_campaign(body: NewCampaign) -> DonationCampaign:
    """Open a campaign in which members buy instead of donating."""
    return donations.open_campaign(body, by=current_actor(), now=clock.now())


@campaigns.get("/donation-campaigns")
@endpoint(
    campaigns, allow=READS, accepts=CampaignQueryIn(), location="query", returns=CAMPAIGN_PAGE
)
def index_campaigns(query: dict[str, Any]) -> Page[DonationCampaign]:
    """List campaigns, the newest first."""
    return queries.list_campaigns(current_actor(), **query)


@campaigns.get(CAMPAIGN)
@endpoint(campaigns, allow=READS, returns=CampaignOut())
def show_campaign(donation_campaign_id: UUID) -> DonationCampaign:
    """Show a campaign."""
    return queries.get_campaign(current_actor(), DonationCampaignId(donation_campaign_id))


@campaigns.get(f"{CAMPAIGN}/prices")
@endpoint(campaigns, allow=READS, returns=CampaignPricesOut())
def show_prices(donation_campaign_id: UUID) -> dict[str, list[CampaignPrice]]:
    """Show what a campaign asks, and what the market pays."""
    campaign = queries.get_campaign(current_actor(), DonationCampaignId(donation_campaign_id))
    return {"items": queries.list_campaign_prices(current_actor(), campaign.id)}


@campaigns.post(f"{CAMPAIGN}/wishes")
@endpoint(campaigns, allow=PLACES, accepts=WishIn(), returns=WishOut(), status=201, idempotent=True)
def wish(body: NewWish, donation_campaign_id: UUID) -> CampaignWish:
    """Write down what a participant of a branch wants, while the window is open."""
    return donations.wish(
        DonationCampaignId(donation_campaign_id), body, by=current_actor(), now=clock.now()
    )


@campaigns.post(f"{CAMPAIGN}/cancel")
@endpoint(campaigns, allow=PLACES, returns=CampaignOut())
def cancel_campaign(donation_campaign_id: UUID) -> DonationCampaign:
    """Call a campaign off before it is gathered."""
    return donations.cancel_campaign(DonationCampaignId(donation_campaign_id), **_deciding())


@campaigns.get(f"{CAMPAIGN}/hand-outs")
@endpoint(campaigns, allow=READS, accepts=PageQuery(), location="query", returns=HAND_OUT_PAGE)
def index_hand_outs(query: dict[str, Any], donation_campaign_id: UUID) -> Page[HandOut]:
    """List what each participant gets, branch by branch."""
    return queries.list_hand_outs(
        current_actor(), DonationCampaignId(donation_campaign_id), **query
    )


export_door(campaigns, f"{CAMPAIGN}/hand-outs/export", of=index_hand_outs, sheet=HAND_OUTS)


def _deciding() -> dict[str, Any]:
    """Give what every decision is told: the version seen, who decides, and when."""
    return {"expected_version": expected_version(), "by": current_actor(), "now": clock.now()}
