"""Circulars: the figures of a region at the end of a period, frozen and made public by name."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

CircularId = NewType("CircularId", UUID)


class PeriodKind(StrEnum):
    """How long a circular looks back; all count from the beginning of the year."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class CircularStatus(StrEnum):
    """Whether a circular is drawn up, out, or taken back."""

    DRAWING = "drawing"
    """Waits for the task that draws it up, or is with it."""
    FAILED = "failed"
    """Could not be drawn up; may be asked for again."""
    DRAFT = "draft"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"


class Circular(Base):
    """The standing of a region's units as of the end of a period; its contents never change.

    `contents` hold the figures, the lists, and with each figure the question that gives it
    again; `digest` is the SHA-256 of their canonical JSON; a task writes both at once. While it
    waits for that, `actor` is who asked, as they were allowed then. Who issues it did not draw
    it up.
    """

    __tablename__ = "circular"
    __table_args__ = (
        CheckConstraint(
            "period BETWEEN 1 AND CASE period_kind WHEN 'month' THEN 12 WHEN 'quarter' THEN 4"
            " ELSE 1 END",
            name="period",
        ),
        CheckConstraint("issued_by <> drawn_by", name="issuer"),
        CheckConstraint(
            "(status IN ('drawing', 'failed', 'draft')) = (issued_at IS NULL)", name="issued"
        ),
        CheckConstraint(
            "num_nulls(contents, digest)"
            " = CASE WHEN status IN ('drawing', 'failed') THEN 2 ELSE 0 END",
            name="contents",
        ),
        CheckConstraint("(status = 'drawing') = (actor IS NOT NULL)", name="actor"),
        CheckConstraint("(status = 'failed') = (reason IS NOT NULL)", name="failed"),
        CheckConstraint("(issued_by IS NULL) = (issued_at IS NULL)", name="issued_by"),
        CheckConstraint(
            "(status = 'withdrawn') = (withdrawal_reason IS NOT NULL)", name="withdrawn"
        ),
        CheckConstraint("(number IS NULL) = (issued_at IS NULL)", name="number"),
        Index("uq_circular_number", "number", unique=True),
        Index(
            "uq_circular_issued",
            "region_code",
            "year",
            "period_kind",
            "period",
            unique=True,
            postgresql_where=text("status = 'issued'"),
        ),
        Index("ix_circular_region_code", "region_code"),
        Index("ix_circular_waiting", "drawn_at", postgresql_where=text("status = 'drawing'")),
    )

    id: Mapped[CircularId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str | None]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    year: Mapped[int]
    period_kind: Mapped[PeriodKind]
    period: Mapped[int]
    as_of: Mapped[datetime]
    contents: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    status: Mapped[CircularStatus]
    reason: Mapped[str | None]
    """The code of what it could not be drawn up for."""
    actor: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    drawn_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    drawn_at: Mapped[datetime]
    issued_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    issued_at: Mapped[datetime | None]
    withdrawal_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class CircularProgress(Base):
    """Of how many units the task of a circular has added up the figures, `done` of `rows`.

    Written beside its transaction, for show only. `rows` is empty until they are counted.
    """

    __tablename__ = "circular_progress"
    __table_args__ = (
        CheckConstraint("done BETWEEN 0 AND coalesce(rows, 0) AND attempts >= 0", name="counts"),
    )

    circular_id: Mapped[CircularId] = mapped_column(Uuid, primary_key=True)
    rows: Mapped[int | None]
    done: Mapped[int]
    attempts: Mapped[int]
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class CircularView:
    """A circular with what its region is called, and how far it is drawn up."""

    found: Circular
    region_name: str
    rows: int | None
    done: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """What stands in a circular that is drawn up."""

    number: str | None
    status: CircularStatus
    as_of: datetime
    contents: dict[str, Any]
    digest: bytes
