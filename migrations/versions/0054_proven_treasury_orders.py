"""Treasury orders that a line of a bank statement proves, instead of a voucher."""

from alembic import op

from migrations.columns import add, add_reference, drop_columns, key

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

DECISION = "ck_treasury_order_decision"
DECIDED = "(status = 'drawn') = (decided_by IS NULL)"
CANCELLED = "(status = 'cancelled') = (reason IS NOT NULL)"
VOUCHED = "(status = 'paid') = (voucher IS NOT NULL)"
PROVEN = "num_nonnulls(voucher, line_id) = (status = 'paid')::integer"


def upgrade() -> None:
    add("treasury_order", key("line_id?"))
    add_reference("treasury_order", "line_id", "bank_line")
    _decision(PROVEN)


def downgrade() -> None:
    op.execute("UPDATE treasury_order SET voucher = number WHERE line_id IS NOT NULL")
    _decision(VOUCHED)
    drop_columns("treasury_order", "line_id")


def _decision(proof: str) -> None:
    op.drop_constraint(DECISION, "treasury_order")
    condition = f"{DECIDED} AND {proof} AND {CANCELLED}"
    op.create_check_constraint(op.f(DECISION), "treasury_order", condition)
