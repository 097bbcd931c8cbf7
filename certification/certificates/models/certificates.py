"""Certificates and what happened to them."""

from datetime import date, datetime
from decimal import Decimal
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
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from certification.applications.models import ApplicationId
from certification.criteria.models import SchemeId
from kernel.database import Base
from kernel.money import Fen
from kernel.quantity import Unit
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId
from registry.regions.models import OriginKind

CertificateId = NewType("CertificateId", UUID)


class CertificateStatus(StrEnum):
    """What a certificate is good for; `expired` also follows from its last day alone."""

    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"


UNENDED = frozenset({CertificateStatus.IN_FORCE, CertificateStatus.SUSPENDED})


class ChangeKind(StrEnum):
    """What happened to a certificate."""

    GRANTED = "granted"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    REVOKED = "revoked"
    EXPIRED = "expired"
    WARNED = "warned"
    SCOPE_CHANGED = "scope_changed"
    RENEWED = "renewed"


class Certificate(Base):
    """What an application earned: the right to sell one product, `[valid_from_on, valid_until_on)`.

    `payload` is the canonical JSON that `signature` (Ed25519) signs with the key `key_id`;
    `revision` counts what was signed. `renews_id` is the certificate it takes the place of.
    From `papers_until_on` on a paper that its scheme demands is missing, until another is there;
    `papers_lapsed_at` says that this was told.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        ForeignKeyConstraint(
            ["application_id", "author_id", "holder_id"],
            ["application.id", "application.author_id", "application.holder_id"],
            name="fk_certificate_application",
        ),
        UniqueConstraint("number", name="uq_certificate_number"),
        UniqueConstraint("application_id", name="uq_certificate_application"),
        CheckConstraint("granted_by_id <> author_id", name="author"),
        CheckConstraint("valid_from_on < valid_until_on", name="period"),
        CheckConstraint("yearly_quantity > 0", name="yearly_quantity"),
        CheckConstraint("unit_price_fen > 0", name="unit_price_fen"),
        CheckConstraint("renews_id <> id", name="renews"),
        CheckConstraint("revision > 0", name="revision"),
        CheckConstraint("papers_lapsed_at IS NULL OR papers_until_on IS NOT NULL", name="papers"),
        UniqueConstraint("renews_id", name="uq_certificate_renews_id"),
        Index("ix_certificate_holder_id", "holder_id"),
        Index("ix_certificate_category", "category_code", "id"),
        Index("ix_certificate_status", "status", "id"),
        Index(
            "ix_certificate_origin",
            "origin_region_code",
            postgresql_ops={"origin_region_code": "text_pattern_ops"},
        ),
        # read far more often than written: no pending list that every search would walk
        Index(
            "ix_certificate_grams",
            "grams",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
        Index(
            "ix_certificate_due",
            "valid_until_on",
            postgresql_where=text("status IN ('in_force', 'suspended')"),
        ),
        Index(
            "ix_certificate_papers_due",
            "papers_until_on",
            postgresql_where=text(
                "status IN ('in_force', 'suspended') AND papers_lapsed_at IS NULL"
            ),
        ),
    )

    id: Mapped[CertificateId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    application_id: Mapped[ApplicationId] = mapped_column(Uuid)
    author_id: Mapped[UserId] = mapped_column(Uuid)
    holder_id: Mapped[OrganisationId] = mapped_column(Uuid)
    scheme_id: Mapped[SchemeId] = mapped_column(Uuid, ForeignKey("scheme.id"))
    product_name: Mapped[str]
    category_code: Mapped[str] = mapped_column(ForeignKey("product_category.code"))
    specification: Mapped[str]
    unit: Mapped[Unit]
    origin_region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    origin_kind: Mapped[OriginKind]
    yearly_quantity: Mapped[Decimal]
    unit_price_fen: Mapped[Fen]
    valid_from_on: Mapped[date]
    valid_until_on: Mapped[date]
    status: Mapped[CertificateStatus]
    granted_by_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    granted_at: Mapped[datetime]
    payload: Mapped[str]
    key_id: Mapped[str]
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    renews_id: Mapped[CertificateId | None] = mapped_column(Uuid, ForeignKey("certificate.id"))
    revision: Mapped[int] = mapped_column(server_default="1", default=1)
    papers_until_on: Mapped[date | None]
    papers_lapsed_at: Mapped[datetime | None]
    search_text: Mapped[str] = mapped_column(server_default="", default="")
    grams: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}", default=list)

    def status_on(self, day: date) -> CertificateStatus:
        """Tell what it is worth on a Shanghai day, whether or not the expiry timer has run."""
        if self.status in UNENDED and self.valid_until_on <= day:
            return CertificateStatus.EXPIRED
        return self.status

    def lacks_papers_on(self, day: date) -> bool:
        """Tell whether a paper it rests on has lapsed by a Shanghai day."""
        return self.papers_until_on is not None and self.papers_until_on <= day


class CertificateChange(Base):
    """One thing that happened to a certificate, by whom and why; never changed afterwards.

    `by_id` is empty where nobody did it: time itself, or the end of the holder.
    """

    __tablename__ = "certificate_change"
    __table_args__ = (
        CheckConstraint(
            "CASE kind WHEN 'expired' THEN by_id IS NULL WHEN 'suspended' THEN true"
            " ELSE by_id IS NOT NULL END",
            name="by",
        ),
        Index("ix_certificate_change_certificate_id", "certificate_id", "position"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    certificate_id: Mapped[CertificateId] = mapped_column(Uuid, ForeignKey("certificate.id"))
    kind: Mapped[ChangeKind]
    reason: Mapped[str]
    by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    at: Mapped[datetime]
