"""Standing orders: a weekly menu and a head count, and what became of each week."""

import sqlalchemy as sa

from migrations.columns import (
    at,
    checks,
    create,
    day,
    drop_tables,
    fen,
    index,
    indexes,
    json,
    key,
    number,
    only_add_to,
    refers,
    sealed,
    word,
    words,
)

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

TABLES = ("standing_order", "standing_week")


def upgrade() -> None:
    create(
        "standing_order",
        *map(key, ("buyer_id", "author_id", "bound_unit_id")),
        *map(word, ("kind", "fund", "pay_mode")),
        number("heads"),
        json("menu"),
        number("lead_days"),
        words("delivery_address"),
        sealed("delivery_contact?"),
        words("delivery_note?"),
        word("status"),
        day("next_week_on"),
        at("due_at?"),
        at("created_at"),
        number("version"),
        *checks(
            "standing_order",
            heads="heads > 0",
            lead="lead_days BETWEEN 0 AND 27",
            due="(status = 'active') = (due_at IS NOT NULL)",
            week="extract(isodow FROM next_week_on) = 1",
            kind="kind IN ('reserved_share', 'priority')",
        ),
        *refers(
            "standing_order",
            buyer_id="organisation",
            author_id="app_user",
            bound_unit_id="organisation",
        ),
    )
    indexes("standing_order", "buyer_id", "bound_unit_id")
    index("ix_standing_order_due_at", "due_at", on="standing_order", where="due_at IS NOT NULL")
    create(
        "standing_week",
        key("standing_order_id"),
        day("week_on"),
        word("outcome"),
        number("heads"),
        number("days"),
        key("checkout_id?"),
        fen("total_fen?"),
        words("refusal_code?"),
        words("refusal?"),
        at("at"),
        *checks(
            "standing_week",
            week="extract(isodow FROM week_on) = 1",
            heads="heads > 0 AND days BETWEEN 0 AND 7",
            outcome="(outcome = 'placed') = (checkout_id IS NOT NULL)"
            " AND (outcome = 'placed') = (total_fen IS NOT NULL)"
            " AND (outcome = 'refused') = (refusal IS NOT NULL)"
            " AND (outcome = 'refused') = (refusal_code IS NOT NULL)",
        ),
        *refers("standing_week", standing_order_id="standing_order"),
        sa.UniqueConstraint("standing_order_id", "week_on", name="uq_standing_week_week"),
    )
    only_add_to(["standing_week"])


def downgrade() -> None:
    drop_tables(TABLES)
