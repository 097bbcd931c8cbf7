"""A file that somebody handed in as a list, what was found in it, and how far its task is."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base


class ImportState(StrEnum):
    """How far an import has come."""

    RECEIVED = "received"
    """Waits to be checked."""
    CHECKED = "checked"
    """Without a fault; may be committed."""
    FAULTY = "faulty"
    ACCEPTED = "accepted"
    """Waits to be written."""
    COMMITTED = "committed"
    FAILED = "failed"
    """Given up after several attempts; nothing was written."""
    LAPSED = "lapsed"
    """Its content was deleted after the days that it is kept."""


class SheetImport(Base):
    """One content for one list of one organisation; the same content again is the same import.

    `subject_id` is the thing that the list belongs to, for lists that belong to one. `actor` is
    who asked last, as they were allowed then. The content itself is encrypted and lies in the
    file store until it is committed. `faults` holds the first of them.
    """

    __tablename__ = "sheet_import"
    __table_args__ = (
        UniqueConstraint(
            "organisation_id",
            "list",
            "sha256",
            "subject_id",
            name="uq_sheet_import_content",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("rows >= 0 AND fault_count >= 0", name="counts"),
        CheckConstraint(
            "(state IN ('faulty')) <= (fault_count > 0)"
            " AND (state IN ('checked', 'accepted', 'committed')) <= (fault_count = 0)",
            name="faults",
        ),
        CheckConstraint("(state = 'committed') = (committed_at IS NOT NULL)", name="committed"),
        Index(
            "ix_sheet_import_waiting",
            "received_at",
            postgresql_where=text("state IN ('received', 'accepted')"),
        ),
        Index("ix_sheet_import_organisation_id", "organisation_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    list_name: Mapped[str] = mapped_column("list")
    organisation_id: Mapped[UUID] = mapped_column(Uuid)
    subject_id: Mapped[UUID | None] = mapped_column(Uuid)
    sha256: Mapped[str]
    media_type: Mapped[str]
    encoding: Mapped[str]
    sheet: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[ImportState]
    rows: Mapped[int]
    fault_count: Mapped[int]
    faults: Mapped[list[Any]]
    preview: Mapped[list[Any]]
    actor: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    committed_at: Mapped[datetime | None]


class ImportProgress(Base):
    """How far the task of an import is; written beside its transaction, for show only."""

    __tablename__ = "sheet_import_progress"
    __table_args__ = (CheckConstraint("done >= 0 AND attempts >= 0", name="counts"),)

    import_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    done: Mapped[int]
    attempts: Mapped[int]
    at: Mapped[datetime]
