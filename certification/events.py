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


@dataclass(frozen=True)
class CertificateWarned(Event):
    """The holder was warned; the certificate stays what it is."""

    certificate_id: UUID


@dataclass(frozen=True)
class CertificateRenewed(Event):
    """The certificate has a successor, which begins where it ends."""

    certificate_id: UUID


@dataclass(frozen=True)
class CertificateScopeChanged(Event):
    """Name, specification or yearly quantity of a certificate are different from now on."""

    certificate_id: UUID


@dataclass(frozen=True)
class CertificateExpiring(Event):
    """The certificate ends within days that its region's rule names."""

    certificate_id: UUID


@dataclass(frozen=True)
class CertificatePapersLapsed(Event):
    """A paper that the certificate rests on has lapsed; nothing is sold under it until another."""

    certificate_id: UUID


@dataclass(frozen=True)
class CertificatePapersRenewed(Event):
    """The certificate rests on another paper too."""

    certificate_id: UUID


@dataclass(frozen=True)
class MarkExpiring(Event):
    """A mark of a product lapses within thirty days."""

    mark_id: UUID
    certificate_id: UUID


@dataclass(frozen=True)
class MarkLapsed(Event):
    """A mark of a product is not shown any more: its time is over."""

    mark_id: UUID
    certificate_id: UUID


@dataclass(frozen=True)
class CapacityNearing(Event):
    """So much of a certificate's year is sold or held that a threshold was crossed."""

    certificate_id: UUID
    capacity_id: UUID


@dataclass(frozen=True)
class InspectionsDrawn(Event):
    """Certificates were drawn for inspection; which ones stays hidden."""

    plan_id: UUID


@dataclass(frozen=True)
class DrawRevealed(Event):
    """Nothing of the draw is hidden any more; anyone can recompute it."""

    plan_id: UUID


@dataclass(frozen=True)
class InspectionStarted(Event):
    """An inspection has begun; from now on the inspected may know of it."""

    task_id: UUID


@dataclass(frozen=True)
class FindingOverdue(Event):
    """The deadline to put a finding right has passed."""

    finding_id: UUID


@dataclass(frozen=True)
class InspectionClosed(Event):
    """All that the inspection found is put right."""

    task_id: UUID


@dataclass(frozen=True)
class ComplaintLodged(Event):
    """Somebody of the public complains of certified goods."""

    complaint_id: UUID


@dataclass(frozen=True)
class ComplaintAnswered(Event):
    """A complaint has its answer."""

    complaint_id: UUID
