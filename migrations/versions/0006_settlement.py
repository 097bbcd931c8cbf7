"""Settlement's and attribution's tables: payments, refunds, allocations, splits with shares."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

refers = sa.ForeignKeyConstraint
check = sa.CheckConstraint
instant = sa.DateTime(timezone=True)
TABLES = ("payment", "refund", "allocation", "attribution", "attribution_share")
APPEND_ONLY_TABLES = ("refund", "allocation", "attribution", "attribution_share")


def upgrade() -> None:
    create_settlement()
    create_attribution()
    for table in APPEND_ONLY_TABLES:
        op.execute(f"SELECT make_append_only('{table}')")


def create_settlement() -> None:
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(32), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("approver_id", sa.Uuid(), nullable=True),
        sa.Column("registered_by", sa.Uuid(), nullable=False),
        sa.Column("registered_at", instant, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", instant, nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        check("amount_fen > 0", name=op.f("ck_payment_amount")),
        check(
            "refunded_fen >= 0 AND refunded_fen <= amount_fen"
            " AND (refunded_fen = 0 OR status = 'confirmed')",
            name=op.f("ck_payment_refunded"),
        ),
        check("registered_by <> author_id", name=op.f("ck_payment_author_apart")),
        check("registered_by <> approver_id", name=op.f("ck_payment_approver_apart")),
        check(
            "status <> 'confirmed' OR decided_by <> registered_by",
            name=op.f("ck_payment_payer_apart"),
        ),
        check(
            "(status = 'pending') = (decided_by IS NULL)"
            " AND (status = 'pending') = (decided_at IS NULL)"
            " AND (status = 'confirmed') = (transfer_id IS NOT NULL)"
            " AND (status = 'cancelled') = (cancel_reason IS NOT NULL)",
            name=op.f("ck_payment_decision"),
        ),
        refers(["order_id"], ["purchase_order.id"], name="fk_payment_order_id"),
        refers(["author_id"], ["app_user.id"], name="fk_payment_author_id"),
        refers(["approver_id"], ["app_user.id"], name="fk_payment_approver_id"),
        refers(["registered_by"], ["app_user.id"], name="fk_payment_registered_by"),
        refers(["decided_by"], ["app_user.id"], name="fk_payment_decided_by"),
        refers(["transfer_id"], ["ledger_transfer.id"], name="fk_payment_transfer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_payment"),
        sa.UniqueConstraint("number", name="uq_payment_number"),
        sa.UniqueConstraint("id", "order_id", name="uq_payment_id_order"),
    )
    op.create_index("ix_payment_order_id", "payment", ["order_id"])
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("refunded_by", sa.Uuid(), nullable=False),
        sa.Column("refunded_at", instant, nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        check("amount_fen > 0", name=op.f("ck_refund_amount")),
        check("refunded_by <> author_id", name=op.f("ck_refund_author_apart")),
        refers(
            ["payment_id", "order_id"],
            ["payment.id", "payment.order_id"],
            name="fk_refund_payment_order",
        ),
        refers(["author_id"], ["app_user.id"], name="fk_refund_author_id"),
        refers(["refunded_by"], ["app_user.id"], name="fk_refund_refunded_by"),
        refers(["transfer_id"], ["ledger_transfer.id"], name="fk_refund_transfer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_refund"),
    )
    op.create_index("ix_refund_payment_id", "refund", ["payment_id", "order_id"])
    op.create_table(
        "allocation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("at", instant, nullable=False),
        check(
            "(kind = 'payment') = (payment_id IS NOT NULL)"
            " AND (kind = 'refund') = (refund_id IS NOT NULL)",
            name=op.f("ck_allocation_source"),
        ),
        check(
            "amount_fen <> 0 AND (kind = 'payment') = (amount_fen > 0)",
            name=op.f("ck_allocation_amount"),
        ),
        refers(["order_id"], ["purchase_order.id"], name="fk_allocation_order_id"),
        refers(["order_line_id"], ["order_line.id"], name="fk_allocation_order_line_id"),
        refers(["payment_id"], ["payment.id"], name="fk_allocation_payment_id"),
        refers(["refund_id"], ["refund.id"], name="fk_allocation_refund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_allocation"),
    )
    for column in ("order_id", "order_line_id", "payment_id", "refund_id"):
        op.create_index(f"ix_allocation_{column}", "allocation", [column])


def create_attribution() -> None:
    op.create_table(
        "attribution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("rule_version", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("posted_at", instant, nullable=False),
        check("amount_fen > 0", name=op.f("ck_attribution_amount")),
        check("sequence > 0", name=op.f("ck_attribution_sequence")),
        check("(reverses_id IS NULL) = (refund_id IS NULL)", name=op.f("ck_attribution_reversal")),
        refers(["order_id"], ["purchase_order.id"], name="fk_attribution_order_id"),
        refers(["order_line_id"], ["order_line.id"], name="fk_attribution_order_line_id"),
        refers(["transfer_id"], ["ledger_transfer.id"], name="fk_attribution_transfer_id"),
        refers(["reverses_id"], ["attribution.id"], name="fk_attribution_reverses_id"),
        refers(["refund_id"], ["refund.id"], name="fk_attribution_refund_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attribution"),
        sa.UniqueConstraint("order_line_id", "sequence", name="uq_attribution_line_sequence"),
    )
    for column in ("order_id", "reverses_id", "refund_id"):
        op.create_index(f"ix_attribution_{column}", "attribution", [column])
    op.create_table(
        "attribution_share",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attribution_id", sa.Uuid(), nullable=False),
        sa.Column("party_kind", sa.String(32), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        check("amount_fen > 0", name=op.f("ck_attribution_share_amount")),
        refers(["attribution_id"], ["attribution.id"], name="fk_attribution_share_attribution_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attribution_share"),
        sa.UniqueConstraint(
            "attribution_id", "party_kind", "party_id", name="uq_attribution_share_party"
        ),
    )
    op.create_index("ix_attribution_share_party_id", "attribution_share", ["party_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
