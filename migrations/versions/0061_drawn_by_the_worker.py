"""Circulars that a task draws up, with their progress."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    add,
    at,
    checks,
    drop_columns,
    drop_tables,
    index,
    json,
    key,
    number,
    words,
)

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

ISSUED = "ck_circular_issued"
CONTENTS = (
    "num_nulls(contents, digest) = CASE WHEN status IN ('drawing', 'failed') THEN 2 ELSE 0 END"
)


def upgrade() -> None:
    for name in ("contents", "digest"):
        op.alter_column("circular", name, nullable=True)
    _issued("status IN ('drawing', 'failed', 'draft')")
    add(
        "circular",
        json("actor?"),
        words("reason?"),
        contents=CONTENTS,
        actor="(status = 'drawing') = (actor IS NOT NULL)",
        failed="(status = 'failed') = (reason IS NOT NULL)",
    )
    index("ix_circular_waiting", "drawn_at", on="circular", where="status = 'drawing'")
    op.create_table(
        "circular_progress",
        key("circular_id"),
        *map(number, ("rows?", "done", "attempts")),
        at("at"),
        *checks(
            "circular_progress", counts="done BETWEEN 0 AND coalesce(rows, 0) AND attempts >= 0"
        ),
        sa.PrimaryKeyConstraint("circular_id", name="pk_circular_progress"),
    )


def downgrade() -> None:
    drop_tables(["circular_progress"])
    op.execute("DELETE FROM circular WHERE contents IS NULL")
    op.drop_constraint("ck_circular_contents", "circular")
    op.drop_index("ix_circular_waiting", "circular")
    drop_columns("circular", "actor", "reason")
    _issued("status = 'draft'")
    for name in ("contents", "digest"):
        op.alter_column("circular", name, nullable=False)


def _issued(before: str) -> None:
    op.drop_constraint(ISSUED, "circular")
    op.create_check_constraint(op.f(ISSUED), "circular", f"({before}) = (issued_at IS NULL)")
