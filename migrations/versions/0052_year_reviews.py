"""Matters that time proposes after a year's end, and the places looked through for it."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    add,
    at,
    create,
    drop_columns,
    drop_tables,
    number,
    only_add_to,
    refers,
    words,
)

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

STEP = "ck_supervision_step_by"
DEFAULT = "UPDATE supervision_rule SET unmet_days = 10 WHERE code = 'supervision-default'"


def upgrade() -> None:
    add("supervision_rule", number("unmet_days?"), unmet="unmet_days >= 0")
    op.execute(DEFAULT)
    op.drop_constraint(STEP, "supervision_step")
    op.create_check_constraint(
        op.f(STEP),
        "supervision_step",
        "CASE act WHEN 'overdue' THEN by_id IS NULL WHEN 'propose' THEN true"
        " ELSE by_id IS NOT NULL END",
    )
    create(
        "supervision_review",
        words("region_code"),
        number("year"),
        at("at"),
        *refers("supervision_review", region_code="region.code"),
        sa.UniqueConstraint("region_code", "year", name="uq_supervision_review_region_code"),
    )
    only_add_to(["supervision_review"])


def downgrade() -> None:
    drop_tables(["supervision_review"])
    op.drop_constraint(STEP, "supervision_step")
    op.create_check_constraint(
        op.f(STEP), "supervision_step", "(by_id IS NULL) = (act = 'overdue')"
    )
    drop_columns("supervision_rule", "unmet_days")
