"""Each constraint of standing orders speaks by its own name."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from marketplace.orders.commands.standing import order_due_week
from tests.builders import marketplace
from tests.builders.campaigns import standing
from tests.constraints import constraints_of, refused_by
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
]


@pytest.fixture
def filled(db_session: Session) -> None:
    """Leave a standing order and a week of it."""
    del db_session
    standing(marketplace.scene())
    order_due_week(now=FIRST)


def test_each_is_refused_by_its_name(filled: None) -> None:
    del filled
    for statement, name in CASES:
        assert refused_by(statement) == name, statement
    assert constraints_of(("standing_order", "standing_week")) == {name for _, name in CASES}
