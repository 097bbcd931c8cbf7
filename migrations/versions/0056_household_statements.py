"""Codes with which households read their statements, and what they ask about them."""

import sqlalchemy as sa

from migrations.columns import (
    at,
    checks,
    create,
    drop_tables,
    index,
    key,
    number,
    refers,
    sealed,
)

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

TABLES = ("statement_code", "household_question")


def upgrade() -> None:
    create(
        "statement_code",
        *map(key, ("household_id", "handed_by")),
        at("handed_at"),
        sealed("code_index?"),
        at("code_until_at?"),
        number("failed_attempts"),
        *checks(
            "statement_code",
            attempts="failed_attempts BETWEEN 0 AND 5",
            code="(code_index IS NULL) = (code_until_at IS NULL)",
        ),
        *refers("statement_code", household_id="household", handed_by="app_user"),
        sa.UniqueConstraint("household_id", name="uq_statement_code_household_id"),
    )
    create(
        "household_question",
        key("household_id"),
        sealed("question"),
        at("asked_at"),
        sealed("answer?"),
        key("answered_by?"),
        at("answered_at?"),
        *checks(
            "household_question", answer="num_nulls(answer, answered_by, answered_at) IN (0, 3)"
        ),
        *refers("household_question", household_id="household", answered_by="app_user"),
    )
    index("ix_household_question_household_id", "household_id", "id", on="household_question")
    index("uq_household_question_open", "household_id", on="household_question",
          where="answered_at IS NULL")  # fmt: skip


def downgrade() -> None:
    drop_tables(TABLES)
