"""The papers that certificates rest on, and those of which a paper lapsed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, union

from certification.applications.models import ApplicationDocument
from certification.certificates.models.certificates import UNENDED, Certificate, CertificateId
from certification.certificates.models.papers import CertificatePaper
from certification.certificates.queries.directory import visible
from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.rows import one
from registry.documents.models import Document


def list_papers(actor: Actor, certificate: Certificate) -> list[Document]:
    """List what a certificate that the actor was given rests on, the newest first."""
    del actor  # whoever was given the certificate
    granted = select(ApplicationDocument.document_id).where(
        ApplicationDocument.application_id == certificate.application_id
    )
    added = select(CertificatePaper.document_id).where(
        CertificatePaper.certificate_id == certificate.id
    )
    query = select(Document).where(Document.id.in_(union(granted, added)))
    return list(db.session.scalars(query.order_by(Document.id.desc())))


def list_papers_in_sight(actor: Actor, certificate_id: CertificateId) -> list[Document]:
    """List what a certificate that the actor looks after rests on (NotFound)."""
    seen = select(Certificate).where(Certificate.id == certificate_id, visible(actor))
    return list_papers(SYSTEM, one(seen))


def has_paper(actor: Actor, certificate: Certificate, document: Document) -> bool:
    """Say whether a certificate rests on a paper already."""
    return any(one.id == document.id for one in list_papers(actor, certificate))


def list_lapsing(actor: Actor, *, today: date, limit: int) -> list[Certificate]:
    """List and lock running certificates one of whose papers lapsed, untold until now.

    Rows that another run holds are left to it.
    """
    del actor  # only the timer asks
    query = select(Certificate).where(
        Certificate.status.in_(UNENDED),
        Certificate.papers_lapsed_at.is_(None),
        Certificate.papers_until_on <= today,
    )
    query = query.order_by(Certificate.papers_until_on, Certificate.id).limit(limit)
    return list(db.session.scalars(query.with_for_update(skip_locked=True, key_share=True)))
