"""Red flags over trade facts, the numbers they are measured by, and when each was looked for."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    at,
    checks,
    create,
    day,
    drop_tables,
    index,
    json,
    key,
    large,
    number,
    refers,
    word,
    words,
)

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

TABLES = ("flag_term", "flag_search", "red_flag", "red_flag_party")
DECIDED = (
    "(decided_by IS NOT NULL) = (status <> 'open')"
    " AND (decided_at IS NOT NULL) = (status <> 'open')"
    " AND (reason IS NOT NULL) = (status <> 'open')"
)


def upgrade() -> None:
    create(
        "flag_term",
        word("code"),
        large("value"),
        day("from_on"),
        words("source"),
        *checks("flag_term", value="value >= 0"),
        sa.UniqueConstraint("code", "from_on", name="uq_flag_term_code_from_on"),
    )
    create(
        "flag_search",
        word("rule"),
        at("looked_at?"),
        number("found"),
        *checks("flag_search", found="found >= 0"),
        sa.UniqueConstraint("rule", name="uq_flag_search_rule"),
    )
    create(
        "red_flag",
        word("rule"),
        words("key"),
        large("measured"),
        large("against?"),
        json("rows"),
        number("row_count"),
        at("found_at"),
        at("seen_at"),
        word("status"),
        key("decided_by?"),
        at("decided_at?"),
        words("reason?"),
        key("case_id?"),
        number("version"),
        *checks(
            "red_flag",
            row_count="row_count >= 1",
            decided=DECIDED,
            case="(case_id IS NOT NULL) = (status IN ('demanded', 'inspected'))",
        ),
        *refers("red_flag", decided_by="app_user"),
        sa.UniqueConstraint("rule", "key", name="uq_red_flag_rule_key"),
    )
    index("ix_red_flag_status", "status", "rule", "id", on="red_flag")
    op.create_table(
        "red_flag_party",
        key("flag_id"),
        key("organisation_id"),
        word("side"),
        sa.PrimaryKeyConstraint("flag_id", "organisation_id", "side", name="pk_red_flag_party"),
        *refers("red_flag_party", flag_id="red_flag", organisation_id="organisation"),
    )
    index("ix_red_flag_party_organisation_id", "organisation_id", "flag_id", on="red_flag_party")


def downgrade() -> None:
    drop_tables(TABLES)
