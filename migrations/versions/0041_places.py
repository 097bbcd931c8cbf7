"""Where organisations stood in the tree before they moved, for questions about the past."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import at, checks, create, indexes, key, only_add_to, refers, words

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create(
        "organisation_place",
        key("organisation_id"),
        words("lineage"),
        at("until_at"),
        *refers("organisation_place", organisation_id="organisation"),
        sa.UniqueConstraint("organisation_id", "until_at", name="uq_organisation_place_until_at"),
        *checks("organisation_place", lineage="right(lineage, 38) = '/' || organisation_id || '/'"),
    )
    indexes("organisation_place", "until_at")
    only_add_to(["organisation_place"])


def downgrade() -> None:
    op.drop_table("organisation_place")
