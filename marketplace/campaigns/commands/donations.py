"""Open a campaign, take wishes in its window, call it off, and note that it was gathered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.errors import Invalid, check_version
from kernel.identity import new_id
from marketplace.campaigns.commands.standing import StandingDelivery, reach_unit, where_of
from marketplace.campaigns.models.donations import (
    CampaignPrice,
    CampaignStatus,
    CampaignWish,
    DonationCampaign,
    DonationCampaignId,
)
from marketplace.campaigns.queries import purchases as queries
from marketplace.campaigns.rules import purchases as rules
from marketplace.campaigns.rules.purchases import Asked
from marketplace.catalogue.models.listings import ListingId
from marketplace.errors.campaigns import ProductNotAsked
from marketplace.errors.orders import QuantityOffStep
from procurement.quotas.models import Fund
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId


@dataclass(frozen=True)
class NewCampaign:
    """What members may buy, for whom, until when; `dedication` names villages or households."""

    title: str
    bound_unit_id: OrganisationId
    fund: Fund
    dedication: Mapping[str, Any]
    delivery: StandingDelivery
    opens_at: datetime
    closes_at: datetime
    prices: Sequence[Asked]


@dataclass(frozen=True)
class NewWish:
    """How much of a product a participant of a branch wants; nothing takes a wish back."""

    branch: str
    participant_code: str
    listing_id: ListingId
    quantity: Decimal


def open_campaign(new: NewCampaign, *, by: Actor, now: datetime) -> DonationCampaign:
    """Open a campaign at the prices that the products are listed at.

    Refuses NotFound (unit), Invalid (window), and what `rules.check_prices` refuses.
    """
    check_clear_of_identity(new.title, pointer="/title")
    unit = reach_unit(new.bound_unit_id, by=by)
    if new.closes_at <= max(new.opens_at, now):
        reason = "截止须晚于开始和现在 / it closes after it opens, and after now"
        raise Invalid(reason=reason, pointer="/closes_at")
    goods = queries.list_measures(SYSTEM, [one.listing_id for one in new.prices])
    rules.check_prices(new.prices, goods=goods)
    campaign = DonationCampaign(
        id=DonationCampaignId(new_id()),
        title=new.title,
        buyer_id=by.organisation_id,
        author_id=UserId(by.user_id),
        bound_unit_id=unit.id,
        fund=new.fund,
        dedication=dict(new.dedication),
        **where_of(new.delivery),
        opens_at=new.opens_at,
        closes_at=new.closes_at,
        status=CampaignStatus.OPEN,
        created_at=now,
    )
    db.session.add(campaign)
    db.session.flush()
    db.session.add_all(
        CampaignPrice(
            id=new_id(),
            campaign_id=campaign.id,
            listing_id=one.listing_id,
            unit_price_fen=goods[one.listing_id].unit_price_fen,
            market_fen=one.market_fen,
            market_source=one.market_source,
        )
        for one in new.prices
    )
    _note("open_donation_campaign", campaign, by=by, now=now)
    return campaign


def wish(
    campaign_id: DonationCampaignId, new: NewWish, *, by: Actor, now: datetime
) -> CampaignWish:
    """Write down what a participant wants of a product, in place of what they wanted before.

    Refuses WrongState, WindowShut, ProductNotAsked, QuantityOffStep.
    """
    for name in ("branch", "participant_code"):
        check_clear_of_identity(getattr(new, name), pointer=f"/{name}")
    campaign = queries.lock_campaign(by, campaign_id)
    rules.check_window(campaign, now=now)
    asked = {one.listing_id for one in queries.list_campaign_prices(by, campaign_id)}
    if new.listing_id not in asked:
        raise ProductNotAsked(pointer="/listing_id")
    step = queries.list_measures(by, asked)[new.listing_id].step
    if new.quantity % step:
        raise QuantityOffStep(quantity=new.quantity, step=step, pointer="/quantity")
    found = queries.find_wish(
        by, campaign_id, participant_code=new.participant_code, listing_id=new.listing_id
    )
    if found is None:
        found = CampaignWish(
            id=new_id(),
            campaign_id=campaign.id,
            listing_id=new.listing_id,
            participant_code=new.participant_code,
        )
        db.session.add(found)
    found.branch, found.quantity = new.branch, new.quantity
    found.written_by, found.written_at = UserId(by.user_id), now
    _note("wish_in_campaign", campaign, by=by, now=now, quantity=str(new.quantity))
    return found


def cancel_campaign(
    campaign_id: DonationCampaignId, *, expected_version: int | None, by: Actor, now: datetime
) -> DonationCampaign:
    """Call a campaign off before it is gathered (WrongState)."""
    campaign = queries.lock_campaign(by, campaign_id)
    check_version(campaign.version, expected_version)
    rules.check_open(campaign)
    campaign.status, campaign.closed_at = CampaignStatus.CANCELLED, now
    _note("cancel_donation_campaign", campaign, by=by, now=now)
    return campaign


def note_gathered(
    campaign: DonationCampaign, *, checkout_id: UUID | None, by: Actor, now: datetime
) -> None:
    """Write down that the wishes of a locked campaign are orders."""
    campaign.status, campaign.closed_at = CampaignStatus.GATHERED, now
    campaign.checkout_id = checkout_id
    _note("gather_donation_campaign", campaign, by=by, now=now)


def _note(
    action: str, campaign: DonationCampaign, *, by: Actor, now: datetime, **more: Any
) -> None:
    db.session.flush()
    after = {"status": campaign.status, **more}
    audit.write(action, subject=("donation_campaign", campaign.id), by=by, now=now, after=after)
