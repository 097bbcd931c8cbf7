"""Accounts know whose they are, so that one person's two accounts are not two people."""

from alembic import op

from migrations.columns import add, indexes, sealed

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add("app_user", sealed("person_index?"))
    indexes("app_user", "person_index")


def downgrade() -> None:
    op.drop_index("ix_app_user_person_index", table_name="app_user")
    op.drop_column("app_user", "person_index")
