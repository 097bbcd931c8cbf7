"""Bands of approval by fund and category, decisions as steps, waits with an end, split orders."""

from alembic import op
from sqlalchemy import UniqueConstraint

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
    key,
    number,
    only_add_to,
    refers,
    word,
    words,
)

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

TABLES = ("approval_term", "approval_step", "split_signal", "split_order")


def upgrade() -> None:
    add(
        "approval_threshold",
        word("fund?"),
        words("category_code?"),
        number("approvers", default="1"),
        approvers="approvers BETWEEN 1 AND 2",
    )
    add(
        "purchase_order",
        number("approvals_wanted", default="0"),
        at("approval_due_at?"),
        at("escalated_at?"),
        approvals="approvals_wanted BETWEEN 0 AND 2",
        approval_due="order_status = 'pending_approval' OR approval_due_at IS NULL",
    )
    op.execute(
        "UPDATE purchase_order SET approvals_wanted = 1,"
        " approval_due_at = placed_at + interval '48 hours'"
        " WHERE order_status = 'pending_approval'"
    )
    index(
        "ix_purchase_order_approval",
        "approval_due_at",
        on="purchase_order",
        where="approval_due_at IS NOT NULL",
    )
    create(
        "approval_term",
        word("code"),
        number("value"),
        day("from_on"),
        words("source"),
        UniqueConstraint("code", "from_on", name="uq_approval_term_code_from_on"),
        *checks("approval_term", value="value > 0"),
    )
    create(
        "approval_step",
        key("order_id"),
        number("position"),
        word("act"),
        *map(key, ("author_id", "by_user_id", "right_of")),
        at("at"),
        *(
            UniqueConstraint("order_id", column, name=f"uq_approval_step_order_{name}")
            for column, name in (
                ("position", "position"),
                ("by_user_id", "by_user"),
                ("right_of", "right_of"),
            )
        ),
        *checks(
            "approval_step",
            position="position BETWEEN 1 AND 2",
            author_apart="by_user_id <> author_id AND right_of <> author_id",
        ),
        *refers("approval_step", author_id="app_user", by_user_id="app_user", right_of="app_user"),
    )
    create(
        "split_signal",
        *map(key, ("unit_id", "buyer_id", "supplier_id", "threshold_id")),
        word("fund?"),
        words("category_code?"),
        *map(fen, ("amount_fen", "sum_fen")),
        *map(day, ("from_on", "until_on")),
        key("completed_by"),
        at("created_at"),
        UniqueConstraint("completed_by", "threshold_id", name="uq_split_signal_order_threshold"),
        *checks("split_signal", sum="sum_fen > amount_fen", period="from_on < until_on"),
        *refers(
            "split_signal",
            unit_id="organisation",
            buyer_id="organisation",
            supplier_id="organisation",
            threshold_id="approval_threshold",
        ),
    )
    indexes("split_signal", "unit_id")
    create(
        "split_order",
        *map(key, ("signal_id", "threshold_id", "order_id")),
        fen("amount_fen"),
        UniqueConstraint("order_id", "threshold_id", name="uq_split_order_order_threshold"),
        *checks("split_order", amount="amount_fen > 0"),
        *refers("split_order", signal_id="split_signal", threshold_id="approval_threshold"),
    )
    indexes("split_order", "signal_id")
    only_add_to(TABLES)


def downgrade() -> None:
    drop_tables(TABLES)
    drop_columns("purchase_order", "approvals_wanted", "approval_due_at", "escalated_at")
    drop_columns("approval_threshold", "fund", "category_code", "approvers")
