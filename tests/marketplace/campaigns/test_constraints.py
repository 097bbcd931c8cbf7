"""Each constraint of standing orders and campaigns speaks by its own name."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from marketplace.orders.commands.standing import order_due_week
from tests.builders import marketplace
from tests.builders.campaigns import campaign, standing
from tests.constraints import AGAIN, constraints_of, refused_by
from tests.marketplace.campaigns.test_standing import FIRST

WEEK = (
    "INSERT INTO standing_week (id, standing_order_id, week_on, outcome, heads, days, at)"
    " SELECT gen_random_uuid(), standing_order_id, {}, {}, {}, 1, at FROM standing_week"
)
CASES = [
    ("UPDATE standing_order SET heads = 0", "ck_standing_order_heads"),
    ("UPDATE standing_order SET lead_days = 28", "ck_standing_order_lead"),
    ("UPDATE standing_order SET due_at = NULL", "ck_standing_order_due"),
    ("UPDATE standing_order SET next_week_on = next_week_on + 1", "ck_standing_order_week"),
    ("UPDATE standing_order SET kind = 'commissioned_farming'", "ck_standing_order_kind"),
    (WEEK.format("week_on", "'skipped'", "1"), "uq_standing_week_week"),
    (WEEK.format("week_on + 1", "'skipped'", "1"), "ck_standing_week_week"),
    (WEEK.format("week_on + 7", "'skipped'", "0"), "ck_standing_week_heads"),
    (WEEK.format("week_on + 7", "'placed'", "1"), "ck_standing_week_outcome"),
    ("UPDATE donation_campaign SET closes_at = opens_at", "ck_donation_campaign_window"),
    ("UPDATE donation_campaign SET closed_at = now()", "ck_donation_campaign_closed"),
    ("UPDATE donation_campaign SET checkout_id = id", "ck_donation_campaign_gathered"),
    (AGAIN.format("campaign_price", ", 'market_fen', 3001"), "ck_campaign_price_market"),
    (AGAIN.format("campaign_price", ""), "uq_campaign_price_listing"),
    ("UPDATE campaign_wish SET quantity = -1", "ck_campaign_wish_quantity"),
    (AGAIN.format("campaign_wish", ""), "uq_campaign_wish_participant"),
]
TABLES = (
    "standing_order",
    "standing_week",
    "donation_campaign",
    "campaign_price",
    "campaign_wish",
)


@pytest.fixture
def filled(db_session: Session) -> None:
    """Leave a standing order and a week of it, and a campaign with a wish."""
    del db_session
    there = marketplace.scene()
    standing(there)
    campaign(there, ("一分会", "A-1", "2"))
    order_due_week(now=FIRST)


def test_each_is_refused_by_its_name(filled: None) -> None:
    del filled
    for statement, name in CASES:
        assert refused_by(statement) == name, statement
    assert constraints_of(TABLES) == {name for _, name in CASES}
