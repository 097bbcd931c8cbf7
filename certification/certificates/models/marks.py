"""Marks that a certified product bears: its origin's name, green, organic, somebody's brand."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from certification.certificates.models.certificates import CertificateId
from kernel.database import Base
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.organisations.models import OrganisationId

MarkId = NewType("MarkId", UUID)


class MarkKind(StrEnum):
    """What a mark says of a product."""

    GI = "gi"
    GREEN = "green"
    ORGANIC = "organic"
    BRAND = "brand"
    """The owner of a brand lets the holder use it."""


class MarkStatus(StrEnum):
    """Where a mark stands; `lapsed` also follows from its last day alone."""

    RECORDED = "recorded"
    CONFIRMED = "confirmed"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


LIVE = frozenset({MarkStatus.RECORDED, MarkStatus.CONFIRMED})


class ProductMark(Base):
    """A mark of a certificate's product, `[valid_from_on, valid_until_on)`, as its paper says.

    Without `valid_until_on` it does not lapse. It stays with the product: the certificate's
    successors bear it too. `confirmed_for_id` is whom the reviewer acted for.
    """

    __tablename__ = "product_mark"
    __table_args__ = (
        CheckConstraint("valid_from_on < valid_until_on", name="period"),
        CheckConstraint(
            "num_nulls(confirmed_by_id, confirmed_for_id, confirmed_at) IN (0, 3)"
            " AND (status <> 'confirmed' OR confirmed_at IS NOT NULL)"
            " AND (status <> 'recorded' OR confirmed_at IS NULL)",
            name="confirmed",
        ),
        CheckConstraint("confirmed_by_id <> recorded_by_id", name="author"),
        CheckConstraint("confirmed_for_id <> holder_id", name="own_organisation"),
        CheckConstraint(
            "(ended_at IS NOT NULL) = (status IN ('lapsed', 'withdrawn'))", name="ended"
        ),
        CheckConstraint(
            "num_nulls(ended_by_id, reason) = CASE status WHEN 'withdrawn' THEN 0 ELSE 2 END",
            name="withdrawn",
        ),
        Index("ix_product_mark_certificate_id", "certificate_id", "id"),
        Index("ix_product_mark_holder_id", "holder_id"),
        Index("ix_product_mark_document_id", "document_id"),
        Index(
            "uq_product_mark_live",
            "certificate_id",
            "kind",
            "number",
            unique=True,
            postgresql_where=text("status IN ('recorded', 'confirmed')"),
        ),
        Index(
            "ix_product_mark_due",
            "valid_until_on",
            postgresql_where=text("status IN ('recorded', 'confirmed')"),
        ),
    )

    id: Mapped[MarkId] = mapped_column(Uuid, primary_key=True)
    certificate_id: Mapped[CertificateId] = mapped_column(Uuid, ForeignKey("certificate.id"))
    holder_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    kind: Mapped[MarkKind]
    number: Mapped[str]
    issuer: Mapped[str]
    valid_from_on: Mapped[date]
    valid_until_on: Mapped[date | None]
    document_id: Mapped[DocumentId] = mapped_column(Uuid, ForeignKey("document.id"))
    status: Mapped[MarkStatus]
    recorded_by_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    recorded_at: Mapped[datetime]
    confirmed_by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    confirmed_for_id: Mapped[OrganisationId | None] = mapped_column(
        Uuid, ForeignKey("organisation.id")
    )
    confirmed_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    ended_by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None]

    def status_on(self, day: date) -> MarkStatus:
        """Tell what it is worth on a Shanghai day, whether or not the timer has run."""
        over = self.valid_until_on is not None and self.valid_until_on <= day
        return MarkStatus.LAPSED if over and self.status in LIVE else self.status
