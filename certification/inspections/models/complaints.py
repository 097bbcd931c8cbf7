"""What the public complains of, and the answer it can follow by number and code."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from certification.certificates.models.certificates import CertificateId
from certification.inspections.models.tasks import TaskId
from kernel.crypto import EncryptedText
from kernel.database import Base
from registry.accounts.models import UserId

ComplaintId = NewType("ComplaintId", UUID)


class ComplaintStatus(StrEnum):
    """Where a complaint stands; whether an inspection follows is told only with the answer."""

    RECEIVED = "received"
    IN_HAND = "in_hand"
    ANSWERED = "answered"


class Complaint(Base):
    """A complaint about certified goods; `due_on` is the first day on which an answer is late.

    Of the code only a digest is kept.
    """

    __tablename__ = "complaint"
    __table_args__ = (
        UniqueConstraint("number", name="uq_complaint_number"),
        CheckConstraint("(taken_at IS NULL) = (status = 'received')", name="taken"),
        CheckConstraint("(taken_at IS NULL) = (taken_by_id IS NULL)", name="taken_by"),
        CheckConstraint("(replied_at IS NOT NULL) = (status = 'answered')", name="replied"),
        CheckConstraint(
            "(replied_at IS NULL) = (reply IS NULL)"
            " AND (replied_at IS NULL) = (replied_by_id IS NULL)",
            name="reply",
        ),
        Index("ix_complaint_certificate_id", "certificate_id"),
        Index(
            "ix_complaint_region_code",
            "region_code",
            postgresql_ops={"region_code": "text_pattern_ops"},
        ),
    )

    id: Mapped[ComplaintId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    code_digest: Mapped[bytes] = mapped_column(LargeBinary)
    certificate_id: Mapped[CertificateId | None] = mapped_column(Uuid, ForeignKey("certificate.id"))
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    text: Mapped[str]
    contact: Mapped[str | None] = mapped_column(EncryptedText("complaint.contact"))
    status: Mapped[ComplaintStatus]
    lodged_at: Mapped[datetime]
    due_on: Mapped[date]
    taken_by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    taken_at: Mapped[datetime | None]
    task_id: Mapped[TaskId | None] = mapped_column(Uuid, ForeignKey("inspection_task.id"))
    reply: Mapped[str | None]
    replied_by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    replied_at: Mapped[datetime | None]
