"""Standing orders and campaigns of a school, as tests need them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from kernel import clock
from kernel.database import db
from kernel.money import Fen
from marketplace.campaigns.commands.donations import NewCampaign, NewWish, open_campaign, wish
from marketplace.campaigns.commands.standing import (
    NewStandingOrder,
    StandingDelivery,
    start_standing,
)
from marketplace.campaigns.models.donations import (
    DonationCampaign,
    DonationCampaignId,
)
from marketplace.campaigns.models.standing import (
    Dish,
    StandingOrder,
    StandingOrderId,
    StandingWeek,
)
from marketplace.campaigns.rules.purchases import Asked
from marketplace.catalogue.models.listings import Listing, ListingId, PayMode
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.builders.marketplace import DELIVERY, NOW, PRICE, Scene

WORKDAYS = (1, 2, 3, 4, 5)
HEADS = 21
CLOSES = NOW + timedelta(days=7)


def rice(listing_id: ListingId, grams: int = 100, weekdays: tuple[int, ...] = WORKDAYS) -> Dish:
    """Say how much rice everybody eats."""
    return Dish(listing_id, grams, weekdays)


def new_standing(there: Scene, **changes: Any) -> NewStandingOrder:
    """Say what the school eats: 100 g of rice for 21 heads on each working day."""
    said = NewStandingOrder(
        kind=OrderKind.RESERVED_SHARE,
        bound_unit_id=there.unit.id,
        fund=Fund.CANTEEN,
        pay_mode=PayMode.GOODS_FIRST,
        heads=HEADS,
        menu=[rice(there.listing_id)],
        lead_days=3,
        delivery=StandingDelivery(DELIVERY.address, DELIVERY.contact),
    )
    return replace(said, **changes)


def standing(there: Scene, *, now: datetime = NOW, **changes: Any) -> StandingOrderId:
    """Let the school's buyer set one up."""
    return start_standing(new_standing(there, **changes), by=there.by("buyer"), now=now).id


def standing_of(standing_id: StandingOrderId) -> StandingOrder:
    """Read a standing order as it stands now."""
    return db.session.get_one(StandingOrder, standing_id, populate_existing=True)


def weeks_of(standing_id: StandingOrderId) -> list[StandingWeek]:
    """Read what became of its weeks, in their order."""
    query = select(StandingWeek).where(StandingWeek.standing_order_id == standing_id)
    return list(db.session.scalars(query.order_by(StandingWeek.week_on)))


def new_campaign(there: Scene, **changes: Any) -> NewCampaign:
    """Say what members may buy for a week: rice, for a household linked to the cooperative."""
    said = NewCampaign(
        title="春节以购代捐",
        bound_unit_id=there.unit.id,
        fund=Fund.CANTEEN,
        dedication={"household_codes": [linked(there)]},
        delivery=StandingDelivery(DELIVERY.address, DELIVERY.contact),
        opens_at=NOW,
        closes_at=CLOSES,
        prices=[Asked(there.listing_id, Fen(PRICE - 200), "县价格监测")],
    )
    return replace(said, **changes)


def linked(there: Scene) -> str:
    """Link a household to the scene's cooperative; give its code."""
    household = registry.household()
    registry.benefit_link(household, there.cooperative)
    return household.code


def campaign(there: Scene, *wishes: tuple[str, str, str], **changes: Any) -> DonationCampaignId:
    """Open a campaign of the school, with wishes of branch, participant and kilograms."""
    by = there.by("buyer")
    made = open_campaign(new_campaign(there, **changes), by=by, now=NOW)
    for branch, code, quantity in wishes:
        new = NewWish(branch, code, there.listing_id, Decimal(quantity))
        wish(made.id, new, by=by, now=NOW)
    return made.id


def campaign_of(campaign_id: DonationCampaignId) -> DonationCampaign:
    """Read a campaign as it stands now."""
    return db.session.get_one(DonationCampaign, campaign_id, populate_existing=True)


def eat_something() -> None:
    """Leave a standing order and a campaign of some unit."""
    unit = registry.organisation(OrganisationKind.BUDGET_UNIT)
    by = registry.actor_of(registry.user(unit, [Role.CANTEEN_BUYER]))
    listing_id = db.session.scalars(select(Listing.id).order_by(Listing.id).limit(1)).one()
    new = NewStandingOrder(
        kind=OrderKind.RESERVED_SHARE,
        bound_unit_id=unit.id,
        fund=Fund.CANTEEN,
        pay_mode=PayMode.GOODS_FIRST,
        heads=HEADS,
        menu=[rice(listing_id)],
        lead_days=3,
        delivery=StandingDelivery(DELIVERY.address),
    )
    start_standing(new, by=by, now=clock.now())
    open_campaign(
        NewCampaign(
            title="春节以购代捐",
            bound_unit_id=unit.id,
            fund=Fund.UNION,
            dedication={"village_codes": [registry.VILLAGE]},
            delivery=StandingDelivery(DELIVERY.address),
            opens_at=clock.now(),
            closes_at=clock.now() + timedelta(days=7),
            prices=[Asked(listing_id, Fen(1), "县价格监测")],
        ),
        by=by,
        now=clock.now(),
    )
