"""Exports of lists that a task makes, with their progress."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    at,
    checks,
    create,
    drop_tables,
    index,
    json,
    key,
    large,
    number,
    sealed,
    word,
    words,
)

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TABLES = ("sheet_export", "sheet_export_progress")


def upgrade() -> None:
    create(
        "sheet_export",
        words("list"),
        *map(key, ("user_id", "organisation_id")),
        sealed("question"),
        words("format"),
        json("actor"),
        word("state"),
        words("reason?"),
        *map(number, ("rows", "pieces")),
        large("size_bytes"),
        *map(at, ("asked_at", "ready_at?", "expires_at?")),
        *checks(
            "sheet_export",
            format="format IN ('csv', 'xlsx')",
            counts="rows >= 0 AND pieces >= 0 AND size_bytes >= 0",
            expires="(state = 'asked') = (expires_at IS NULL)",
            ready="(state = 'ready') <= (ready_at IS NOT NULL AND pieces > 0)",
            failed="(state = 'failed') = (reason IS NOT NULL)",
        ),
    )
    index("ix_sheet_export_waiting", "asked_at", on="sheet_export", where="state = 'asked'")
    index(
        "ix_sheet_export_expires_at",
        "expires_at",
        on="sheet_export",
        where="state IN ('ready', 'failed')",
    )
    index("ix_sheet_export_user_id", "user_id", "id", on="sheet_export")
    op.create_table(
        "sheet_export_progress",
        key("export_id"),
        *map(number, ("done", "attempts")),
        at("at"),
        *checks("sheet_export_progress", counts="done >= 0 AND attempts >= 0"),
        sa.PrimaryKeyConstraint("export_id", name="pk_sheet_export_progress"),
    )


def downgrade() -> None:
    drop_tables(TABLES)
