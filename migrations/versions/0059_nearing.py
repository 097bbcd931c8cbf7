"""Whether a certificate's year has crossed its first signal, kept for the list of those.

The table is written anew once; a county then looks at those that near their end, not at all years.
"""

import sqlalchemy as sa
from alembic import op

from migrations.columns import drop_columns, index

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    crossed = sa.Computed("COALESCE(held + sold >= signals[1], false)", persisted=True)
    op.add_column("capacity", sa.Column("is_nearing", sa.Boolean(), crossed, nullable=False))
    index("ix_capacity_nearing", "certificate_id", on="capacity", where="is_nearing AND is_open")


def downgrade() -> None:
    op.drop_index("ix_capacity_nearing", table_name="capacity")
    drop_columns("capacity", "is_nearing")
