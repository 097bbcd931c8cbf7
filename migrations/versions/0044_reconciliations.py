"""The daily reconciliation of money, and orders on the treasury that pay several orders at once."""

import sqlalchemy as sa

from migrations.columns import (
    add,
    add_reference,
    at,
    checks,
    create,
    day,
    drop_columns,
    drop_tables,
    fen,
    indexes,
    key,
    number,
    only_add_to,
    refers,
    word,
    words,
)

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

TABLES = ("money_report", "money_difference", "treasury_order")


def upgrade() -> None:
    create(
        "money_report",
        day("on"),
        number("differences"),
        at("made_at"),
        sa.UniqueConstraint("on", name="uq_money_report_on"),
    )
    create(
        "money_difference",
        key("report_id"),
        words("kind"),
        key("subject_id"),
        *map(fen, ("expected_fen", "found_fen")),
        *refers("money_difference", report_id="money_report"),
    )
    indexes("money_difference", "report_id")
    only_add_to(["money_report", "money_difference"])
    create(
        "treasury_order",
        words("number"),
        word("status"),
        fen("total_fen"),
        words("voucher?"),
        words("reason?"),
        key("drawn_by"),
        at("drawn_at"),
        key("decided_by?"),
        at("decided_at?"),
        number("version"),
        *checks(
            "treasury_order",
            total="total_fen > 0",
            hands="status <> 'paid' OR decided_by <> drawn_by",
            decision="(status = 'drawn') = (decided_by IS NULL)"
            " AND (status = 'paid') = (voucher IS NOT NULL)"
            " AND (status = 'cancelled') = (reason IS NOT NULL)",
        ),
        *refers("treasury_order", drawn_by="app_user", decided_by="app_user"),
        sa.UniqueConstraint("number", name="uq_treasury_order_number"),
        sa.UniqueConstraint("voucher", name="uq_treasury_order_voucher"),
    )
    add(
        "payment",
        key("treasury_order_id?"),
        treasury="treasury_order_id IS NULL OR method = 'treasury'",
    )
    add_reference("payment", "treasury_order_id", "treasury_order")
    indexes("payment", "treasury_order_id")


def downgrade() -> None:
    drop_columns("payment", "treasury_order_id")
    drop_tables(TABLES)
