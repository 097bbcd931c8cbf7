"""Recording the marks of products, confirming and withdrawing them, and letting them lapse."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from certification.certificates.models.certificates import CertificateId
from certification.certificates.models.marks import MarkId, MarkStatus, ProductMark
from certification.certificates.queries.certificates import get_certificate
from certification.certificates.queries.marks import (
    lock_expiring_marks,
    lock_lapsing_marks,
    lock_mark,
)
from certification.certificates.rules import marks as rules
from certification.certificates.rules.marks import NewMark
from certification.events import MarkExpiring, MarkLapsed
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.events import record
from kernel.identity import new_id
from registry.accounts.models import UserId
from registry.accounts.queries.accounts import is_member
from registry.documents.queries import get_document
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId


def record_mark(certificate_id: UUID, new: NewMark, *, by: Actor, now: datetime) -> ProductMark:
    """Record a mark that an own certificate's product bears, with the paper that proves it.

    Refuses NotFound, NotAllowed, WrongState, Invalid, PaperUnneeded, PaperLapsed,
    MarkOutlivesPaper, MarkExists.
    """
    check_clear_of_identity(new.number, pointer="/number")
    check_clear_of_identity(new.issuer, pointer="/issuer")
    today = shanghai_day(now)
    certificate = get_certificate(by, CertificateId(certificate_id), lock=True)
    rules.check_recording(certificate, by=by, today=today)
    paper = get_document(by, new.document_id)
    rules.check_paper(paper, certificate=certificate)
    rules.check_validity(new, paper, today=today)
    mark = ProductMark(
        id=MarkId(new_id()),
        certificate_id=certificate.id,
        holder_id=certificate.holder_id,
        **vars(new),
        status=MarkStatus.RECORDED,
        recorded_by_id=UserId(by.user_id),
        recorded_at=now,
    )
    db.session.add(mark)
    _tell("record_mark", mark, by=by, now=now)
    return mark


def confirm_mark(mark_id: UUID, *, by: Actor, now: datetime) -> ProductMark:
    """Confirm a recorded mark: from now on the public sees it.

    Refuses NotFound, OwnOrganisation, NotAllowed, SamePerson, WrongState.
    """
    mark, certificate = lock_mark(by, mark_id)
    rules.check_confirmation(
        mark,
        region_code=certificate.origin_region_code,
        is_member=is_member(by, organisation_id=mark.holder_id),
        by=by,
        today=shanghai_day(now),
    )
    mark.status = MarkStatus.CONFIRMED
    mark.confirmed_by_id, mark.confirmed_at = UserId(by.user_id), now
    mark.confirmed_for_id = OrganisationId(by.organisation_id) if by.organisation_id else None
    _tell("confirm_mark", mark, by=by, now=now)
    return mark


def withdraw_mark(mark_id: UUID, *, reason: str, by: Actor, now: datetime) -> ProductMark:
    """Withdraw a mark, with the reason; the public sees it no longer.

    Refuses NotFound, OwnOrganisation, NotAllowed, WrongState.
    """
    check_clear_of_identity(reason, pointer="/reason")
    mark, certificate = lock_mark(by, mark_id)
    rules.check_withdrawal(
        mark,
        region_code=certificate.origin_region_code,
        is_member=is_member(by, organisation_id=mark.holder_id),
        by=by,
        today=shanghai_day(now),
    )
    mark.status, mark.reason = MarkStatus.WITHDRAWN, reason
    mark.ended_by_id, mark.ended_at = UserId(by.user_id), now
    _tell("withdraw_mark", mark, by=by, now=now)
    return mark


def lapse_marks(*, now: datetime, limit: int = 500) -> int:
    """Let marks lapse whose last day is over; give how many."""
    due = lock_lapsing_marks(SYSTEM, today=shanghai_day(now), limit=limit)
    for mark in due:
        mark.status, mark.ended_at = MarkStatus.LAPSED, now
        _tell("lapse_mark", mark, by=SYSTEM, now=now)
        record(MarkLapsed(mark_id=mark.id, certificate_id=mark.certificate_id), now=now)
    return len(due)


def warn_of_marks(*, now: datetime, limit: int = 500) -> int:
    """Tell once of each confirmed mark that lapses within thirty days; give of how many."""
    due = lock_expiring_marks(SYSTEM, today=shanghai_day(now), limit=limit)
    for mark in due:
        mark.warned_at = now
        _tell("warn_of_mark", mark, by=SYSTEM, now=now)
        record(MarkExpiring(mark_id=mark.id, certificate_id=mark.certificate_id), now=now)
    return len(due)


def _tell(action: str, mark: ProductMark, *, by: Actor, now: datetime) -> None:
    """Write what is in memory, and the act beside it."""
    db.session.flush()
    after = {
        "certificate_id": mark.certificate_id,
        "kind": mark.kind,
        "number": mark.number,
        "status": mark.status,
        "valid_until_on": mark.valid_until_on,
        "reason": mark.reason,
    }
    audit.write(action, subject=("product_mark", mark.id), by=by, now=now, after=after)
