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
from certification.certificates.queries.certificates import (
    list_due,
    lock_certificates_of,
    lock_family,
)
from certification.certificates.rules import certificates as rules
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.events import Event, record
from kernel.identity import new_id
from registry.accounts.models import UserId
from registry.accounts.queries.accounts import is_member
from registry.documents.rules import check_clear_of_identity
from registry.organisations.commands.keeping import keep_organisation
from registry.organisations.models import OrganisationId

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


HOLDER_ENDED = "持证主体已合并或撤销 / the holder was merged or abolished"


def change_certificate(
    certificate_id: UUID, change: ChangeKind, *, reason: str, by: Actor, now: datetime
) -> Certificate:
    """Warn, suspend, reinstate or revoke: orders stop (or may come) with this transaction.

    What was ordered before goes on. A successor that has not begun goes the same way. Nothing is
    reinstated whose holder has ended (OrganisationEnded).
    """
    check_clear_of_identity(reason, pointer="/reason")
    today = shanghai_day(now)
    certificate, later = lock_family(by, CertificateId(certificate_id), today=today)
    member = is_member(by, organisation_id=certificate.holder_id)
    rules.check_foreign(certificate, is_member=member, by=by)
    rules.check_change(certificate, change, by=by, today=today)
    if change is ChangeKind.REINSTATED:
        keep_organisation(certificate.holder_id)
    changed = [certificate]
    if later is not None and rules.spreads(change, later.status):
        changed.append(later)
    if change in rules.OUTCOMES:
        _become(changed, change)
    for one in changed:
        tell_change(one, change, reason=reason, by=by, now=now)
    return certificate


def suspend_certificates(holder_id: OrganisationId, *, now: datetime) -> int:
    """Suspend what a holder that has ended has in force; give how many.

    Its goods are another's now, who applies for them in its own name; until then nobody answers
    for them.
    """
    today = shanghai_day(now)
    running = [
        one
        for one in lock_certificates_of(SYSTEM, holder_id)
        if rules.is_change_open(one.status_on(today), ChangeKind.SUSPENDED)
    ]
    _become(running, ChangeKind.SUSPENDED)
    for certificate in running:
        tell_change(certificate, ChangeKind.SUSPENDED, reason=HOLDER_ENDED, by=SYSTEM, now=now)
    return len(running)


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
