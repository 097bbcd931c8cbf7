"""Wishes for another scope of a certificate, and what became of them."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from certification.certificates.models.certificates import CertificateId
from kernel.database import Base
from registry.accounts.models import UserId

ScopeChangeId = NewType("ScopeChangeId", UUID)


class ScopeStatus(StrEnum):
    """Where a wish for another scope stands."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ScopeChange(Base):
    """A wish for another name, specification or yearly quantity, and what became of it.

    An accepted one keeps what it replaced in `before`, with the statement signed until then.
    """

    __tablename__ = "scope_change"
    __table_args__ = (
        CheckConstraint("yearly_quantity > 0", name="yearly_quantity"),
        CheckConstraint("(decided_at IS NULL) = (status = 'requested')", name="decided"),
        CheckConstraint("(before IS NOT NULL) = (status = 'accepted')", name="before"),
        CheckConstraint("status = 'withdrawn' OR decided_by_id <> requested_by_id", name="author"),
        Index("ix_scope_change_certificate_id", "certificate_id"),
        Index(
            "uq_scope_change_open",
            "certificate_id",
            unique=True,
            postgresql_where=text("status = 'requested'"),
        ),
    )

    id: Mapped[ScopeChangeId] = mapped_column(Uuid, primary_key=True)
    certificate_id: Mapped[CertificateId] = mapped_column(Uuid, ForeignKey("certificate.id"))
    product_name: Mapped[str]
    specification: Mapped[str]
    yearly_quantity: Mapped[Decimal]
    reason: Mapped[str]
    status: Mapped[ScopeStatus]
    requested_by_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    requested_at: Mapped[datetime]
    decided_by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    opinion: Mapped[str | None]
    before: Mapped[dict[str, Any] | None]
