"""Deliveries: what left from which lot, and what was taken in or turned away."""

import sqlalchemy as sa

from migrations.columns import (
    at,
    checks,
    create,
    drop_tables,
    flag,
    indexes,
    key,
    only_add_to,
    quantity,
    refers,
    words,
)

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("shipment", "shipment_line", "receipt", "receipt_line")
"""All of them are only ever added to."""


def upgrade() -> None:
    create(
        "shipment",
        key("order_id"),
        words("carrier"),
        words("tracking_number?"),
        flag("final"),
        at("shipped_at"),
        key("shipped_by"),
        *refers("shipment", order_id="purchase_order", shipped_by="app_user"),
    )
    indexes("shipment", "order_id")
    create(
        "receipt",
        key("order_id"),
        at("received_at"),
        key("received_by"),
        *refers("receipt", order_id="purchase_order", received_by="app_user"),
    )
    indexes("receipt", "order_id")
    create(
        "shipment_line",
        *map(key, ("shipment_id", "order_line_id", "lot_id")),
        *map(quantity, ("quantity", "lot_quantity")),
        flag("moved"),
        *checks("shipment_line", quantity="quantity > 0 AND lot_quantity > 0"),
        *refers("shipment_line", shipment_id="shipment", order_line_id="order_line", lot_id="lot"),
        sa.UniqueConstraint(
            "shipment_id", "order_line_id", "lot_id", "moved", name="uq_shipment_line_once"
        ),
    )
    indexes("shipment_line", "order_line_id", "lot_id")
    create(
        "receipt_line",
        *map(key, ("receipt_id", "order_line_id", "shipment_line_id")),
        *map(quantity, ("accepted_quantity", "rejected_quantity")),
        words("reason?"),
        *checks(
            "receipt_line",
            quantity="accepted_quantity >= 0 AND rejected_quantity >= 0"
            " AND accepted_quantity + rejected_quantity > 0",
            reason="rejected_quantity = 0 OR reason IS NOT NULL",
        ),
        *refers(
            "receipt_line",
            receipt_id="receipt",
            order_line_id="order_line",
            shipment_line_id="shipment_line",
        ),
        sa.UniqueConstraint(
            "receipt_id", "shipment_line_id", name="uq_receipt_line_receipt_shipment_line"
        ),
    )
    indexes("receipt_line", "order_line_id", "shipment_line_id")
    only_add_to(TABLES)


def downgrade() -> None:
    drop_tables(TABLES)
