"""What holds for certificates by region and time, and the warnings that follow from it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from certification.certificates.models.certificates import CertificateId
from kernel.database import Base


class CertificateRule(Base):
    """What holds for certificates of a region from a day on; the nearest region's rule wins."""

    __tablename__ = "certificate_rule"
    __table_args__ = (
        UniqueConstraint("code", name="uq_certificate_rule_code"),
        CheckConstraint("in_force_from_on < in_force_until_on", name="period"),
        CheckConstraint(
            "renewal_opens_days >= 0 AND renewal_closes_days >= 0 AND largest_increase_bp >= 0",
            name="figures",
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    warning_days: Mapped[list[Any]]
    signal_bp: Mapped[list[Any]]
    renewal_opens_days: Mapped[int]
    renewal_closes_days: Mapped[int]
    largest_increase_bp: Mapped[int]
    source: Mapped[str]
    in_force_from_on: Mapped[date]
    in_force_until_on: Mapped[date | None]


class CertificateWarning(Base):
    """A warning that falls due so many days before a certificate's end."""

    __tablename__ = "certificate_warning"
    __table_args__ = (
        CheckConstraint("days > 0", name="days"),
        Index("ix_certificate_warning_due", "due_on", postgresql_where=text("served_at IS NULL")),
    )

    certificate_id: Mapped[CertificateId] = mapped_column(
        Uuid, ForeignKey("certificate.id"), primary_key=True
    )
    days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    due_on: Mapped[date]
    served_at: Mapped[datetime | None]
