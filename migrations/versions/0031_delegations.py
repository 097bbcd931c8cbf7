"""Approving for somebody who is away: from one day until another, never handed on."""

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from migrations.columns import (
    add,
    add_reference,
    at,
    checks,
    create,
    day,
    drop_columns,
    drop_tables,
    indexes,
    key,
    refers,
    words,
)

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create(
        "approval_delegation",
        *map(key, ("unit_id", "delegator_id", "delegate_id")),
        *map(day, ("from_on", "until_on")),
        words("reason"),
        at("created_at"),
        at("revoked_at?"),
        *checks(
            "approval_delegation",
            period="from_on < until_on",
            apart="delegator_id <> delegate_id",
        ),
        *refers(
            "approval_delegation",
            unit_id="organisation",
            delegator_id="app_user",
            delegate_id="app_user",
        ),
        ExcludeConstraint(
            (text("delegator_id"), "="),
            (text("daterange(from_on, until_on)"), "&&"),
            name="ex_approval_delegation_period",
            where=text("revoked_at IS NULL"),
        ),
    )
    indexes("approval_delegation", "unit_id", "delegate_id")
    add(
        "purchase_order",
        key("decided_for?"),
        decided_for="decided_for <> author_id AND decided_for <> decided_by",
    )
    add_reference("purchase_order", "decided_for", "app_user")


def downgrade() -> None:
    drop_columns("purchase_order", "decided_for")
    drop_tables(("approval_delegation",))
