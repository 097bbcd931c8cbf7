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
from registry.organisations.models import OrganisationId

ComplaintId = NewType("ComplaintId", UUID)


class ComplaintStatus(StrEnum):
    """Where a complaint stands; whether an inspection follows is told only with the answer."""

    RECEIVED = "received"
    IN_HAND = "in_hand"
    ANSWERED = "answered"


class Complaint(Base):
    """A complaint about certified goods; `due_on` is the first day on which an answer is late.

    Of the code only a digest is kept. `holder_id` is whose goods it is about; `lodged_by_id` who
    was signed in when they lodged it, shown to nobody; `replied_for_id` the office that answered.
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
        CheckConstraint("replied_by_id <> lodged_by_id", name="author"),
        CheckConstraint("replied_for_id <> holder_id", name="own_organisation"),
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
    holder_id: Mapped[OrganisationId | None] = mapped_column(Uuid, ForeignKey("organisation.id"))
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    text: Mapped[str]
    contact: Mapped[str | None] = mapped_column(EncryptedText("complaint.contact"))
    status: Mapped[ComplaintStatus]
    lodged_by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    lodged_at: Mapped[datetime]
    due_on: Mapped[date]
    taken_by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    taken_at: Mapped[datetime | None]
    task_id: Mapped[TaskId | None] = mapped_column(Uuid, ForeignKey("inspection_task.id"))
    reply: Mapped[str | None]
    replied_by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    replied_for_id: Mapped[OrganisationId | None] = mapped_column(
        Uuid, ForeignKey("organisation.id")
    )
    replied_at: Mapped[datetime | None]
