"""Deliveries: what left from which lot, and what was taken in or turned away."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.schema import SchemaItem

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("shipment", "shipment_line", "receipt", "receipt_line")
"""All of them are only ever added to."""


def key(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def quantity(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Numeric(14, 3), nullable=False)


def checks(table: str, **conditions: str) -> list[SchemaItem]:
    return [
        sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
        for name, condition in conditions.items()
    ]


def refers(table: str, **targets: str) -> list[SchemaItem]:
    return [
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")
        for column, to in targets.items()
    ]


def create(table: str, *items: SchemaItem) -> None:
    op.create_table(table, key("id"), *items, sa.PrimaryKeyConstraint("id", name=f"pk_{table}"))


def index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    create(
        "shipment",
        key("order_id"),
        words("carrier"),
        words("tracking_number", nullable=True),
        sa.Column("final", sa.Boolean(), nullable=False),
        at("shipped_at"),
        key("shipped_by"),
        *refers("shipment", order_id="purchase_order", shipped_by="app_user"),
    )
    index("shipment", "order_id")
    create(
        "receipt",
        key("order_id"),
        at("received_at"),
        key("received_by"),
        *refers("receipt", order_id="purchase_order", received_by="app_user"),
    )
    index("receipt", "order_id")
    create(
        "shipment_line",
        *map(key, ("shipment_id", "order_line_id", "lot_id")),
        *map(quantity, ("quantity", "lot_quantity")),
        sa.Column("moved", sa.Boolean(), nullable=False),
        *checks(
            "shipment_line",
            quantity="quantity > 0 AND lot_quantity > 0",
        ),
        *refers("shipment_line", shipment_id="shipment", order_line_id="order_line", lot_id="lot"),
        sa.UniqueConstraint(
            "shipment_id", "order_line_id", "lot_id", "moved", name="uq_shipment_line_once"
        ),
    )
    index("shipment_line", "order_line_id", "lot_id")
    create(
        "receipt_line",
        *map(key, ("receipt_id", "order_line_id", "shipment_line_id")),
        *map(quantity, ("accepted_quantity", "rejected_quantity")),
        words("reason", nullable=True),
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
    index("receipt_line", "order_line_id", "shipment_line_id")
    for table in TABLES:
        op.execute(f"SELECT make_append_only('{table}')")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
