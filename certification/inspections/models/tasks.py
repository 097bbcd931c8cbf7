"""Inspections of one certificate each, and what they led to."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from certification.certificates.models.certificates import CertificateId
from certification.inspections.models.plans import PlanId
from kernel.database import Base
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

TaskId = NewType("TaskId", UUID)


class TaskStatus(StrEnum):
    """Where an inspection stands; while it is hidden nobody inspected may know of it."""

    HIDDEN = "hidden"
    STARTED = "started"
    CONCLUDED = "concluded"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class TaskSource(StrEnum):
    """Why a certificate is inspected."""

    DRAW = "draw"
    TARGETED = "targeted"
    COMPLAINT = "complaint"
    SIGNAL = "signal"


class InspectionTask(Base):
    """One inspection; its number is given at the start, so that a gap tells nobody of it.

    `organisation_id` is the office in charge. `source_id` is what it came from, without a key.
    """

    __tablename__ = "inspection_task"
    __table_args__ = (
        UniqueConstraint("number", name="uq_inspection_task_number"),
        UniqueConstraint("plan_id", "certificate_id", name="uq_inspection_task_drawn"),
        UniqueConstraint("id", "certificate_id", "inspector_id", name="uq_inspection_task_parties"),
        CheckConstraint("(source = 'draw') = (plan_id IS NOT NULL)", name="plan"),
        CheckConstraint("inspector_organisation_id <> holder_id", name="own_organisation"),
        CheckConstraint("organisation_id <> holder_id", name="office"),
        CheckConstraint(
            "(started_at IS NOT NULL) = (status IN ('started', 'concluded', 'closed'))"
            " AND (started_at IS NULL) = (number IS NULL)"
            " AND (started_at IS NULL OR inspector_id IS NOT NULL)",
            name="started",
        ),
        CheckConstraint("(closed_at IS NOT NULL) = (status = 'closed')", name="closed"),
        CheckConstraint(
            "(inspector_id IS NULL) = (inspector_organisation_id IS NULL)", name="inspector"
        ),
        Index("ix_inspection_task_certificate_id", "certificate_id"),
        Index("ix_inspection_task_holder_id", "holder_id"),
        Index("ix_inspection_task_organisation_id", "organisation_id"),
        Index("ix_inspection_task_inspector_id", "inspector_id"),
        Index(
            "ix_inspection_task_region_code",
            "region_code",
            postgresql_ops={"region_code": "text_pattern_ops"},
        ),
    )

    id: Mapped[TaskId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str | None]
    plan_id: Mapped[PlanId | None] = mapped_column(Uuid, ForeignKey("draw_plan.id"))
    source: Mapped[TaskSource]
    source_id: Mapped[UUID | None] = mapped_column(Uuid)
    certificate_id: Mapped[CertificateId] = mapped_column(Uuid, ForeignKey("certificate.id"))
    holder_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    reason: Mapped[str]
    status: Mapped[TaskStatus]
    opened_by_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    opened_at: Mapped[datetime]
    inspector_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    inspector_organisation_id: Mapped[OrganisationId | None] = mapped_column(
        Uuid, ForeignKey("organisation.id")
    )
    started_at: Mapped[datetime | None]
    concluded_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    summary: Mapped[str | None]
    cancelled_because: Mapped[str | None]


class InspectionRule(Base):
    """Terms of inspections in a region from a day on; the nearest region's rule wins.

    Days are working days.
    """

    __tablename__ = "inspection_rule"
    __table_args__ = (
        UniqueConstraint("code", name="uq_inspection_rule_code"),
        CheckConstraint("in_force_from_on < in_force_until_on", name="period"),
        CheckConstraint(
            "rectification_days > 0 AND serious_rectification_days > 0 AND complaint_days > 0",
            name="days",
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    rectification_days: Mapped[int]
    serious_rectification_days: Mapped[int]
    complaint_days: Mapped[int]
    source: Mapped[str]
    in_force_from_on: Mapped[date]
    in_force_until_on: Mapped[date | None]
