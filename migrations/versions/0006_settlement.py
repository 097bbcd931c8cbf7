"""Settlement's and attribution's tables: payments, refunds, allocations, splits with shares."""

import sqlalchemy as sa

from migrations.columns import (
    at,
    checks,
    counted,
    create,
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

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("payment", "refund", "allocation", "attribution", "attribution_share")
APPEND_ONLY_TABLES = ("refund", "allocation", "attribution", "attribution_share")


def upgrade() -> None:
    create_settlement()
    create_attribution()
    only_add_to(APPEND_ONLY_TABLES)


def create_settlement() -> None:
    create(
        "payment",
        words("number"),
        key("order_id"),
        word("method"),
        *map(fen, ("amount_fen", "refunded_fen")),
        words("reference?"),
        word("status"),
        *map(key, ("author_id", "approver_id?", "registered_by")),
        at("registered_at"),
        key("decided_by?"),
        at("decided_at?"),
        words("cancel_reason?"),
        key("transfer_id?"),
        *checks(
            "payment",
            amount="amount_fen > 0",
            refunded="refunded_fen >= 0 AND refunded_fen <= amount_fen"
            " AND (refunded_fen = 0 OR status = 'confirmed')",
            author_apart="registered_by <> author_id",
            approver_apart="registered_by <> approver_id",
            payer_apart="status <> 'confirmed' OR decided_by <> registered_by",
            decision="(status = 'pending') = (decided_by IS NULL)"
            " AND (status = 'pending') = (decided_at IS NULL)"
            " AND (status = 'confirmed') = (transfer_id IS NOT NULL)"
            " AND (status = 'cancelled') = (cancel_reason IS NOT NULL)",
        ),
        *refers(
            "payment",
            order_id="purchase_order",
            author_id="app_user",
            approver_id="app_user",
            registered_by="app_user",
            decided_by="app_user",
            transfer_id="ledger_transfer",
        ),
        sa.UniqueConstraint("number", name="uq_payment_number"),
        sa.UniqueConstraint("id", "order_id", name="uq_payment_id_order"),
    )
    indexes("payment", "order_id")
    create(
        "refund",
        counted("position"),
        *map(key, ("payment_id", "order_id")),
        fen("amount_fen"),
        words("reason"),
        *map(key, ("author_id", "refunded_by")),
        at("refunded_at"),
        key("transfer_id"),
        *checks("refund", amount="amount_fen > 0", author_apart="refunded_by <> author_id"),
        *refers(
            "refund", author_id="app_user", refunded_by="app_user", transfer_id="ledger_transfer"
        ),
        sa.ForeignKeyConstraint(
            ["payment_id", "order_id"],
            ["payment.id", "payment.order_id"],
            name="fk_refund_payment_order",
        ),
    )
    index("ix_refund_payment_id", "payment_id", "order_id", on="refund")
    create(
        "allocation",
        counted("position"),
        *map(key, ("order_id", "order_line_id?")),
        word("kind"),
        *map(key, ("payment_id?", "refund_id?")),
        fen("amount_fen"),
        at("at"),
        *checks(
            "allocation",
            source="(kind = 'payment') = (payment_id IS NOT NULL)"
            " AND (kind = 'refund') = (refund_id IS NOT NULL)",
            amount="amount_fen <> 0 AND (kind = 'payment') = (amount_fen > 0)",
        ),
        *refers(
            "allocation",
            order_id="purchase_order",
            order_line_id="order_line",
            payment_id="payment",
            refund_id="refund",
        ),
    )
    indexes("allocation", "order_id", "order_line_id", "payment_id", "refund_id")


def create_attribution() -> None:
    create(
        "attribution",
        counted("position"),
        *map(key, ("order_id", "order_line_id")),
        number("sequence"),
        fen("amount_fen"),
        words("rule_version"),
        *map(key, ("transfer_id", "reverses_id?", "refund_id?")),
        at("posted_at"),
        *checks(
            "attribution",
            amount="amount_fen > 0",
            sequence="sequence > 0",
            reversal="(reverses_id IS NULL) = (refund_id IS NULL)",
        ),
        *refers(
            "attribution",
            order_id="purchase_order",
            order_line_id="order_line",
            transfer_id="ledger_transfer",
            reverses_id="attribution",
            refund_id="refund",
        ),
        sa.UniqueConstraint("order_line_id", "sequence", name="uq_attribution_line_sequence"),
    )
    indexes("attribution", "order_id", "reverses_id", "refund_id")
    create(
        "attribution_share",
        key("attribution_id"),
        word("party_kind"),
        key("party_id"),
        fen("amount_fen"),
        *checks("attribution_share", amount="amount_fen > 0"),
        *refers("attribution_share", attribution_id="attribution"),
        sa.UniqueConstraint(
            "attribution_id", "party_kind", "party_id", name="uq_attribution_share_party"
        ),
    )
    indexes("attribution_share", "party_id")


def downgrade() -> None:
    drop_tables(TABLES)
