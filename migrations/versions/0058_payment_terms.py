"""In how many days from acceptance an order is paid, as it was agreed at placing."""

from migrations.columns import add, drop_columns, number

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add("purchase_order", number("payment_term_days?"), payment_term="payment_term_days > 0")
    add("quota_hold", number("payment_term_days?"), payment_term="payment_term_days > 0")


def downgrade() -> None:
    drop_columns("quota_hold", "payment_term_days")
    drop_columns("purchase_order", "payment_term_days")
