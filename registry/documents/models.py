"""Papers handed in, known by the SHA-256 of their content."""

from datetime import date, datetime
from typing import NewType
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

DocumentId = NewType("DocumentId", UUID)


class Document(Base):
    """A paper of an organisation. `kind` is a word of the schemes that ask for papers.

    Lapses at the beginning of `valid_until_on`; without one it does not lapse. `sha256` is of
    what is kept, `received_sha256` of what was handed in where that was rewritten. Without a
    subject it is a paper of the organisation itself. `scope` is what it was issued for: products,
    place or activity, as it says itself.
    """

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("received_sha256 ~ '^[0-9a-f]{64}$'", name="received_sha256"),
        CheckConstraint("size_bytes > 0", name="size_bytes"),
        CheckConstraint("num_nulls(subject_kind, subject_id) <> 1", name="subject"),
        Index("ix_document_organisation_id", "organisation_id", "id"),
        Index("ix_document_sha256", "sha256"),
        Index("ix_document_received_sha256", "received_sha256"),
        Index("ix_document_subject_id", "subject_id"),
    )

    id: Mapped[DocumentId] = mapped_column(Uuid, primary_key=True)
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    kind: Mapped[str]
    sha256: Mapped[str]
    received_sha256: Mapped[str | None]
    media_type: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[str | None]
    issuer: Mapped[str | None]
    scope: Mapped[str | None]
    valid_until_on: Mapped[date | None]
    subject_kind: Mapped[str | None]
    subject_id: Mapped[UUID | None] = mapped_column(Uuid)
    created_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    created_at: Mapped[datetime]
