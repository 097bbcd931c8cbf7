"""Contracts are signed by both; deliveries are weighed, photographed, measured on their way."""

from alembic import op
from sqlalchemy import UniqueConstraint

from migrations.columns import (
    add,
    at,
    checks,
    create,
    day,
    drop_tables,
    fen,
    index,
    indexes,
    key,
    number,
    only_add_to,
    quantity,
    refers,
    sealed,
    word,
    words,
)

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

TABLES = (
    "delivery_term",
    "weighing",
    "receipt_photo",
    "cold_chain",
    "temperature_reading",
    "order_contract",
    "substitution",
)
ADDED_TO = ("weighing", "receipt_photo", "temperature_reading", "order_contract")
REASON = "rejected_quantity = 0 OR reason IS NOT NULL"


def upgrade() -> None:
    create(
        "delivery_term",
        word("code"),
        number("value"),
        day("from_on"),
        words("source"),
        *checks("delivery_term", value="value BETWEEN 0 AND 10000"),
        UniqueConstraint("code", "from_on", name="uq_delivery_term_code_from_on"),
    )
    op.drop_constraint("ck_receipt_line_reason", "receipt_line")
    add(
        "receipt_line",
        word("reason_code?"),
        reason=f"{REASON} OR coalesce(reason_code, 'other') <> 'other'",
    )
    _measures_at_the_door()
    _measures_on_the_way()
    _contracts()
    _substitutes()
    only_add_to(ADDED_TO)


def _contracts() -> None:
    create(
        "order_contract",
        key("order_id"),
        *map(words, ("statement", "digest", "key_id")),
        sealed("signature"),
        at("signed_at"),
        *checks("order_contract", digest="digest ~ '^[0-9a-f]{64}$'"),
        *refers("order_contract", order_id="purchase_order"),
        UniqueConstraint("order_id", name="uq_order_contract_order"),
    )


def _substitutes() -> None:
    add("order_line", quantity("substituted_quantity", default="0"))
    op.drop_constraint("ck_order_line_shipped", "order_line")
    op.create_check_constraint(
        op.f("ck_order_line_shipped"),
        "order_line",
        "shipped_quantity >= 0 AND substituted_quantity >= 0"
        " AND shipped_quantity <= quantity - substituted_quantity",
    )
    create(
        "substitution",
        *map(key, ("order_id", "order_line_id", "listing_id")),
        quantity("quantity"),
        fen("unit_price_fen"),
        words("reason"),
        word("status"),
        key("proposed_by"),
        at("proposed_at"),
        key("decided_by?"),
        at("decided_at?"),
        key("new_line_id?"),
        number("version"),
        *checks(
            "substitution",
            amounts="quantity > 0 AND unit_price_fen > 0",
            decided="(status = 'proposed') = (decided_at IS NULL)",
            line="(status = 'accepted') = (new_line_id IS NOT NULL)",
        ),
        *refers(
            "substitution",
            order_id="purchase_order",
            order_line_id="order_line",
            listing_id="listing",
            proposed_by="app_user",
            decided_by="app_user",
            new_line_id="order_line",
        ),
    )
    indexes("substitution", "order_id")
    index("uq_substitution_open", "order_line_id", on="substitution", where="status = 'proposed'")


def _measures_at_the_door() -> None:
    create(
        "weighing",
        *map(key, ("receipt_id", "order_line_id")),
        *map(quantity, ("sent_quantity", "weighed_quantity")),
        number("tolerance_bp"),
        word("reason_code?"),
        words("reason?"),
        *checks(
            "weighing",
            quantity="sent_quantity > 0 AND weighed_quantity >= 0",
            tolerance="abs(weighed_quantity - sent_quantity) * 10000"
            " <= sent_quantity * tolerance_bp OR reason_code IS NOT NULL",
        ),
        *refers("weighing", receipt_id="receipt", order_line_id="order_line"),
        UniqueConstraint("receipt_id", "order_line_id", name="uq_weighing_receipt_order_line"),
    )
    indexes("weighing", "order_line_id")
    create(
        "receipt_photo",
        *map(key, ("receipt_id", "order_line_id", "document_id")),
        *refers(
            "receipt_photo",
            receipt_id="receipt",
            order_line_id="order_line",
            document_id="document",
        ),
        UniqueConstraint("document_id", name="uq_receipt_photo_document"),
    )
    indexes("receipt_photo", "receipt_id")


def _measures_on_the_way() -> None:
    create(
        "cold_chain",
        key("shipment_id"),
        word("storage_band"),
        *map(number, ("min_c", "max_c")),
        at("breached_at?"),
        *checks(
            "cold_chain",
            band="storage_band IN ('chilled', 'frozen')",
            range="min_c <= max_c",
        ),
        *refers("cold_chain", shipment_id="shipment"),
        UniqueConstraint("shipment_id", "storage_band", name="uq_cold_chain_shipment_band"),
    )
    create(
        "temperature_reading",
        key("cold_chain_id"),
        words("device"),
        at("read_at"),
        number("tenths_c"),
        at("recorded_at"),
        key("recorded_by"),
        *checks("temperature_reading", tenths="tenths_c BETWEEN -999 AND 999"),
        *refers("temperature_reading", cold_chain_id="cold_chain", recorded_by="app_user"),
        UniqueConstraint(
            "cold_chain_id", "device", "read_at", name="uq_temperature_reading_instant"
        ),
    )


def downgrade() -> None:
    drop_tables(TABLES)
    op.drop_constraint("ck_order_line_shipped", "order_line")
    op.drop_column("order_line", "substituted_quantity")
    op.create_check_constraint(
        op.f("ck_order_line_shipped"),
        "order_line",
        "shipped_quantity >= 0 AND shipped_quantity <= quantity",
    )
    op.drop_constraint("ck_receipt_line_reason", "receipt_line")
    op.drop_column("receipt_line", "reason_code")
    op.create_check_constraint(op.f("ck_receipt_line_reason"), "receipt_line", REASON)
