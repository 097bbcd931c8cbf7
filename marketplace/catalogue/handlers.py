"""What the catalogue does when a certificate's state changes, or its supplier ends."""

from __future__ import annotations

from datetime import datetime

from certification.certificates.models.certificates import CertificateId
from certification.events import (
    CertificateExpired,
    CertificatePapersRenewed,
    CertificateReinstated,
    CertificateRenewed,
    CertificateRevoked,
    CertificateSuspended,
)
from marketplace.catalogue.commands import following
from registry.events import OrganisationAbolished, OrganisationMerged
from registry.organisations.models import OrganisationId


def follow_certificate(
    event: CertificateSuspended
    | CertificateReinstated
    | CertificateRevoked
    | CertificateExpired
    | CertificatePapersRenewed
    | CertificateRenewed,
    *,
    now: datetime,
) -> None:
    """Move the certificate's listings on to its successor, block them, or bring them back."""
    following.follow_certificate(CertificateId(event.certificate_id), now=now)


def block_supplier(event: OrganisationMerged | OrganisationAbolished, *, now: datetime) -> None:
    """Block what an organisation that has ended has on sale."""
    following.block_supplier(OrganisationId(event.organisation_id), now=now)
