"""Lots that are paid for, corrected, split and merged, with their contributions carried."""

import sqlalchemy as sa
from alembic import op

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
    index,
    indexes,
    key,
    number,
    only_add_to,
    quantity,
    refers,
    word,
    words,
)

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

TABLES = ("contribution_payment", "lot_adjustment", "lot_carriage", "lot_carriage_part")
"""All of them are only ever added to."""
ONCE = "uq_lot_contribution_lot_household"


def upgrade() -> None:
    carry_contributions()
    create_payments()
    create_adjustments()
    create_carriages()
    only_add_to(TABLES)


def carry_contributions() -> None:
    op.drop_constraint(ONCE, "lot_contribution")
    add("lot_contribution", key("root_id?"))
    add_reference("lot_contribution", "root_id", "lot_contribution")
    index(ONCE, "lot_id", "household_id", on="lot_contribution", where="root_id IS NULL")
    carried = "root_id IS NOT NULL"
    index("uq_lot_contribution_root", "lot_id", "root_id", on="lot_contribution", where=carried)


def create_payments() -> None:
    create(
        "contribution_payment",
        key("contribution_id"),
        number("sequence"),
        fen("amount_fen"),
        day("paid_on"),
        key("document_id?"),
        words("reason?"),
        key("recorded_by"),
        at("recorded_at"),
        *checks(
            "contribution_payment",
            amount="amount_fen > 0",
            reversal="(sequence % 2 = 0) = (reason IS NOT NULL)",
            proof="(reason IS NULL) = (document_id IS NOT NULL)",
            sequence="sequence > 0",
        ),
        *refers(
            "contribution_payment",
            contribution_id="lot_contribution",
            document_id="document",
            recorded_by="app_user",
        ),
        sa.UniqueConstraint("contribution_id", "sequence", name="uq_contribution_payment_step"),
    )


def create_adjustments() -> None:
    create(
        "lot_adjustment",
        key("lot_id"),
        word("kind"),
        quantity("quantity"),
        words("reason"),
        *map(key, ("document_id?", "reverses_id?", "recorded_by")),
        at("recorded_at"),
        *checks(
            "lot_adjustment",
            quantity="quantity > 0",
            correction="(kind = 'corrected') = (reverses_id IS NOT NULL)",
        ),
        *refers(
            "lot_adjustment",
            lot_id="lot",
            document_id="document",
            reverses_id="lot_adjustment",
            recorded_by="app_user",
        ),
        sa.UniqueConstraint("reverses_id", name="uq_lot_adjustment_reverses_id"),
    )
    indexes("lot_adjustment", "lot_id")


def create_carriages() -> None:
    create(
        "lot_carriage",
        *map(key, ("from_lot_id", "to_lot_id")),
        *map(quantity, ("quantity", "own_quantity")),
        words("reason"),
        key("recorded_by"),
        at("recorded_at"),
        *checks(
            "lot_carriage",
            quantity="quantity > 0 AND own_quantity >= 0",
            apart="from_lot_id <> to_lot_id",
        ),
        *refers("lot_carriage", from_lot_id="lot", to_lot_id="lot", recorded_by="app_user"),
        sa.UniqueConstraint("from_lot_id", "to_lot_id", name="uq_lot_carriage_lots"),
    )
    indexes("lot_carriage", "to_lot_id")
    create(
        "lot_carriage_part",
        *map(key, ("carriage_id", "contribution_id")),
        quantity("quantity"),
        *checks("lot_carriage_part", quantity="quantity > 0"),
        *refers(
            "lot_carriage_part",
            carriage_id="lot_carriage",
            contribution_id="lot_contribution",
        ),
        sa.UniqueConstraint("carriage_id", "contribution_id", name="uq_lot_carriage_part"),
    )
    indexes("lot_carriage_part", "contribution_id")


def downgrade() -> None:
    drop_tables(TABLES)
    op.drop_index("uq_lot_contribution_root", "lot_contribution")
    op.drop_index(ONCE, "lot_contribution")
    op.drop_constraint("fk_lot_contribution_root_id", "lot_contribution")
    drop_columns("lot_contribution", "root_id")
    op.create_unique_constraint(ONCE, "lot_contribution", ["lot_id", "household_id"])
