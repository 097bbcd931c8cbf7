"""Plots that are farmed for a buyer, their growers and milestones; money of them on order lines."""

import sqlalchemy as sa

from migrations.columns import (
    add,
    at,
    checks,
    create,
    day,
    drop_columns,
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
    word,
    words,
)

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

TABLES = ("farming_commission", "farming_grower", "farming_milestone")
LINE = ("prepaid_fen", "advance_fen")


def upgrade() -> None:
    create(
        "farming_commission",
        words("number"),
        *map(key, ("supplier_id", "listing_id")),
        *map(words, ("title", "village_code")),
        quantity("area_mu"),
        word("unit"),
        quantity("quantity"),
        *map(fen, ("unit_price_fen", "total_fen", "prepaid_fen")),
        day("harvest_by_on"),
        *map(word, ("on_failure", "status")),
        *map(key, ("order_id?", "buyer_id?", "bound_unit_id?")),
        words("failure?"),
        key("created_by"),
        *map(at, ("created_at", "adopted_at?", "closed_at?")),
        number("version"),
        *checks(
            "farming_commission",
            **{"yield": "quantity > 0 AND area_mu > 0"},
            prepaid="prepaid_fen > 0 AND prepaid_fen < total_fen",
            adopted="(status IN ('offered', 'withdrawn')) = (order_id IS NULL)"
            " AND num_nulls(order_id, buyer_id, bound_unit_id, adopted_at) IN (0, 4)",
            closed="(status IN ('withdrawn', 'failed', 'lapsed')) = (closed_at IS NOT NULL)",
            failure="status NOT IN ('failing', 'substituted', 'failed') OR failure IS NOT NULL",
            failure_rule="status NOT IN ('failing', 'substituted') OR on_failure = 'substitute'",
        ),
        *refers(
            "farming_commission",
            supplier_id="organisation",
            listing_id="listing",
            created_by="app_user",
            buyer_id="organisation",
            bound_unit_id="organisation",
        ),
        sa.UniqueConstraint("number", name="uq_farming_commission_number"),
    )
    indexes("farming_commission", "supplier_id", "buyer_id", "bound_unit_id")
    index("uq_farming_commission_order", "order_id", on="farming_commission")
    create(
        "farming_grower",
        *map(key, ("commission_id", "household_id")),
        quantity("quantity"),
        fen("farm_price_fen"),
        *checks("farming_grower", **{"yield": "quantity > 0 AND farm_price_fen > 0"}),
        *refers("farming_grower", commission_id="farming_commission", household_id="household"),
        sa.UniqueConstraint("commission_id", "household_id", name="uq_farming_grower_household"),
    )
    only_add_to(["farming_grower"])
    create(
        "farming_milestone",
        key("commission_id"),
        number("position"),
        words("title"),
        day("due_on"),
        fen("amount_fen"),
        word("status"),
        words("evidence?"),
        json("document_ids"),
        key("shown_by?"),
        at("shown_at?"),
        words("returned?"),
        key("accepted_by?"),
        at("accepted_at?"),
        number("version"),
        *checks(
            "farming_milestone",
            amount="amount_fen > 0",
            shown="(status = 'open') = (shown_at IS NULL)",
            accepted="(status = 'accepted') = (accepted_at IS NOT NULL)",
            hands="accepted_by <> shown_by",
        ),
        *refers(
            "farming_milestone",
            commission_id="farming_commission",
            shown_by="app_user",
            accepted_by="app_user",
        ),
        sa.UniqueConstraint("commission_id", "position", name="uq_farming_milestone_position"),
    )
    add(
        "order_line",
        *(sa.Column(name, sa.BigInteger(), server_default="0", nullable=False) for name in LINE),
        advanced="prepaid_fen >= 0 AND advance_fen >= 0"
        " AND prepaid_fen + advance_fen <= amount_fen",
    )


def downgrade() -> None:
    drop_columns("order_line", *LINE)
    drop_tables(TABLES)
