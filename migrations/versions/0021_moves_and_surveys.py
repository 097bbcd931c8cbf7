"""Lists that belong to a thing, surveys that are still awaited, and where households lived."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import add, at, drop_columns, index_prefixes, key, words

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

CONTENT = "uq_sheet_import_content"
LEFT = "left_village_code IS NOT NULL"


def upgrade() -> None:
    add("sheet_import", key("subject_id?"))
    op.drop_constraint(CONTENT, "sheet_import")
    op.create_unique_constraint(
        CONTENT,
        "sheet_import",
        ["organisation_id", "list", "sha256", "subject_id"],
        postgresql_nulls_not_distinct=True,
    )
    op.add_column("reconciliation", at("compared_at?"))
    op.execute("UPDATE reconciliation SET compared_at = created_at")
    op.add_column("household_change", words("left_village_code?"))
    op.create_foreign_key(
        "fk_household_change_left_village_code",
        "household_change",
        "region",
        ["left_village_code"],
        ["code"],
    )
    op.create_index(
        "ix_household_change_moved",
        "household_change",
        ["household_id", "from_on", "position"],
        postgresql_where=sa.text(LEFT),
    )
    index_prefixes(
        "ix_household_change_left_village_code",
        "left_village_code",
        on="household_change",
        where=LEFT,
    )


def downgrade() -> None:
    drop_columns("household_change", "left_village_code")
    drop_columns("reconciliation", "compared_at")
    drop_columns("sheet_import", "subject_id")
    op.create_unique_constraint(CONTENT, "sheet_import", ["organisation_id", "list", "sha256"])
