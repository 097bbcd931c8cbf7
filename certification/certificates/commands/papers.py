"""Following the papers a certificate rests on: when one lapses, and when another comes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from certification.applications.queries.applications import get_application
from certification.applications.queries.contents import get_scheme_of
from certification.certificates.models.capacities import Capacity
from certification.certificates.models.certificates import Certificate, CertificateId
from certification.certificates.models.papers import CertificatePaper
from certification.certificates.queries.capacities import lock_capacities
from certification.certificates.queries.certificates import get_certificate
from certification.certificates.queries.papers import has_paper, list_lapsing, list_papers
from certification.certificates.rules import papers as rules
from certification.events import CertificatePapersLapsed, CertificatePapersRenewed
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.events import record
from kernel.identity import new_id
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.documents.queries import get_document


def add_paper(certificate_id: UUID, *, document_id: UUID, by: Actor, now: datetime) -> Certificate:
    """Let an own certificate rest on another paper too; what may be sold under it follows at once.

    Refuses NotFound, NotAllowed, WrongState, PaperUnneeded, PaperLapsed. The same paper twice
    changes nothing.
    """
    certificate = get_certificate(by, CertificateId(certificate_id), lock=True)
    paper = get_document(by, DocumentId(document_id))
    demands = _demands_of(certificate)
    rules.check_addition(certificate, paper, demands=demands, by=by, today=shanghai_day(now))
    if has_paper(by, certificate, paper):
        return certificate
    added = CertificatePaper(
        id=new_id(),
        certificate_id=certificate.id,
        document_id=paper.id,
        added_by_id=UserId(by.user_id),
        added_at=now,
    )
    db.session.add(added)
    db.session.flush()
    follow_papers(certificate)
    _tell("add_certificate_paper", certificate, document_id=paper.id, by=by, now=now)
    record(CertificatePapersRenewed(certificate_id=certificate.id), now=now)
    return certificate


def follow_papers(certificate: Certificate) -> None:
    """Say anew until when a certificate's papers last; its capacities take nothing after that."""
    until_on = rules.lapse_of(_demands_of(certificate), list_papers(SYSTEM, certificate))
    if certificate.papers_until_on == until_on:
        return
    certificate.papers_until_on, certificate.papers_lapsed_at = until_on, None
    db.session.flush()
    capacity_ids = lock_capacities(SYSTEM, [certificate.id])
    years = update(Capacity).where(Capacity.id.in_(capacity_ids))
    db.session.execute(
        years.values(papers_until_on=until_on).execution_options(synchronize_session="fetch")
    )


def lapse_papers(*, now: datetime, limit: int = 500) -> list[CertificateId]:
    """Tell of running certificates one of whose papers has lapsed, once each time; give them."""
    due = list_lapsing(SYSTEM, today=shanghai_day(now), limit=limit)
    for certificate in due:
        certificate.papers_lapsed_at = now
        db.session.flush()
        _tell("certificate_papers_lapsed", certificate, by=SYSTEM, now=now)
        record(CertificatePapersLapsed(certificate_id=certificate.id), now=now)
    return [one.id for one in due]


def _demands_of(certificate: Certificate) -> list[list[str]]:
    """Give the papers that the certificate's scheme asks of its category, with alternatives."""
    application = get_application(SYSTEM, certificate.application_id)
    return get_scheme_of(SYSTEM, application).papers_of(certificate.category_code)


def _tell(
    action: str,
    certificate: Certificate,
    *,
    document_id: DocumentId | None = None,
    by: Actor,
    now: datetime,
) -> None:
    after = {"papers_until_on": certificate.papers_until_on, "document_id": document_id}
    audit.write(action, subject=("certificate", certificate.id), by=by, now=now, after=after)
