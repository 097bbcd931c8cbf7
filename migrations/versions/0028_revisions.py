"""Promises that are revised, carried over to a successor, and reminded of."""

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
    flag,
    index,
    indexes,
    json,
    key,
    number,
    only_add_to,
    refers,
    word,
    words,
)

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLES = ("filing_carry", "filing_reminder")
OPEN = "status IN ('draft', 'submitted', 'superior_confirmed', 'returned')"
CONFIRMED = (
    "(status IN ('confirmed', 'superseded')) = (confirmed_at IS NOT NULL)"
    " AND (confirmed_at IS NULL OR finance_by IS NOT NULL)"
)
CONFIRMED_BEFORE = CONFIRMED.replace(
    "status IN ('confirmed', 'superseded')", "status = 'confirmed'"
)


def check_confirmed(condition: str) -> None:
    op.drop_constraint(op.f("ck_filing_confirmed"), "filing")
    op.create_check_constraint(op.f("ck_filing_confirmed"), "filing", condition)


def upgrade() -> None:
    add(
        "filing",
        number("revision", default="1"),
        key("supersedes_id?"),
        words("revision_reason?"),
        number("round", default="0"),
        fen("farm_produce_total_fen?"),
        number("union_heads?"),
        flag("canteen_subsidised", default="false"),
        flag("central_unit", default="false"),
        flag("contract_clause?"),
        key("waiver_id?"),
        json("return_reasons", default="[]"),
        revision="revision >= 1 AND round >= 0",
        supersedes="(supersedes_id IS NULL) = (revision_reason IS NULL)",
        heads="union_heads > 0 AND farm_produce_total_fen >= 0",
    )
    add_reference("filing", "supersedes_id", "filing")
    add_reference("filing", "waiver_id", "share_waiver")
    op.drop_constraint("uq_filing_unit_year", "filing")
    op.create_unique_constraint("uq_filing_unit_year", "filing", ["unit_id", "year", "revision"])
    in_force = "status = 'confirmed'"
    index("uq_filing_in_force", "unit_id", "year", on="filing", where=in_force)
    index("uq_filing_open", "unit_id", "year", on="filing", where=OPEN)
    check_confirmed(CONFIRMED)
    add("filing_step", json("contents", default="{}"), json("reasons", default="[]"))
    add("filing_step", number("round", default="0"))
    create(
        "filing_carry",
        key("filing_id"),
        key("from_unit_id"),
        key("to_unit_id"),
        word("reason"),
        at("carried_at"),
        sa.UniqueConstraint("filing_id", "to_unit_id", name="uq_filing_carry_filing"),
        *checks("filing_carry", apart="from_unit_id <> to_unit_id"),
        *refers(
            "filing_carry",
            filing_id="filing",
            from_unit_id="organisation",
            to_unit_id="organisation",
        ),
    )
    indexes("filing_carry", "to_unit_id")
    create(
        "filing_reminder",
        key("unit_id"),
        number("year"),
        day("deadline_on"),
        number("days_left"),
        at("told_at"),
        sa.UniqueConstraint(
            "unit_id", "year", "deadline_on", "days_left", name="uq_filing_reminder_unit"
        ),
        *checks("filing_reminder", days_left="days_left >= 0"),
        *refers("filing_reminder", unit_id="organisation"),
    )
    only_add_to(TABLES)


def downgrade() -> None:
    drop_tables(TABLES)
    drop_columns("filing_step", "contents", "reasons", "round")
    check_confirmed(CONFIRMED_BEFORE)
    op.drop_index("uq_filing_in_force", "filing")
    op.drop_index("uq_filing_open", "filing")
    op.drop_constraint("uq_filing_unit_year", "filing")
    op.create_unique_constraint("uq_filing_unit_year", "filing", ["unit_id", "year"])
    drop_columns(
        "filing",
        "revision",
        "supersedes_id",
        "revision_reason",
        "round",
        "farm_produce_total_fen",
        "union_heads",
        "canteen_subsidised",
        "central_unit",
        "contract_clause",
        "waiver_id",
        "return_reasons",
    )
