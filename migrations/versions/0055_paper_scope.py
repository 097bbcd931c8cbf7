"""What a paper covers: the products, the place or the activity that it was issued for."""

from migrations.columns import add, drop_columns, words

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add("document", words("scope?"))


def downgrade() -> None:
    drop_columns("document", "scope")
