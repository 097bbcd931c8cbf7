"""Issuing circulars that are drawn up, and withdrawing them."""

from __future__ import annotations

from datetime import datetime

from kernel import audit
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotAllowed, SamePerson, WrongState
from kernel.events import record
from kernel.numbers import next_number
from procurement.events import CircularPublished
from procurement.supervision.models.circulars import Circular, CircularId, CircularStatus
from procurement.supervision.queries.circulars import get_circular, lock_circular
from registry.accounts.models import UserId
from registry.accounts.queries.people import list_accounts_of
from registry.documents.rules import check_clear_of_identity


def issue_circular(circular_id: CircularId, *, by: Actor, now: datetime) -> Circular:
    """Issue a circular under a number; another person than who drew it up.

    Refuses NotAllowed, WrongState, SamePerson, CircularIssued.
    """
    circular = own_circular(circular_id, CircularStatus.DRAFT, by=by)
    if by.user_id in list_accounts_of(by, {circular.drawn_by}):
        raise SamePerson
    circular.number = next_number("BF-TB", region_code=circular.region_code, year=circular.year)
    circular.status = CircularStatus.ISSUED
    circular.issued_by, circular.issued_at = UserId(by.user_id), now
    leave_trace(circular, "issue_circular", by=by, now=now)
    record(CircularPublished(circular_id=circular.id), now=now)
    return circular


def withdraw_circular(
    circular_id: CircularId, *, reason: str, by: Actor, now: datetime
) -> Circular:
    """Take back a circular that is out, with the reason; it stays readable as withdrawn."""
    check_clear_of_identity(reason, pointer="/reason")
    circular = own_circular(circular_id, CircularStatus.ISSUED, by=by)
    circular.status, circular.withdrawal_reason = CircularStatus.WITHDRAWN, reason
    leave_trace(circular, "withdraw_circular", by=by, now=now)
    return circular


def own_circular(circular_id: CircularId, wanted: CircularStatus, *, by: Actor) -> Circular:
    """Give a circular of the actor's office, locked (NotFound, NotAllowed, WrongState).

    The task that draws it up holds its row meanwhile: who comes then is told so, and waits not.
    """
    _check(get_circular(by, circular_id), wanted, by=by)
    circular = lock_circular(by, circular_id)
    _check(circular, wanted, by=by)
    return circular


def _check(circular: Circular, wanted: CircularStatus, *, by: Actor) -> None:
    if circular.organisation_id != by.organisation_id:
        raise NotAllowed
    if circular.status is not wanted:
        raise WrongState(state=circular.status, wanted=wanted)


def leave_trace(circular: Circular, act: str, *, by: Actor, now: datetime) -> None:
    """Write the circular, and to the trail what became of it."""
    db.session.flush()
    digest = None if circular.digest is None else circular.digest.hex()
    after = {"status": circular.status, "digest": digest}
    if circular.reason is not None:
        after["reason"] = circular.reason
    audit.write(act, subject=("circular", circular.id), by=by, now=now, after=after)
