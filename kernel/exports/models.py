"""A list that somebody asked for as a file, and how far its task is."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.crypto import EncryptedText
from kernel.database import Base


class ExportState(StrEnum):
    """How far an export has come."""

    ASKED = "asked"
    """Waits to be made."""
    READY = "ready"
    """May be fetched."""
    FAILED = "failed"
    """Refused, or given up after several attempts."""
    EXPIRED = "expired"
    """Its file was deleted after the days that it is kept."""


class SheetExport(Base):
    """One list asked for by one person, who alone may fetch it.

    `actor` is who asked, as they were allowed then; `question` is what was asked, in JSON. The
    file lies encrypted in the file store, in so many `pieces`, until `expires_at`.
    """

    __tablename__ = "sheet_export"
    __table_args__ = (
        CheckConstraint("format IN ('csv', 'xlsx')", name="format"),
        CheckConstraint("rows >= 0 AND pieces >= 0 AND size_bytes >= 0", name="counts"),
        CheckConstraint("(state = 'asked') = (expires_at IS NULL)", name="expires"),
        CheckConstraint("(state = 'ready') <= (ready_at IS NOT NULL AND pieces > 0)", name="ready"),
        CheckConstraint("(state = 'failed') = (reason IS NOT NULL)", name="failed"),
        Index("ix_sheet_export_waiting", "asked_at", postgresql_where=text("state = 'asked'")),
        Index(
            "ix_sheet_export_expires_at",
            "expires_at",
            postgresql_where=text("state IN ('ready', 'failed')"),
        ),
        Index("ix_sheet_export_user_id", "user_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    list_name: Mapped[str] = mapped_column("list")
    user_id: Mapped[UUID] = mapped_column(Uuid)
    organisation_id: Mapped[UUID] = mapped_column(Uuid)
    question: Mapped[str] = mapped_column(EncryptedText("sheet_export.question"))
    file_format: Mapped[str] = mapped_column("format")
    actor: Mapped[dict[str, Any]]
    state: Mapped[ExportState]
    reason: Mapped[str | None]
    """The code of what it was refused for."""
    rows: Mapped[int]
    pieces: Mapped[int]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class ExportProgress(Base):
    """How far the task of an export is; written beside its transaction, for show only."""

    __tablename__ = "sheet_export_progress"
    __table_args__ = (CheckConstraint("done >= 0 AND attempts >= 0", name="counts"),)

    export_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    done: Mapped[int]
    attempts: Mapped[int]
    at: Mapped[datetime]
