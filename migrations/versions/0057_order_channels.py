"""Through which channel an order came; none means this platform itself."""

from migrations.columns import add, drop_columns, word

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add("purchase_order", word("channel?"))


def downgrade() -> None:
    drop_columns("purchase_order", "channel")
