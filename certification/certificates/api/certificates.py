"""Doors to certificates: the grant, changes by reviewers, and verification by anyone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from certification.applications.models import ApplicationStatus
from certification.certificates.commands import changes, grants
from certification.certificates.models.certificates import CertificateId, ChangeKind
from certification.certificates.models.terms import CertificateRule
from certification.certificates.queries.certificates import (
    CertificateView,
    get_view,
    get_view_by_number,
)
from certification.certificates.queries.directory import (
    CertificateFilter,
    list_certificates,
    list_expiring,
    list_nearing,
)
from certification.certificates.queries.keys import list_signing_keys
from certification.certificates.queries.terms import list_rules
from certification.certificates.schemas.certificates import (
    CERTIFICATES,
    CertificateChangeIn,
    CertificateItemOut,
    CertificateOut,
    CertificateQuery,
    CertificateRuleListOut,
    ExpiringQuery,
    GrantOut,
    SigningKeyListOut,
)
from kernel import clock
from kernel.calendar import shanghai_day
from kernel.exports.lists import export_door
from kernel.http import PUBLIC, SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, PageQuery, page_schema
from registry.accounts.models import REVIEWERS

CERTIFICATE_PAGE = page_schema(CertificateItemOut)
certificates = Blueprint("certificates", __name__, url_prefix="/api/v1")


@certificates.post("/certification/applications/<uuid:application_id>/grant")
@endpoint(certificates, allow=REVIEWERS, returns=GrantOut(), status=201)
def grant(application_id: UUID) -> Mapping[str, Any]:
    """Issue the certificate once the notice is over and every objection answered."""
    certificate = grants.grant_certificate(application_id, by=current_actor(), now=clock.now())
    status = ApplicationStatus.GRANTED
    return {"id": application_id, "status": status, "certificate": certificate}


@certificates.get("/certificates")
@endpoint(
    certificates,
    allow=PUBLIC,
    accepts=CertificateQuery(),
    returns=CERTIFICATE_PAGE,
    location="query",
)
def search(body: dict[str, Any]) -> Page[CertificateView]:
    """Search the public directory, the newest first."""
    paging = {name: body.pop(name) for name in ("limit", "cursor")}
    wanted, today = CertificateFilter(**body), shanghai_day(clock.now())
    return list_certificates(current_actor(), wanted, on=today, **paging)


export_door(certificates, "/certificates/export", of=search, sheet=CERTIFICATES)


@certificates.get("/certificates/expiring")
@endpoint(
    certificates,
    allow=SIGNED_IN,
    accepts=ExpiringQuery(),
    returns=CERTIFICATE_PAGE,
    location="query",
)
def expiring(body: dict[str, Any]) -> Page[CertificateView]:
    """List the certificates one looks after that end soon, the first to end first."""
    return list_expiring(current_actor(), **body, on=shanghai_day(clock.now()))


export_door(
    certificates,
    "/certificates/expiring/export",
    of=expiring,
    sheet=replace(CERTIFICATES, name="expiring_certificates"),
)


@certificates.get("/certificates/nearing-capacity")
@endpoint(
    certificates,
    allow=SIGNED_IN,
    accepts=PageQuery(),
    returns=CERTIFICATE_PAGE,
    location="query",
)
def nearing(body: dict[str, Any]) -> Page[CertificateView]:
    """List the certificates one looks after whose year is nearly sold."""
    return list_nearing(current_actor(), **body, on=shanghai_day(clock.now()))


export_door(
    certificates,
    "/certificates/nearing-capacity/export",
    of=nearing,
    sheet=replace(CERTIFICATES, name="certificates_nearing_capacity"),
)


@certificates.get("/certificates/terms")
@endpoint(certificates, allow=PUBLIC, returns=CertificateRuleListOut())
def list_terms() -> Mapping[str, Sequence[CertificateRule]]:
    """List the terms of certificates in force today, with their sources."""
    return {"items": list_rules(current_actor(), on=shanghai_day(clock.now()))}


@certificates.get("/certificates/keys")
@endpoint(certificates, allow=PUBLIC, returns=SigningKeyListOut())
def list_keys() -> Mapping[str, Any]:
    """List the public keys with which certificates are verified offline, retired ones too."""
    return {"keys": list_signing_keys(current_actor())}


@certificates.get("/certificates/<number>")
@endpoint(certificates, allow=PUBLIC, returns=CertificateOut())
def verify(number: str) -> CertificateView:
    """Verify a certificate by its number: status, holder, product, validity, signature."""
    return get_view_by_number(current_actor(), number, on=shanghai_day(clock.now()))


@certificates.post("/certificates/<uuid:certificate_id>/warn")
@endpoint(certificates, allow=REVIEWERS, accepts=CertificateChangeIn(), returns=CertificateOut())
def warn(body: dict[str, Any], certificate_id: UUID) -> CertificateView:
    """Warn the holder; the certificate stays what it is."""
    return _change(certificate_id, ChangeKind.WARNED, body)


@certificates.post("/certificates/<uuid:certificate_id>/suspend")
@endpoint(certificates, allow=REVIEWERS, accepts=CertificateChangeIn(), returns=CertificateOut())
def suspend(body: dict[str, Any], certificate_id: UUID) -> CertificateView:
    """Stop new orders for the time being; accepted ones go on."""
    return _change(certificate_id, ChangeKind.SUSPENDED, body)


@certificates.post("/certificates/<uuid:certificate_id>/reinstate")
@endpoint(certificates, allow=REVIEWERS, accepts=CertificateChangeIn(), returns=CertificateOut())
def reinstate(body: dict[str, Any], certificate_id: UUID) -> CertificateView:
    """Let new orders in again after a suspension."""
    return _change(certificate_id, ChangeKind.REINSTATED, body)


@certificates.post("/certificates/<uuid:certificate_id>/revoke")
@endpoint(certificates, allow=REVIEWERS, accepts=CertificateChangeIn(), returns=CertificateOut())
def revoke(body: dict[str, Any], certificate_id: UUID) -> CertificateView:
    """End a certificate for good; accepted orders go on."""
    return _change(certificate_id, ChangeKind.REVOKED, body)


def _change(certificate_id: UUID, change: ChangeKind, body: dict[str, Any]) -> CertificateView:
    actor, now = current_actor(), clock.now()
    changes.change_certificate(certificate_id, change, **body, by=actor, now=now)
    return get_view(actor, CertificateId(certificate_id), on=shanghai_day(now))
