"""When a certificate may be renewed, by whom, and what its successor must have in common."""

from __future__ import annotations

from datetime import date, timedelta

from certification.applications.models import Application
from certification.certificates.models.certificates import Certificate, CertificateStatus
from certification.certificates.models.terms import CertificateRule
from certification.errors.certificates import RenewalNotDue, RenewalUnfit
from kernel.actor import Actor
from kernel.errors import NotAllowed, WrongState

RENEWABLE = frozenset({CertificateStatus.IN_FORCE, CertificateStatus.EXPIRED})


def check_renewal(
    certificate: Certificate, *, rule: CertificateRule | None, by: Actor, today: date
) -> None:
    """Refuse to ask for a renewal of others' certificates, of stopped ones, or out of time.

    A suspended certificate is reinstated first; a revoked one is never renewed.
    """
    if certificate.holder_id != by.organisation_id:
        raise NotAllowed
    check_renewable(certificate, today=today)
    if rule is None:
        return
    opens_on = certificate.valid_until_on - timedelta(days=rule.renewal_opens_days)
    closes_on = certificate.valid_until_on + timedelta(days=rule.renewal_closes_days)
    if not opens_on <= today < closes_on:
        raise RenewalNotDue(opens_on=opens_on, closes_on=closes_on)


def check_renewable(certificate: Certificate, *, today: date) -> None:
    """Refuse to renew what is suspended or revoked (WrongState)."""
    state = certificate.status_on(today)
    if state not in RENEWABLE:
        raise WrongState(state=state, wanted="renewed")


def check_successor(
    certificate: Certificate, *, holder_id: object, category_code: str, unit: str, region_code: str
) -> None:
    """Refuse a successor of another holder, category, unit or origin: it is another product."""
    found = {
        "/holder_id": (certificate.holder_id, holder_id),
        "/category_code": (certificate.category_code, category_code),
        "/unit": (certificate.unit, unit),
        "/origin_region_code": (certificate.origin_region_code, region_code),
    }
    for pointer, (before, after) in found.items():
        if before != after:
            raise RenewalUnfit(pointer=pointer, before=str(before), after=str(after))


def begin_of_successor(certificate: Certificate, *, today: date) -> date:
    """Give the first day of a successor: the old one's end, or today where that has passed."""
    return max(today, certificate.valid_until_on)


def check_application(certificate: Certificate, application: Application) -> None:
    """Refuse an application that has become another product's since it was drafted."""
    check_successor(
        certificate,
        holder_id=application.holder_id,
        category_code=application.category_code,
        unit=application.unit,
        region_code=application.origin_region_code,
    )
