"""Trade's first tables: listings, lots with their stock, orders with their lines."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    at,
    checks,
    counted,
    create,
    day,
    drop_tables,
    fen,
    grams,
    index,
    index_grams,
    index_prefixes,
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

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    "listing", "lot", "lot_contribution", "lot_hold", "lot_entry", "purchase_order", "order_line",
)  # fmt: skip
APPEND_ONLY_TABLES = ("lot_contribution", "lot_entry")


def upgrade() -> None:
    create_listings()
    create_lots()
    create_orders()
    only_add_to(APPEND_ONLY_TABLES)
    # room on each page, so that a gate's update of its counter touches no index
    op.execute("ALTER TABLE lot SET (fillfactor = 70)")


def create_listings() -> None:
    create(
        "listing",
        *map(key, ("supplier_id", "certificate_id")),
        *map(words, ("certificate_number", "category_code", "origin_region_code")),
        word("origin_kind"),
        *map(words, ("title", "description")),
        word("unit"),
        quantity("step"),
        fen("unit_price_fen"),
        json("tiers"),
        word("status"),
        quantity("available_quantity"),
        words("search_text"),
        grams(),
        at("created_at"),
        at("published_at?"),
        number("version"),
        *checks(
            "listing",
            step="step > 0",
            price="unit_price_fen > 0",
            available="available_quantity >= 0",
        ),
        *refers("listing", supplier_id="organisation", certificate_id="certificate"),
    )
    indexes("listing", "supplier_id", "certificate_id")
    index_grams("listing")
    listed = "status = 'listed'"
    for name, column in (
        ("price", "unit_price_fen"),
        ("newest", "created_at"),
        ("available", "available_quantity"),
    ):
        index(f"ix_listing_{name}", column, "id", on="listing", where=listed)
    index_prefixes("ix_listing_origin", "origin_region_code", on="listing", where=listed)


def create_lots() -> None:
    create(
        "lot",
        words("number"),
        *map(key, ("listing_id", "supplier_id")),
        day("harvested_on"),
        day("expires_on?"),
        word("unit"),
        *map(quantity, ("own_quantity", "total", "held", "shipped")),
        at("created_at"),
        key("created_by"),
        *checks(
            "lot",
            stock="held >= 0 AND shipped >= 0 AND held + shipped <= total",
            total="own_quantity >= 0 AND total > 0 AND own_quantity <= total",
            life="expires_on > harvested_on",
        ),
        *refers("lot", listing_id="listing", supplier_id="organisation", created_by="app_user"),
        sa.UniqueConstraint("number", name="uq_lot_number"),
    )
    index("ix_lot_listing_id_expires_on", "listing_id", "expires_on", on="lot")
    indexes("lot", "supplier_id")
    create(
        "lot_contribution",
        *map(key, ("lot_id", "household_id")),
        quantity("quantity"),
        fen("farm_price_fen"),
        *checks("lot_contribution", quantity="quantity > 0", price="farm_price_fen >= 0"),
        *refers("lot_contribution", lot_id="lot", household_id="household"),
        sa.UniqueConstraint("lot_id", "household_id", name="uq_lot_contribution_lot_household"),
    )
    indexes("lot_contribution", "household_id")
    create(
        "lot_hold",
        key("counter_id"),
        words("source"),
        key("source_id"),
        quantity("amount"),
        quantity("posted", default="0"),
        quantity("released", default="0"),
        at("held_at"),
        at("expires_at?"),
        *checks(
            "lot_hold",
            amount_positive="amount > 0",
            ends_once="posted >= 0 AND released >= 0 AND posted + released <= amount",
        ),
        *refers("lot_hold", counter_id="lot"),
        sa.UniqueConstraint(
            "source_id", "counter_id", "source", name="uq_lot_hold_source_id_counter_id"
        ),
    )
    indexes("lot_hold", "counter_id")
    create(
        "lot_entry",
        counted("position"),
        *map(key, ("counter_id", "hold_id")),
        word("kind"),
        *map(quantity, ("held", "spent")),
        at("at"),
        *refers("lot_entry", counter_id="lot", hold_id="lot_hold"),
    )
    op.create_index("ix_lot_entry_at", "lot_entry", ["at"], postgresql_using="brin")
    indexes("lot_entry", "counter_id", "hold_id")


def create_orders() -> None:
    create(
        "purchase_order",
        words("number"),
        word("kind"),
        *map(key, ("buyer_id", "author_id", "bound_unit_id")),
        number("year"),
        word("fund"),
        *map(key, ("quota_id", "supplier_id")),
        word("pay_mode"),
        *map(fen, ("goods_fen", "freight_fen", "total_fen", "accepted_fen")),
        *map(fen, ("pending_fen", "paid_fen", "refunded_fen")),
        *map(word, ("order_status", "fulfilment_status", "payment_status")),
        at("expires_at?"),
        json("dedication?"),
        words("delivery_address"),
        sealed("delivery_contact?"),
        day("delivery_on?"),
        words("delivery_note?"),
        at("placed_at"),
        *map(key, ("decided_by?", "confirmed_by?")),
        *map(at, ("decided_at?", "confirmed_at?", "completed_at?", "closed_at?")),
        words("close_reason?"),
        number("version"),
        *checks(
            "purchase_order",
            total="total_fen = goods_fen + freight_fen",
            amounts="goods_fen >= 0 AND freight_fen >= 0",
            accepted="accepted_fen >= 0 AND accepted_fen <= goods_fen",
            paid="paid_fen >= 0 AND pending_fen >= 0 AND paid_fen + pending_fen <= total_fen",
            refunded="refunded_fen >= 0 AND refunded_fen <= paid_fen",
            author_apart="decided_by <> author_id",
        ),
        *refers(
            "purchase_order",
            **dict.fromkeys(("buyer_id", "bound_unit_id", "supplier_id"), "organisation"),
            **dict.fromkeys(("author_id", "decided_by", "confirmed_by"), "app_user"),
            quota_id="quota",
        ),
        sa.UniqueConstraint("number", name="uq_purchase_order_number"),
    )
    indexes("purchase_order", "buyer_id", "bound_unit_id", "supplier_id")
    index(
        "ix_purchase_order_due",
        "expires_at",
        on="purchase_order",
        where="closed_at IS NULL AND payment_status = 'unpaid'",
    )
    create(
        "order_line",
        key("order_id"),
        number("position"),
        *map(key, ("listing_id", "certificate_id", "capacity_id")),
        words("certificate_number"),
        word("certificate_unit"),
        words("title"),
        word("unit"),
        quantity("quantity"),
        *map(fen, ("unit_price_fen", "amount_fen")),
        word("origin_kind"),
        words("origin_region_code"),
        *map(quantity, ("shipped_quantity", "accepted_quantity", "rejected_quantity")),
        fen("accepted_fen"),
        *checks(
            "order_line",
            quantity="quantity > 0",
            shipped="shipped_quantity >= 0 AND shipped_quantity <= quantity",
            received="accepted_quantity >= 0 AND rejected_quantity >= 0"
            " AND accepted_quantity + rejected_quantity <= shipped_quantity",
            accepted="accepted_fen >= 0 AND accepted_fen <= amount_fen",
        ),
        *refers(
            "order_line",
            order_id="purchase_order",
            listing_id="listing",
            certificate_id="certificate",
            capacity_id="capacity",
        ),
        sa.UniqueConstraint("order_id", "position", name="uq_order_line_order_position"),
    )
    indexes("order_line", "listing_id", "certificate_id")


def downgrade() -> None:
    drop_tables(TABLES)
