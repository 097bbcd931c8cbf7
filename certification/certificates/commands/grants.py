"""Granting certificates: signed, with what may be sold under them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from certification.applications.commands import COUNTY_DIGITS, grant_application
from certification.applications.models import Application
from certification.applications.queries import get_scheme_of
from certification.certificates import rules
from certification.certificates.commands.changes import tell_change
from certification.certificates.models import (
    Capacity,
    CapacityId,
    Certificate,
    CertificateId,
    CertificateStatus,
    ChangeKind,
)
from certification.criteria.models import Scheme
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.crypto import sign
from kernel.database import db
from kernel.identity import new_id
from kernel.numbers import next_number
from registry.accounts.models import UserId
from registry.organisations.queries import get_organisation
from registry.regions.queries import find_origin_kind


def grant_certificate(application_id: UUID, *, by: Actor, now: datetime) -> Certificate:
    """Issue the certificate of an application whose notice is over: signed, with its capacity.

    Valid from today for the months of the scheme; refuses what `grant_application` refuses.
    """
    application = grant_application(application_id, by=by, now=now)
    scheme = get_scheme_of(by, application)
    certificate = _unsigned(application, scheme, by=by, now=now)
    holder = get_organisation(SYSTEM, application.holder_id)
    statement = rules.statement_of(
        certificate, application=application, holder=holder, scheme=scheme
    )
    signature = sign(statement)
    certificate.payload = statement.decode()
    certificate.key_id, certificate.signature = signature.key_id, signature.value
    db.session.add(certificate)
    db.session.flush()
    db.session.add_all(_capacities(certificate))
    tell_change(certificate, ChangeKind.GRANTED, reason="", by=by, now=now)
    return certificate


def _unsigned(application: Application, scheme: Scheme, *, by: Actor, now: datetime) -> Certificate:
    today = shanghai_day(now)
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
        valid_from_on=today,
        valid_until_on=rules.months_later(today, scheme.validity_months),
        status=CertificateStatus.IN_FORCE,
        granted_by_id=UserId(by.user_id),
        granted_at=now,
    )


def _capacities(certificate: Certificate) -> list[Capacity]:
    years = rules.certificate_years(certificate.valid_from_on, certificate.valid_until_on)
    return [
        Capacity(
            id=CapacityId(new_id()),
            certificate_id=certificate.id,
            from_on=from_on,
            until_on=until_on,
            is_open=True,
            declared=certificate.yearly_quantity,
        )
        for from_on, until_on in years
    ]
