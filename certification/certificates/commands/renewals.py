"""Renewing certificates: the application for a successor, which is reviewed like any other."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from certification.applications.commands.applications import draft_application
from certification.applications.models import Application
from certification.applications.queries.contents import ApplicationContents
from certification.certificates.models.certificates import CertificateId
from certification.certificates.queries.certificates import find_successor, get_certificate
from certification.certificates.queries.terms import find_rule
from certification.certificates.rules.renewals import check_renewal, check_successor
from certification.errors.certificates import RenewalExists
from kernel.actor import Actor
from kernel.calendar import shanghai_day


def draft_renewal(
    certificate_id: UUID, contents: ApplicationContents, *, by: Actor, now: datetime
) -> Application:
    """Begin the application that renews an own certificate; it goes through the whole review.

    Refuses NotAllowed, WrongState (suspended, revoked), RenewalNotDue, RenewalExists,
    RenewalUnfit, and what `draft_application` refuses.
    """
    today = shanghai_day(now)
    certificate = get_certificate(by, CertificateId(certificate_id))
    rule = find_rule(by, certificate.origin_region_code, on=today)
    check_renewal(certificate, rule=rule, by=by, today=today)
    if find_successor(by, certificate.id) is not None:
        raise RenewalExists
    check_successor(
        certificate,
        holder_id=by.organisation_id,
        category_code=contents.category_code,
        unit=contents.unit,
        region_code=contents.origin_region_code,
    )
    return draft_application(contents, renews_certificate_id=certificate.id, by=by, now=now)
