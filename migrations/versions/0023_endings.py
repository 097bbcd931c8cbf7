"""What ends with an organisation: why a listing is blocked, and who suspended a certificate."""

from alembic import op

from migrations.columns import add, drop_columns, word

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BY = "ck_certificate_change_by"
BLOCKED = "ck_listing_blocked_for"


def upgrade() -> None:
    add("listing", word("blocked_for?"))
    op.execute("UPDATE listing SET blocked_for = 'certificate' WHERE status = 'blocked'")
    op.create_check_constraint(
        op.f(BLOCKED), "listing", "(status = 'blocked') = (blocked_for IS NOT NULL)"
    )
    op.drop_constraint(op.f(BY), "certificate_change")
    op.create_check_constraint(
        op.f(BY),
        "certificate_change",
        "CASE kind WHEN 'expired' THEN by_id IS NULL WHEN 'suspended' THEN true"
        " ELSE by_id IS NOT NULL END",
    )


def downgrade() -> None:
    op.drop_constraint(op.f(BY), "certificate_change")
    op.create_check_constraint(
        op.f(BY), "certificate_change", "(by_id IS NULL) = (kind = 'expired')"
    )
    op.drop_constraint(op.f(BLOCKED), "listing")
    drop_columns("listing", "blocked_for")
