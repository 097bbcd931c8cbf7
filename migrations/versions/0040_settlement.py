"""Settlement: bank accounts, the lines of their statements, and what each line paid."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    add,
    at,
    checks,
    counted,
    create,
    day,
    drop_columns,
    drop_tables,
    fen,
    flag,
    index,
    indexes,
    key,
    number,
    only_add_to,
    refers,
    sealed,
    word,
    words,
)

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

TABLES = ("bank_account", "bank_line", "line_match")


def upgrade() -> None:
    op.alter_column("payment", "registered_by", nullable=True)
    add(
        "payment",
        flag("collected", default="false"),
        registered="registered_by IS NOT NULL OR (method = 'bank_transfer'"
        " AND status = 'confirmed')",
    )
    create(
        "bank_account",
        key("organisation_id"),
        words("bank_name"),
        *map(sealed, ("holder_name", "number", "number_index")),
        flag("collects"),
        key("opened_by"),
        at("opened_at"),
        at("closed_at?"),
        number("version"),
        *checks("bank_account", closed="closed_at >= opened_at"),
        *refers("bank_account", organisation_id="organisation", opened_by="app_user"),
    )
    index("uq_bank_account_number", "number_index", on="bank_account", where="closed_at IS NULL")
    indexes("bank_account", "organisation_id")
    create(
        "bank_line",
        counted("position"),
        key("account_id"),
        day("booked_on"),
        fen("amount_fen"),
        *map(sealed, ("payer_name?", "payer_account?", "remark?")),
        words("bank_reference?"),
        sealed("content_index"),
        number("occurrence"),
        *map(word, ("state", "outcome")),
        *map(fen, ("matched_fen", "returned_fen")),
        key("reverses_id?"),
        words("reason?"),
        key("decided_by?"),
        at("decided_at?"),
        key("read_by"),
        at("read_at"),
        number("version"),
        *checks(
            "bank_line",
            amount="amount_fen <> 0 AND occurrence > 0",
            placed="matched_fen >= 0 AND returned_fen >= 0"
            " AND matched_fen + returned_fen <= greatest(amount_fen, 0)",
            settled="(state IN ('matched', 'returned')"
            " AND matched_fen + returned_fen = amount_fen)"
            " OR state NOT IN ('matched', 'returned')",
            noted="state <> 'noted' OR amount_fen < 0",
            parked="state <> 'parked' OR reason IS NOT NULL",
        ),
        *refers(
            "bank_line",
            account_id="bank_account",
            reverses_id="bank_line",
            decided_by="app_user",
            read_by="app_user",
        ),
        sa.UniqueConstraint(
            "account_id", "content_index", "occurrence", name="uq_bank_line_content"
        ),
        sa.UniqueConstraint("reverses_id", name="uq_bank_line_reverses"),
    )
    index(
        "ix_bank_line_waiting",
        "account_id",
        "state",
        on="bank_line",
        where="state IN ('new', 'open', 'parked')",
    )
    create(
        "line_match",
        *map(key, ("line_id", "payment_id", "order_id")),
        fen("amount_fen"),
        key("by_id"),
        at("at"),
        *checks("line_match", amount="amount_fen > 0"),
        *refers(
            "line_match",
            line_id="bank_line",
            payment_id="payment",
            order_id="purchase_order",
            by_id="app_user",
        ),
        sa.UniqueConstraint("payment_id", name="uq_line_match_payment"),
    )
    indexes("line_match", "line_id")
    only_add_to(["line_match"])


def downgrade() -> None:
    drop_tables(TABLES)
    op.drop_constraint("ck_payment_registered", "payment")
    drop_columns("payment", "collected")
    op.alter_column("payment", "registered_by", nullable=False)
