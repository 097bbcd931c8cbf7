"""Payments by Stripe: intents, what is moved, disputes, accounts, events heard of."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    at,
    checks,
    create,
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

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

TABLES = ("stripe_intent", "stripe_movement", "stripe_dispute", "stripe_account", "stripe_event")
DECIDED = (
    "(status = 'pending') = (decided_at IS NULL)"
    " AND (status = 'confirmed') = (transfer_id IS NOT NULL)"
    " AND (status = 'cancelled') = (cancel_reason IS NOT NULL)"
)
BY_SOMEBODY = f"(status = 'pending') = (decided_by IS NULL) AND {DECIDED}"
OR_STRIPE = (
    f"{DECIDED} AND (decided_by IS NULL OR status <> 'pending')"
    " AND (decided_by IS NOT NULL OR status = 'pending' OR method = 'stripe')"
)


def upgrade() -> None:
    _intents()
    _movements()
    _disputes()
    op.create_table(
        "stripe_account",
        key("organisation_id"),
        words("account_id"),
        key("named_by"),
        at("named_at"),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_stripe_account"),
        *refers("stripe_account", organisation_id="organisation", named_by="app_user"),
        sa.UniqueConstraint("account_id", name="uq_stripe_account_account_id"),
    )
    op.create_table(
        "stripe_event",
        words("id"),
        words("kind"),
        key("payment_id"),
        at("heard_at"),
        sa.PrimaryKeyConstraint("id", name="pk_stripe_event"),
        *refers("stripe_event", payment_id="stripe_intent.payment_id"),
    )
    indexes("stripe_event", "payment_id")
    only_add_to(["stripe_event"])
    _decide(OR_STRIPE)
    op.alter_column("refund", "refunded_by", nullable=True)
    op.add_column("refund", flag("by_stripe", default="false"))
    op.create_check_constraint(
        op.f("ck_refund_by_stripe"), "refund", "(refunded_by IS NULL) = by_stripe"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_refund_by_stripe"), "refund")
    drop_columns("refund", "by_stripe")
    op.alter_column("refund", "refunded_by", nullable=False)
    _decide(BY_SOMEBODY)
    drop_tables(TABLES)


def _decide(condition: str) -> None:
    op.drop_constraint(op.f("ck_payment_decision"), "payment")
    op.create_check_constraint(op.f("ck_payment_decision"), "payment", condition)


def _intents() -> None:
    op.create_table(
        "stripe_intent",
        key("payment_id"),
        word("way"),
        word("status"),
        words("stripe_id?"),
        words("charge_id?"),
        sealed("client_secret?"),
        sealed("next_step?"),
        fen("received_fen"),
        words("currency?"),
        words("parked_reason?"),
        at("parked_at?"),
        words("trouble?"),
        at("wanted_at"),
        at("due_at?"),
        number("attempts"),
        sa.PrimaryKeyConstraint("payment_id", name="pk_stripe_intent"),
        *refers("stripe_intent", payment_id="payment"),
        sa.UniqueConstraint("stripe_id", name="uq_stripe_intent_stripe_id"),
        *checks(
            "stripe_intent",
            received="received_fen >= 0",
            money="(status IN ('succeeded', 'parked', 'returned')) = (received_fen > 0)",
            known="status <> 'open' OR stripe_id IS NOT NULL",
            parked="(status = 'parked') = (parked_reason IS NOT NULL)",
        ),
    )
    index("ix_stripe_intent_due_at", "due_at", on="stripe_intent", where="due_at IS NOT NULL")
    index("ix_stripe_intent_parked", "parked_at", on="stripe_intent", where="status = 'parked'")


def _movements() -> None:
    create(
        "stripe_movement",
        key("payment_id"),
        word("kind"),
        key("refund_id?"),
        key("reverses_id?"),
        fen("amount_fen"),
        words("destination?"),
        word("status"),
        words("stripe_id?"),
        words("trouble?"),
        key("wanted_by?"),
        at("wanted_at"),
        at("due_at?"),
        number("attempts"),
        number("again"),
        *refers(
            "stripe_movement",
            payment_id="stripe_intent.payment_id",
            refund_id="refund",
            reverses_id="stripe_movement",
            wanted_by="app_user",
        ),
        sa.UniqueConstraint("refund_id", name="uq_stripe_movement_refund_id"),
        sa.UniqueConstraint("kind", "stripe_id", name="uq_stripe_movement_kind_stripe_id"),
        *checks(
            "stripe_movement",
            amount="amount_fen > 0",
            refund="refund_id IS NULL OR kind = 'refund'",
            reversal="(kind = 'reversal') = (reverses_id IS NOT NULL)",
            known="status NOT IN ('sent', 'done') OR stripe_id IS NOT NULL",
        ),
    )
    indexes("stripe_movement", "payment_id", "reverses_id")
    index("ix_stripe_movement_due_at", "due_at", on="stripe_movement", where="due_at IS NOT NULL")


def _disputes() -> None:
    create(
        "stripe_dispute",
        key("payment_id"),
        words("stripe_id"),
        fen("amount_fen"),
        words("reason"),
        word("status"),
        key("refund_id?"),
        at("opened_at"),
        at("closed_at?"),
        *refers("stripe_dispute", payment_id="stripe_intent.payment_id", refund_id="refund"),
        sa.UniqueConstraint("stripe_id", name="uq_stripe_dispute_stripe_id"),
        *checks(
            "stripe_dispute",
            amount="amount_fen > 0",
            lost="refund_id IS NULL OR status = 'lost'",
        ),
    )
    indexes("stripe_dispute", "payment_id")
