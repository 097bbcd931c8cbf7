"""Gathering what the members of a campaign want into one order with each supplier."""

from __future__ import annotations

from datetime import datetime

from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_year
from kernel.errors import check_version
from marketplace.campaigns.commands.donations import note_gathered
from marketplace.campaigns.models.donations import (
    DonationCampaignId,
)
from marketplace.campaigns.queries import purchases as queries
from marketplace.campaigns.rules import purchases as rules
from marketplace.errors.campaigns import NothingWished
from marketplace.orders.commands.placing import LineWish, NewOrder, place_checkout
from marketplace.orders.models.orders import PayMode
from marketplace.orders.queries.showing import Delivery, OrderView
from procurement.policies.models import OrderKind


def gather_campaign(
    campaign_id: DonationCampaignId, *, expected_version: int | None, by: Actor, now: datetime
) -> list[OrderView]:
    """Place the group's orders, paid before anything is gathered in the village; all or none.

    Refuses WrongState, WindowOpen, NothingWished, PriceMoved, and what placing refuses.
    """
    campaign = queries.lock_campaign(by, campaign_id)
    check_version(campaign.version, expected_version)
    rules.check_gathering(campaign, now=now)
    wishes = queries.sum_wishes(SYSTEM, campaign.id)
    if not wishes:
        raise NothingWished
    new = NewOrder(
        kind=OrderKind.PURCHASE_INSTEAD_OF_DONATION,
        bound_unit_id=campaign.bound_unit_id,
        year=shanghai_year(now),
        fund=campaign.fund,
        pay_mode=PayMode.PAY_FIRST,
        lines=[LineWish(listing_id, quantity) for listing_id, quantity in wishes.items()],
        delivery=Delivery(
            address=campaign.delivery_address,
            contact=campaign.delivery_contact,
            note=campaign.delivery_note,
        ),
        dedication=campaign.dedication,
    )
    views = place_checkout(new, by=by, now=now)
    asked = {one.listing_id: one for one in queries.list_campaign_prices(SYSTEM, campaign.id)}
    for line in (line for view in views for line in view.lines):
        rules.check_paid(line.unit_price_fen, of=asked[line.listing_id])
    note_gathered(campaign, checkout_id=views[0].order.checkout_id, by=by, now=now)
    return views
