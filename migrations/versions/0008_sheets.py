"""Imports of lists with their progress; what a paper is about, and its hash as it was received."""

import sqlalchemy as sa
from alembic import op

from migrations.columns import (
    add,
    at,
    checks,
    create,
    drop_columns,
    drop_tables,
    index,
    indexes,
    json,
    key,
    large,
    number,
    word,
    words,
)

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("sheet_import", "sheet_import_progress")


def upgrade() -> None:
    create(
        "sheet_import",
        words("list"),
        key("organisation_id"),
        *map(words, ("sha256", "media_type", "encoding", "sheet")),
        large("size_bytes"),
        word("state"),
        *map(number, ("rows", "fault_count")),
        *map(json, ("faults", "preview", "actor")),
        *map(at, ("received_at", "checked_at?", "committed_at?")),
        *checks(
            "sheet_import",
            sha256="sha256 ~ '^[0-9a-f]{64}$'",
            counts="rows >= 0 AND fault_count >= 0",
            faults="(state IN ('faulty')) <= (fault_count > 0)"
            " AND (state IN ('checked', 'accepted', 'committed')) <= (fault_count = 0)",
            committed="(state = 'committed') = (committed_at IS NOT NULL)",
        ),
        sa.UniqueConstraint("organisation_id", "list", "sha256", name="uq_sheet_import_content"),
    )
    index(
        "ix_sheet_import_waiting",
        "received_at",
        on="sheet_import",
        where="state IN ('received', 'accepted')",
    )
    index("ix_sheet_import_organisation_id", "organisation_id", "id", on="sheet_import")
    op.create_table(
        "sheet_import_progress",
        key("import_id"),
        *map(number, ("done", "attempts")),
        at("at"),
        *checks("sheet_import_progress", counts="done >= 0 AND attempts >= 0"),
        sa.PrimaryKeyConstraint("import_id", name="pk_sheet_import_progress"),
    )
    add(
        "document",
        *map(words, ("received_sha256?", "subject_kind?")),
        key("subject_id?"),
        subject="num_nulls(subject_kind, subject_id) <> 1",
        received_sha256="received_sha256 ~ '^[0-9a-f]{64}$'",
    )
    indexes("document", "sha256", "received_sha256", "subject_id")


def downgrade() -> None:
    op.drop_index("ix_document_sha256", "document")
    drop_columns("document", "subject_id", "subject_kind", "received_sha256")
    drop_tables(TABLES)
