"""Granting certificates: signed, with what may be sold under them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from certification.applications.commands.grants import grant_application
from certification.applications.models import Application, ApplicationId
from certification.applications.queries.applications import get_application
from certification.applications.queries.contents import get_scheme_of
from certification.certificates.commands.changes import tell_change
from certification.certificates.commands.papers import follow_papers
from certification.certificates.commands.signing import sign_certificate
from certification.certificates.commands.terms import plan_warnings
from certification.certificates.models.capacities import Capacity, CapacityId
from certification.certificates.models.certificates import (
    Certificate,
    CertificateId,
    CertificateStatus,
    ChangeKind,
)
from certification.certificates.models.terms import CertificateRule
from certification.certificates.queries.certificates import find_successor, get_certificate
from certification.certificates.queries.terms import find_rule
from certification.certificates.rules.certificates import (
    certificate_years,
    months_later,
    signal_quantities,
)
from certification.certificates.rules.renewals import (
    begin_of_successor,
    check_application,
    check_renewable,
)
from certification.criteria.models import Scheme
from certification.errors.certificates import RenewalExists
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.database import db
from kernel.identity import new_id
from kernel.numbers import next_number
from registry.accounts.models import UserId
from registry.regions.queries import find_origin_kind
from registry.regions.rules import COUNTY_DIGITS


def grant_certificate(application_id: UUID, *, by: Actor, now: datetime) -> Certificate:
    """Issue the certificate of an application whose notice is over: signed, with its capacity.

    Valid for the months of the scheme, from today, or from the end of the certificate that it
    renews; refuses what `grant_application` refuses, and WrongState, RenewalUnfit or
    RenewalExists where the renewed one stands against it.
    """
    _lock_renewed(application_id, by=by)
    application = grant_application(application_id, by=by, now=now)
    scheme = get_scheme_of(by, application)
    renewed = _renewed(application, by=by, now=now)
    certificate = _unsigned(application, scheme, renewed, by=by, now=now)
    sign_certificate(certificate, application=application, scheme=scheme, now=now)
    db.session.add(certificate)
    db.session.flush()
    rule = find_rule(SYSTEM, certificate.origin_region_code, on=shanghai_day(now))
    db.session.add_all(_capacities(certificate, rule))
    follow_papers(certificate)
    if rule is not None:
        db.session.add_all(plan_warnings(certificate, rule))
    tell_change(certificate, ChangeKind.GRANTED, reason="", by=by, now=now)
    if renewed is not None:
        tell_change(renewed, ChangeKind.RENEWED, reason=certificate.number, by=by, now=now)
    return certificate


def _lock_renewed(application_id: UUID, *, by: Actor) -> None:
    """Lock the renewed certificate before the production, as decisions on its scope do."""
    renewed_id = get_application(by, ApplicationId(application_id)).renews_certificate_id
    if renewed_id is not None:
        get_certificate(by, CertificateId(renewed_id), lock=True)


def _renewed(application: Application, *, by: Actor, now: datetime) -> Certificate | None:
    """Give the certificate that an application renews, and check that it still may be."""
    if application.renews_certificate_id is None:
        return None
    certificate_id = CertificateId(application.renews_certificate_id)
    certificate = get_certificate(by, certificate_id)
    check_renewable(certificate, today=shanghai_day(now))
    check_application(certificate, application)
    if find_successor(by, certificate_id) is not None:
        raise RenewalExists
    return certificate


def _unsigned(
    application: Application,
    scheme: Scheme,
    renewed: Certificate | None,
    *,
    by: Actor,
    now: datetime,
) -> Certificate:
    today = shanghai_day(now)
    begins = today if renewed is None else begin_of_successor(renewed, today=today)
    origin = application.origin_region_code
    return Certificate(
        id=CertificateId(new_id()),
        number=next_number("BF-C", region_code=origin[:COUNTY_DIGITS], year=shanghai_year(now)),
        application_id=application.id,
        author_id=application.author_id,
        holder_id=application.holder_id,
        scheme_id=scheme.id,
        product_name=application.product_name,
        category_code=application.category_code,
        specification=application.specification,
        unit=application.unit,
        origin_region_code=origin,
        origin_kind=find_origin_kind(SYSTEM, origin, on=today),
        yearly_quantity=application.yearly_quantity,
        unit_price_fen=application.unit_price_fen,
        valid_from_on=begins,
        valid_until_on=months_later(begins, scheme.validity_months),
        status=CertificateStatus.IN_FORCE,
        granted_by_id=UserId(by.user_id),
        granted_at=now,
        renews_id=None if renewed is None else renewed.id,
        revision=1,
    )


def _capacities(certificate: Certificate, rule: CertificateRule | None) -> list[Capacity]:
    signals = signal_quantities(certificate.yearly_quantity, rule.signal_bp if rule else [])
    years = certificate_years(certificate.valid_from_on, certificate.valid_until_on)
    return [
        Capacity(
            id=CapacityId(new_id()),
            certificate_id=certificate.id,
            from_on=from_on,
            until_on=until_on,
            is_open=True,
            declared=certificate.yearly_quantity,
            signals=signals,
        )
        for from_on, until_on in years
    ]
