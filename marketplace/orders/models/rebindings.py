"""What there is of an application to bind an order to another unit."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from marketplace.orders.models.orders import OrderId
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.organisations.models import OrganisationId

RebindingId = NewType("RebindingId", UUID)


class RebindingStatus(StrEnum):
    """Where an application to re-bind an order stands."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Rebinding(Base):
    """An application to bind an order to another unit, done once both units have consented.

    `document_id` is the written application, which an order that was shipped needs. `due_on` is
    the first day on which an answer is late.
    """

    __tablename__ = "rebinding"
    __table_args__ = (
        CheckConstraint("from_unit_id <> to_unit_id", name="units"),
        CheckConstraint("from_consent_by <> to_consent_by", name="apart"),
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed"),
        CheckConstraint(
            "status <> 'done' OR (from_consent_by IS NOT NULL AND to_consent_by IS NOT NULL)",
            name="consents",
        ),
        Index(
            "uq_rebinding_open", "order_id", unique=True, postgresql_where=text("status = 'open'")
        ),
    )

    id: Mapped[RebindingId] = mapped_column(Uuid, primary_key=True)
    order_id: Mapped[OrderId] = mapped_column(Uuid, ForeignKey("purchase_order.id"), index=True)
    from_unit_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    to_unit_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    reason: Mapped[str]
    document_id: Mapped[DocumentId | None] = mapped_column(Uuid, ForeignKey("document.id"))
    status: Mapped[RebindingStatus]
    requested_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    requested_at: Mapped[datetime]
    due_on: Mapped[date]
    from_consent_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    to_consent_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    closed_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    from_consent_at: Mapped[datetime | None]
    to_consent_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


@dataclass(frozen=True, slots=True)
class Lineages:
    """Where the two units of an application stand in the tree."""

    from_unit: str
    to_unit: str
