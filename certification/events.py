"""What certification announces."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.events import Event


@dataclass(frozen=True)
class CertificateGranted(Event):
    """A product may be sold under a certificate from today."""

    certificate_id: UUID


@dataclass(frozen=True)
class CertificateSuspended(Event):
    """New orders under the certificate stop at once; accepted ones go on."""

    certificate_id: UUID


@dataclass(frozen=True)
class CertificateReinstated(Event):
    """A suspended certificate is in force again."""

    certificate_id: UUID


@dataclass(frozen=True)
class CertificateRevoked(Event):
    """The certificate has ended for good before its time."""

    certificate_id: UUID


@dataclass(frozen=True)
class CertificateExpired(Event):
    """The certificate's validity has ended."""

    certificate_id: UUID
