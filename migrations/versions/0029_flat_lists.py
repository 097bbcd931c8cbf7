"""Indexes by which the register's lists cost the same however large it grows."""

from alembic import op

from migrations.columns import index

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    index("ix_village_leader_place", "village_code", "id", on="village_leader")
    index(
        "ix_household_member_disabled",
        "household_id",
        on="household_member",
        where="left_on IS NULL AND disability_grade IS NOT NULL",
    )
    op.drop_index("ix_pairing_helper_id", "pairing")
    op.create_index(
        "ix_pairing_helper_id",
        "pairing",
        ["helper_id", "helper_user_id", "household_id"],
        postgresql_include=["village_code", "since_on", "until_on"],
    )


def downgrade() -> None:
    op.drop_index("ix_pairing_helper_id", "pairing")
    op.create_index("ix_pairing_helper_id", "pairing", ["helper_id"])
    op.drop_index("ix_household_member_disabled", "household_member")
    op.drop_index("ix_village_leader_place", "village_leader")
