"""Complaints: lodged by anybody with a code, taken up, answered."""

import sqlalchemy as sa

from migrations.columns import (
    at,
    checks,
    create,
    day,
    drop_tables,
    index_prefixes,
    indexes,
    key,
    refers,
    sealed,
    word,
    words,
)

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLES = ("complaint",)


def upgrade() -> None:
    create(
        "complaint",
        words("number"),
        sealed("code_digest"),
        key("certificate_id?"),
        *map(words, ("region_code", "text")),
        sealed("contact?"),
        word("status"),
        at("lodged_at"),
        day("due_on"),
        key("taken_by_id?"),
        at("taken_at?"),
        key("task_id?"),
        words("reply?"),
        key("replied_by_id?"),
        at("replied_at?"),
        sa.UniqueConstraint("number", name="uq_complaint_number"),
        *checks(
            "complaint",
            taken="(taken_at IS NULL) = (status = 'received')",
            taken_by="(taken_at IS NULL) = (taken_by_id IS NULL)",
            replied="(replied_at IS NOT NULL) = (status = 'answered')",
            reply="(replied_at IS NULL) = (reply IS NULL)"
            " AND (replied_at IS NULL) = (replied_by_id IS NULL)",
        ),
        *refers(
            "complaint",
            certificate_id="certificate",
            region_code="region.code",
            taken_by_id="app_user",
            task_id="inspection_task",
            replied_by_id="app_user",
        ),
    )
    indexes("complaint", "certificate_id")
    index_prefixes("ix_complaint_region_code", "region_code", on="complaint")


def downgrade() -> None:
    drop_tables(TABLES)
