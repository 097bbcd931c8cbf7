"""Standing orders with what became of each week; campaigns with prices and wishes."""

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
    quantity,
    refers,
    sealed,
    word,
    words,
)

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

TABLES = ("standing_order", "standing_week", "donation_campaign", "campaign_price", "campaign_wish")


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
    _campaigns()


def _campaigns() -> None:
    create(
        "donation_campaign",
        words("title"),
        *map(key, ("buyer_id", "author_id", "bound_unit_id")),
        word("fund"),
        json("dedication"),
        words("delivery_address"),
        sealed("delivery_contact?"),
        words("delivery_note?"),
        *map(at, ("opens_at", "closes_at")),
        word("status"),
        key("checkout_id?"),
        *map(at, ("created_at", "closed_at?")),
        number("version"),
        *checks(
            "donation_campaign",
            window="opens_at < closes_at",
            closed="(status = 'open') = (closed_at IS NULL)",
            gathered="(status = 'gathered') = (checkout_id IS NOT NULL)",
        ),
        *refers(
            "donation_campaign",
            buyer_id="organisation",
            author_id="app_user",
            bound_unit_id="organisation",
        ),
    )
    indexes("donation_campaign", "buyer_id", "bound_unit_id")
    create(
        "campaign_price",
        *map(key, ("campaign_id", "listing_id")),
        *map(fen, ("unit_price_fen", "market_fen")),
        words("market_source"),
        *checks("campaign_price", market="market_fen > 0 AND unit_price_fen >= market_fen"),
        *refers("campaign_price", campaign_id="donation_campaign", listing_id="listing"),
        sa.UniqueConstraint("campaign_id", "listing_id", name="uq_campaign_price_listing"),
    )
    only_add_to(["campaign_price"])
    create(
        "campaign_wish",
        *map(key, ("campaign_id", "listing_id")),
        *map(words, ("branch", "participant_code")),
        quantity("quantity"),
        key("written_by"),
        at("written_at"),
        *checks("campaign_wish", quantity="quantity >= 0"),
        *refers(
            "campaign_wish",
            campaign_id="donation_campaign",
            listing_id="listing",
            written_by="app_user",
        ),
        sa.UniqueConstraint(
            "campaign_id", "participant_code", "listing_id", name="uq_campaign_wish_participant"
        ),
    )


def downgrade() -> None:
    drop_tables(TABLES)
