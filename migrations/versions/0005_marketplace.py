"""Trade's first tables: listings, lots with their stock, orders with their lines."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.schema import SchemaItem

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    "listing", "lot", "lot_contribution", "lot_hold", "lot_entry", "purchase_order", "order_line",
)  # fmt: skip
APPEND_ONLY_TABLES = ("lot_contribution", "lot_entry")


def key(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def fen(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def state(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(32), nullable=False)


def at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def quantity(name: str, *, server_default: str | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.Numeric(14, 3), nullable=False, server_default=server_default)


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
    create_listings()
    create_lots()
    create_orders()
    for table in APPEND_ONLY_TABLES:
        op.execute(f"SELECT make_append_only('{table}')")
    # room on each page, so that a gate's update of its counter touches no index
    op.execute("ALTER TABLE lot SET (fillfactor = 70)")


def create_listings() -> None:
    create(
        "listing",
        *map(key, ("supplier_id", "certificate_id")),
        *map(words, ("certificate_number", "category_code", "origin_region_code")),
        state("origin_kind"),
        *map(words, ("title", "description")),
        state("unit"),
        quantity("step"),
        fen("unit_price_fen"),
        sa.Column("tiers", postgresql.JSONB(), nullable=False),
        state("status"),
        quantity("available_quantity"),
        words("search_text"),
        sa.Column("grams", sa.ARRAY(sa.Text()), nullable=False),
        at("created_at"),
        at("published_at", nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *checks(
            "listing",
            step="step > 0",
            price="unit_price_fen > 0",
            available="available_quantity >= 0",
        ),
        *refers("listing", supplier_id="organisation", certificate_id="certificate"),
    )
    index("listing", "supplier_id", "certificate_id")
    op.create_index(
        "ix_listing_grams",
        "listing",
        ["grams"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    listed = sa.text("status = 'listed'")
    for name, column in (
        ("price", "unit_price_fen"),
        ("newest", "created_at"),
        ("available", "available_quantity"),
    ):
        op.create_index(f"ix_listing_{name}", "listing", [column, "id"], postgresql_where=listed)
    op.create_index(
        "ix_listing_origin",
        "listing",
        ["origin_region_code"],
        postgresql_ops={"origin_region_code": "text_pattern_ops"},
        postgresql_where=listed,
    )


def create_lots() -> None:
    create(
        "lot",
        words("number"),
        *map(key, ("listing_id", "supplier_id")),
        sa.Column("harvested_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        state("unit"),
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
    op.create_index("ix_lot_listing_id_expires_on", "lot", ["listing_id", "expires_on"])
    index("lot", "supplier_id")
    create(
        "lot_contribution",
        *map(key, ("lot_id", "household_id")),
        quantity("quantity"),
        fen("farm_price_fen"),
        *checks(
            "lot_contribution",
            quantity="quantity > 0",
            price="farm_price_fen >= 0",
        ),
        *refers("lot_contribution", lot_id="lot", household_id="household"),
        sa.UniqueConstraint("lot_id", "household_id", name="uq_lot_contribution_lot_household"),
    )
    index("lot_contribution", "household_id")
    create(
        "lot_hold",
        key("counter_id"),
        words("source"),
        key("source_id"),
        quantity("amount"),
        quantity("posted", server_default="0"),
        quantity("released", server_default="0"),
        at("held_at"),
        at("expires_at", nullable=True),
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
    index("lot_hold", "counter_id")
    create(
        "lot_entry",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *map(key, ("counter_id", "hold_id")),
        state("kind"),
        *map(quantity, ("held", "spent")),
        at("at"),
        *refers("lot_entry", counter_id="lot", hold_id="lot_hold"),
    )
    op.create_index("ix_lot_entry_at", "lot_entry", ["at"], postgresql_using="brin")
    index("lot_entry", "counter_id", "hold_id")


def create_orders() -> None:
    create(
        "purchase_order",
        words("number"),
        state("kind"),
        *map(key, ("buyer_id", "author_id", "bound_unit_id")),
        sa.Column("year", sa.Integer(), nullable=False),
        state("fund"),
        *map(key, ("quota_id", "supplier_id")),
        state("pay_mode"),
        *(fen(f"{one}_fen") for one in ("goods", "freight", "total", "accepted")),
        *(fen(f"{one}_fen") for one in ("pending", "paid", "refunded")),
        *(state(f"{one}_status") for one in ("order", "fulfilment", "payment")),
        at("expires_at", nullable=True),
        sa.Column("dedication", postgresql.JSONB(), nullable=True),
        words("delivery_address"),
        sa.Column("delivery_contact", sa.LargeBinary(), nullable=True),
        sa.Column("delivery_on", sa.Date(), nullable=True),
        words("delivery_note", nullable=True),
        at("placed_at"),
        *(key(f"{one}_by", nullable=True) for one in ("decided", "confirmed")),
        *(at(f"{one}_at", nullable=True) for one in ("decided", "confirmed")),
        *(at(f"{one}_at", nullable=True) for one in ("completed", "closed")),
        words("close_reason", nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
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
    index("purchase_order", "buyer_id", "bound_unit_id", "supplier_id")
    op.create_index(
        "ix_purchase_order_due",
        "purchase_order",
        ["expires_at"],
        postgresql_where=sa.text("closed_at IS NULL AND payment_status = 'unpaid'"),
    )
    create(
        "order_line",
        key("order_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        *map(key, ("listing_id", "certificate_id", "capacity_id")),
        words("certificate_number"),
        state("certificate_unit"),
        words("title"),
        state("unit"),
        quantity("quantity"),
        *map(fen, ("unit_price_fen", "amount_fen")),
        state("origin_kind"),
        words("origin_region_code"),
        *(quantity(f"{one}_quantity") for one in ("shipped", "accepted", "rejected")),
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
    index("order_line", "listing_id", "certificate_id")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
