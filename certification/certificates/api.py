"""Doors to certificates: the grant, the public directory, and changes by reviewers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from certification.applications.models import ApplicationStatus
from certification.certificates import queries
from certification.certificates.commands import changes, grants
from certification.certificates.models import CertificateId, ChangeKind
from certification.certificates.queries import CertificateView
from certification.certificates.schemas import (
    CertificateChangeIn,
    CertificateItemOut,
    CertificateOut,
    CertificateQuery,
    GrantOut,
    SigningKeyListOut,
)
from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from registry.accounts.models import REVIEWERS

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
    returns=page_schema(CertificateItemOut),
    location="query",
)
def list_certificates(body: dict[str, Any]) -> Page[CertificateView]:
    """Search the public directory by product, holder or number, the newest first."""
    return queries.list_certificates(current_actor(), **body, on=shanghai_day(clock.now()))


@certificates.get("/certificates/keys")
@endpoint(certificates, allow=PUBLIC, returns=SigningKeyListOut())
def list_keys() -> Mapping[str, Any]:
    """List the public keys with which certificates are verified offline."""
    return {"keys": queries.list_signing_keys(current_actor())}


@certificates.get("/certificates/<number>")
@endpoint(certificates, allow=PUBLIC, returns=CertificateOut())
def verify(number: str) -> CertificateView:
    """Verify a certificate by its number: status, holder, product, validity, signature."""
    today = shanghai_day(clock.now())
    return queries.get_view_by_number(current_actor(), number, on=today)


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
    return queries.get_view(actor, CertificateId(certificate_id), on=shanghai_day(now))
