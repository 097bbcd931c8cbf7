"""What is on sale of one kind, found however rare it is."""

from alembic import op

from migrations.columns import index

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    index(
        "ix_listing_category",
        "category_code",
        "created_at",
        "id",
        on="listing",
        where="status = 'listed'",
    )


def downgrade() -> None:
    op.drop_index("ix_listing_category", "listing")
