"""Orders that get more time once, that take the place of others, and that were bought together."""

from migrations.columns import add, add_reference, at, drop_columns, index, indexes, key

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add(
        "purchase_order",
        at("extended_at?"),
        key("replaces_id?"),
        key("checkout_id?"),
        extended="extended_at IS NULL OR pay_mode = 'pay_first'",
        replaces="replaces_id <> id",
    )
    add_reference("purchase_order", "replaces_id", to="purchase_order")
    index("uq_purchase_order_replaces", "replaces_id", on="purchase_order")
    indexes("purchase_order", "checkout_id")


def downgrade() -> None:
    drop_columns("purchase_order", "extended_at", "replaces_id", "checkout_id")
