"""Reports that walk the register in the order of places read what they decide on from indexes.

A register's rows lie in the order in which they came, so a page that looks at a thousand
households would fetch a thousand pages of the table, and of each table beside it.
"""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

COVERING = {
    "ix_household_place": (
        "household",
        ("village_code", "code"),
        ("id", "class", "state", "members"),
    ),
    "ix_household_income_household_id": (
        "household_income",
        ("household_id", "year"),
        ("amount_fen",),
    ),
    "ix_benefit_link_household_id": (
        "benefit_link",
        ("household_id", "way"),
        ("id", "organisation_id", "since_on", "until_on"),
    ),
}
BEFORE = {"ix_benefit_link_household_id": ("household_id",)}


def upgrade() -> None:
    for name, (table, columns, include) in COVERING.items():
        op.drop_index(name, table)
        op.create_index(name, table, list(columns), postgresql_include=list(include))


def downgrade() -> None:
    for name, (table, columns, _) in COVERING.items():
        op.drop_index(name, table)
        op.create_index(name, table, list(BEFORE.get(name, columns)))
