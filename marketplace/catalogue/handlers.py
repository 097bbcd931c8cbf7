"""What the catalogue does when a certificate's state changes."""

from __future__ import annotations

from datetime import datetime

from certification.certificates.models.certificates import CertificateId
from certification.events import (
    CertificateExpired,
    CertificateReinstated,
    CertificateRevoked,
    CertificateSuspended,
)
from marketplace.catalogue import commands


def follow_certificate(
    event: CertificateSuspended | CertificateReinstated | CertificateRevoked | CertificateExpired,
    *,
    now: datetime,
) -> None:
    """Block the certificate's listings, or bring them back."""
    commands.follow_certificate(CertificateId(event.certificate_id), now=now)
