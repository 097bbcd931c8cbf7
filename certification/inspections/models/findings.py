"""What inspections found, how each finding was put right, and what followed for certificates."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from certification.certificates.models.certificates import CertificateId
from certification.inspections.models.tasks import TaskId
from kernel.database import Base
from registry.accounts.models import UserId
from registry.documents.models import DocumentId

FindingId = NewType("FindingId", UUID)


class FindingKind(StrEnum):
    """What a finding is about."""

    PRICE = "price"
    ORIGIN = "origin"
    QUALITY = "quality"
    VOLUME = "volume"
    SELF_DEALING = "self_dealing"
    PAPERS = "papers"
    BENEFIT = "benefit"
    OTHER = "other"


class Severity(StrEnum):
    """How grave a finding is; it decides how soon it must be put right."""

    MINOR = "minor"
    SERIOUS = "serious"


class FindingStatus(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    RECTIFIED = "rectified"
    CLOSED = "closed"


class StepKind(StrEnum):
    """What happened to a finding; `overdue` is time's own doing."""

    OPENED = "opened"
    RECTIFIED = "rectified"
    RETURNED = "returned"
    CLOSED = "closed"
    OVERDUE = "overdue"


class Finding(Base):
    """Something that is wrong, to be put right before `deadline_on`.

    `overdue_at` is when the timer said that the deadline of this round had passed. Who closes it
    is neither who recorded it nor who put it right.
    """

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("task_id", "position", name="uq_finding_position"),
        CheckConstraint("position > 0", name="position"),
        CheckConstraint("(rectified_by_id IS NULL) = (status = 'open')", name="rectified"),
        CheckConstraint("(closed_by_id IS NOT NULL) = (status = 'closed')", name="closed"),
        CheckConstraint("closed_by_id NOT IN (found_by_id, rectified_by_id)", name="closer"),
        Index(
            "ix_finding_due",
            "deadline_on",
            postgresql_where=text("status = 'open' AND overdue_at IS NULL"),
        ),
    )

    id: Mapped[FindingId] = mapped_column(Uuid, primary_key=True)
    task_id: Mapped[TaskId] = mapped_column(Uuid, ForeignKey("inspection_task.id"))
    position: Mapped[int]
    kind: Mapped[FindingKind]
    severity: Mapped[Severity]
    text: Mapped[str]
    status: Mapped[FindingStatus]
    found_by_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    rectified_by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    closed_by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    deadline_on: Mapped[date]
    overdue_at: Mapped[datetime | None]


class FindingStep(Base):
    """One line of a finding's ledger; never changed afterwards. `by_id` is empty for time."""

    __tablename__ = "finding_step"
    __table_args__ = (
        CheckConstraint("(by_id IS NULL) = (kind = 'overdue')", name="by"),
        Index("ix_finding_step_finding_id", "finding_id", "position"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    finding_id: Mapped[FindingId] = mapped_column(Uuid, ForeignKey("finding.id"))
    kind: Mapped[StepKind]
    text: Mapped[str]
    by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    at: Mapped[datetime]


class FindingDocument(Base):
    """A photo or paper of a step, in the order given."""

    __tablename__ = "finding_document"

    step_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("finding_step.id"), primary_key=True)
    document_id: Mapped[DocumentId] = mapped_column(
        Uuid, ForeignKey("document.id"), primary_key=True
    )
    position: Mapped[int]


class ConsequenceKind(StrEnum):
    """What an inspection does to the certificate."""

    WARNING = "warning"
    SUSPENSION = "suspension"
    REVOCATION = "revocation"


class Consequence(Base):
    """What followed for the certificate, in the same transaction; never changed afterwards.

    Task, certificate and inspector are the task's own, so that the row itself can refuse an
    inspector who revokes alone.
    """

    __tablename__ = "consequence"
    __table_args__ = (
        ForeignKeyConstraint(
            ["task_id", "certificate_id", "inspector_id"],
            [
                "inspection_task.id",
                "inspection_task.certificate_id",
                "inspection_task.inspector_id",
            ],
            name="fk_consequence_task",
        ),
        CheckConstraint("kind <> 'revocation' OR by_id <> inspector_id", name="revoker"),
        Index("ix_consequence_task_id", "task_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    task_id: Mapped[TaskId] = mapped_column(Uuid)
    certificate_id: Mapped[CertificateId] = mapped_column(Uuid)
    inspector_id: Mapped[UserId] = mapped_column(Uuid)
    kind: Mapped[ConsequenceKind]
    reason: Mapped[str]
    by_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    at: Mapped[datetime]
