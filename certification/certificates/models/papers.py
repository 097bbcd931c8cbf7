"""Papers that were put in the place of those a certificate was granted on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from certification.certificates.models.certificates import CertificateId
from kernel.database import Base
from registry.accounts.models import UserId
from registry.documents.models import DocumentId


class CertificatePaper(Base):
    """A paper that a certificate rests on beside its application's; only added to."""

    __tablename__ = "certificate_paper"
    __table_args__ = (
        UniqueConstraint("certificate_id", "document_id", name="uq_certificate_paper_once"),
        Index("ix_certificate_paper_document_id", "document_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    certificate_id: Mapped[CertificateId] = mapped_column(Uuid, ForeignKey("certificate.id"))
    document_id: Mapped[DocumentId] = mapped_column(Uuid, ForeignKey("document.id"))
    added_by_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    added_at: Mapped[datetime]
