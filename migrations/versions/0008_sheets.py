"""Imports of lists with their progress; what a paper is about, and its hash as it was received."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATES = ("received", "checked", "faulty", "accepted", "committed", "failed", "lapsed")


def words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "sheet_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        words("list"),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        words("sha256"),
        words("media_type"),
        words("encoding"),
        words("sheet"),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="importstate", native_enum=False, length=32),
            nullable=False,
        ),
        number("rows"),
        number("fault_count"),
        sa.Column("faults", JSONB(), nullable=False),
        sa.Column("preview", JSONB(), nullable=False),
        sa.Column("actor", JSONB(), nullable=False),
        at("received_at"),
        at("checked_at", nullable=True),
        at("committed_at", nullable=True),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_sheet_import_sha256")),
        sa.CheckConstraint("rows >= 0 AND fault_count >= 0", name=op.f("ck_sheet_import_counts")),
        sa.CheckConstraint(
            "(state IN ('faulty')) <= (fault_count > 0)"
            " AND (state IN ('checked', 'accepted', 'committed')) <= (fault_count = 0)",
            name=op.f("ck_sheet_import_faults"),
        ),
        sa.CheckConstraint(
            "(state = 'committed') = (committed_at IS NOT NULL)",
            name=op.f("ck_sheet_import_committed"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sheet_import"),
        sa.UniqueConstraint("organisation_id", "list", "sha256", name="uq_sheet_import_content"),
    )
    op.create_index(
        "ix_sheet_import_waiting",
        "sheet_import",
        ["received_at"],
        postgresql_where=sa.text("state IN ('received', 'accepted')"),
    )
    op.create_index("ix_sheet_import_organisation_id", "sheet_import", ["organisation_id", "id"])
    op.create_table(
        "sheet_import_progress",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        number("done"),
        number("attempts"),
        at("at"),
        sa.CheckConstraint(
            "done >= 0 AND attempts >= 0", name=op.f("ck_sheet_import_progress_counts")
        ),
        sa.PrimaryKeyConstraint("import_id", name="pk_sheet_import_progress"),
    )
    op.add_column("document", sa.Column("received_sha256", sa.Text(), nullable=True))
    op.add_column("document", sa.Column("subject_kind", sa.Text(), nullable=True))
    op.add_column("document", sa.Column("subject_id", sa.Uuid(), nullable=True))
    op.create_check_constraint(
        op.f("ck_document_subject"), "document", "num_nulls(subject_kind, subject_id) <> 1"
    )
    op.create_check_constraint(
        op.f("ck_document_received_sha256"), "document", "received_sha256 ~ '^[0-9a-f]{64}$'"
    )
    op.create_index("ix_document_sha256", "document", ["sha256"])
    op.create_index("ix_document_received_sha256", "document", ["received_sha256"])
    op.create_index("ix_document_subject_id", "document", ["subject_id"])


def downgrade() -> None:
    op.drop_index("ix_document_subject_id", "document")
    op.drop_index("ix_document_received_sha256", "document")
    op.drop_index("ix_document_sha256", "document")
    op.drop_constraint(op.f("ck_document_received_sha256"), "document")
    op.drop_constraint(op.f("ck_document_subject"), "document")
    op.drop_column("document", "subject_id")
    op.drop_column("document", "subject_kind")
    op.drop_column("document", "received_sha256")
    op.drop_table("sheet_import_progress")
    op.drop_table("sheet_import")
