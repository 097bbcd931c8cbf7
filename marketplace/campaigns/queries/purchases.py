"""Which standing orders and campaigns an actor sees and may change, and what is in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, func, or_, select, true

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked, one
from marketplace.campaigns.models.donations import (
    CampaignPrice,
    CampaignStatus,
    CampaignWish,
    DonationCampaign,
    DonationCampaignId,
    HandOut,
)
from marketplace.campaigns.models.standing import (
    Measure,
    StandingOrder,
    StandingOrderId,
    StandingStatus,
    StandingWeek,
)
from marketplace.catalogue.models.listings import Listing, ListingId
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible

Side = type[StandingOrder] | type[DonationCampaign]


def get_standing(actor: Actor, standing_id: StandingOrderId) -> StandingOrder:
    """Get a standing order in the actor's sight (NotFound)."""
    return one(
        select(StandingOrder).where(StandingOrder.id == standing_id, _seen(StandingOrder, actor))
    )


def lock_standing(actor: Actor, standing_id: StandingOrderId) -> StandingOrder:
    """Get a standing order that is bought by or for the actor's side, locked (NotFound)."""
    return locked(
        select(StandingOrder).where(StandingOrder.id == standing_id, _own(StandingOrder, actor))
    )


def list_standing(
    actor: Actor,
    *,
    status: StandingStatus | None,
    bound_unit_id: OrganisationId | None,
    limit: int,
    cursor: str | None,
) -> Page[StandingOrder]:
    """List the standing orders in the actor's sight, the newest first."""
    asked = {"status": status, "bound_unit_id": bound_unit_id}
    filters = {name: value for name, value in asked.items() if value is not None}
    return page(
        select(StandingOrder).where(_seen(StandingOrder, actor)).filter_by(**filters),
        keys=[(StandingOrder.id, True)],
        limit=limit,
        cursor=cursor,
        filters=asked,
    )


def list_weeks(
    actor: Actor, standing_id: StandingOrderId, *, limit: int, cursor: str | None
) -> Page[StandingWeek]:
    """List what became of the weeks of a standing order in sight, the last first (NotFound)."""
    standing = get_standing(actor, standing_id)
    return page(
        select(StandingWeek).where(StandingWeek.standing_order_id == standing.id),
        keys=[(StandingWeek.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"standing_order_id": standing.id},
    )


def find_due_standing(actor: Actor, *, now: datetime) -> StandingOrder | None:
    """Find and lock the standing order that was due first; what others hold is left to them."""
    del actor  # only the timer asks
    return db.session.scalar(
        select(StandingOrder)
        .where(StandingOrder.due_at <= now)
        .order_by(StandingOrder.due_at, StandingOrder.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def find_unit(actor: Actor, unit_id: OrganisationId) -> Organisation | None:
    """Find a unit that lives; whether the actor may buy for it is for the rules to say."""
    del actor
    return db.session.scalar(
        select(Organisation).where(Organisation.id == unit_id, Organisation.ended_on.is_(None))
    )


def list_measures(actor: Actor, listing_ids: Iterable[ListingId]) -> dict[ListingId, Measure]:
    """Give in what listings are sold; what does not exist is missing."""
    del actor  # what is on sale is public, and placing decides whether it still is
    found = db.session.execute(
        select(
            Listing.id,
            Listing.title,
            Listing.unit,
            Listing.step,
            Listing.unit_weight_kg,
            Listing.unit_price_fen,
        ).where(Listing.id.in_(set(listing_ids)))
    )
    return {row.id: Measure(*row[1:]) for row in found}


def get_campaign(actor: Actor, campaign_id: DonationCampaignId) -> DonationCampaign:
    """Get a campaign in the actor's sight (NotFound)."""
    mine = DonationCampaign.id == campaign_id
    return one(select(DonationCampaign).where(mine, _seen(DonationCampaign, actor)))


def lock_campaign(actor: Actor, campaign_id: DonationCampaignId) -> DonationCampaign:
    """Get a campaign of the actor's side, locked (NotFound)."""
    mine = DonationCampaign.id == campaign_id
    return locked(select(DonationCampaign).where(mine, _own(DonationCampaign, actor)))


def list_campaigns(
    actor: Actor, *, status: CampaignStatus | None, limit: int, cursor: str | None
) -> Page[DonationCampaign]:
    """List the campaigns in the actor's sight, the newest first."""
    filters = {"status": status} if status else {}
    return page(
        select(DonationCampaign).where(_seen(DonationCampaign, actor)).filter_by(**filters),
        keys=[(DonationCampaign.id, True)],
        limit=limit,
        cursor=cursor,
        filters=filters,
    )


def list_campaign_prices(actor: Actor, campaign_id: DonationCampaignId) -> list[CampaignPrice]:
    """List what a campaign asks; the campaign was found in the actor's sight."""
    del actor
    prices = select(CampaignPrice).where(CampaignPrice.campaign_id == campaign_id)
    return list(db.session.scalars(prices.order_by(CampaignPrice.id)))


def find_wish(
    actor: Actor, campaign_id: DonationCampaignId, *, participant_code: str, listing_id: ListingId
) -> CampaignWish | None:
    """Find what a participant wants of a product, of a locked campaign."""
    del actor
    return db.session.scalar(
        select(CampaignWish)
        .filter_by(
            campaign_id=campaign_id, participant_code=participant_code, listing_id=listing_id
        )
        .execution_options(populate_existing=True)
    )


def sum_wishes(actor: Actor, campaign_id: DonationCampaignId) -> dict[ListingId, Decimal]:
    """Add up what all participants of a campaign want of each product."""
    del actor
    rows = db.session.execute(
        select(CampaignWish.listing_id, func.sum(CampaignWish.quantity))
        .where(CampaignWish.campaign_id == campaign_id, CampaignWish.quantity > 0)
        .group_by(CampaignWish.listing_id)
        .order_by(CampaignWish.listing_id)
    )
    return {ListingId(row[0]): row[1] for row in rows}


def list_hand_outs(
    actor: Actor, campaign_id: DonationCampaignId, *, limit: int, cursor: str | None
) -> Page[HandOut]:
    """List what each participant gets, branch by branch, of a campaign in sight (NotFound)."""
    campaign = get_campaign(actor, campaign_id)
    wishes = select(CampaignWish).where(
        CampaignWish.campaign_id == campaign.id, CampaignWish.quantity > 0
    )
    keys = (CampaignWish.branch, CampaignWish.participant_code, CampaignWish.id)
    found = page(
        wishes,
        keys=[(key, False) for key in keys],
        limit=limit,
        cursor=cursor,
        filters={"campaign_id": str(campaign.id)},
    )
    goods = list_measures(actor, [wish.listing_id for wish in found.items])
    return Page([HandOut(one, goods[one.listing_id]) for one in found.items], found.next_cursor)


def _own(kind: Side, actor: Actor) -> ColumnElement[bool]:
    """Say, of what is bought, that the actor's organisation or one under it buys or is bound."""
    units = select(Organisation.id).where(
        Organisation.lineage.startswith(actor.lineage or "nowhere")
    )
    return or_(kind.buyer_id.in_(units), kind.bound_unit_id.in_(units))


def _seen(kind: Side, actor: Actor) -> ColumnElement[bool]:
    if actor.sight is Sight.ALL:
        return true()
    seen = select(Organisation.id).where(visible(actor))
    return or_(kind.buyer_id.in_(seen), kind.bound_unit_id.in_(seen))
