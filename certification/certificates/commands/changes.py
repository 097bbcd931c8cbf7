"""Suspending, reinstating, revoking and expiring, and telling of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import update

from certification import events
from certification.certificates.models.capacities import Capacity
from certification.certificates.models.certificates import (
    Certificate,
    CertificateChange,
    CertificateId,
    CertificateStatus,
    ChangeKind,
)
from certification.certificates.queries.capacities import lock_capacities
from certification.certificates.queries.certificates import list_due, lock_family
from certification.certificates.rules import certificates as rules
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.events import Event, record
from kernel.identity import new_id
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity

NEWS: Mapping[ChangeKind, type[Event]] = MappingProxyType(
    {
        ChangeKind.GRANTED: events.CertificateGranted,
        ChangeKind.SUSPENDED: events.CertificateSuspended,
        ChangeKind.REINSTATED: events.CertificateReinstated,
        ChangeKind.REVOKED: events.CertificateRevoked,
        ChangeKind.EXPIRED: events.CertificateExpired,
        ChangeKind.WARNED: events.CertificateWarned,
        ChangeKind.SCOPE_CHANGED: events.CertificateScopeChanged,
        ChangeKind.RENEWED: events.CertificateRenewed,
    }
)


def change_certificate(
    certificate_id: UUID, change: ChangeKind, *, reason: str, by: Actor, now: datetime
) -> Certificate:
    """Warn, suspend, reinstate or revoke: orders stop (or may come) with this transaction.

    What was ordered before goes on. A successor that has not begun goes the same way.
    """
    check_clear_of_identity(reason, pointer="/reason")
    today = shanghai_day(now)
    certificate, later = lock_family(by, CertificateId(certificate_id), today=today)
    rules.check_change(certificate, change, by=by, today=today)
    changed = [certificate]
    if later is not None and rules.spreads(change, later.status):
        changed.append(later)
    if change in rules.OUTCOMES:
        _become(changed, change)
    for one in changed:
        tell_change(one, change, reason=reason, by=by, now=now)
    return certificate


def expire_certificates(*, now: datetime, limit: int = 500) -> int:
    """End certificates whose last day is over; give how many, `limit` means there may be more."""
    due = list_due(SYSTEM, today=shanghai_day(now), limit=limit)
    _become(due, ChangeKind.EXPIRED)
    for certificate in due:
        tell_change(certificate, ChangeKind.EXPIRED, reason="", by=SYSTEM, now=now)
    return len(due)


def _become(certificates: Sequence[Certificate], change: ChangeKind) -> None:
    """Set the state and open or shut the capacities with it, locked in key order as the gate's."""
    status = rules.OUTCOMES[change]
    for certificate in certificates:
        certificate.status = status
    capacity_ids = lock_capacities(SYSTEM, [one.id for one in certificates])
    years = update(Capacity).where(Capacity.id.in_(capacity_ids))
    db.session.execute(years.values(is_open=status is CertificateStatus.IN_FORCE))


def tell_change(
    certificate: Certificate, change: ChangeKind, *, reason: str, by: Actor, now: datetime
) -> None:
    """Write what changed into history, audit and news."""
    person = None if by is SYSTEM else UserId(by.user_id)
    db.session.add(
        CertificateChange(
            id=new_id(),
            certificate_id=certificate.id,
            kind=change,
            reason=reason,
            by_id=person,
            at=now,
        )
    )
    db.session.flush()
    audit.write(
        f"certificate_{change}",
        subject=("certificate", certificate.id),
        by=by,
        now=now,
        after={"status": certificate.status, "reason": reason},
    )
    record(NEWS[change](certificate_id=certificate.id), now=now)  # type: ignore[call-arg]
