"""Letting a colleague approve for a time, and taking that back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import NotAllowed, WrongState
from kernel.identity import new_id
from procurement.approvals import queries
from procurement.approvals.models import (
    ApprovalDelegation,
    DelegationId,
)
from procurement.approvals.rules import (
    check_delegate,
    check_period,
)
from registry.accounts.models import Role, UserId
from registry.accounts.queries.people import list_accounts_of
from registry.documents.rules import check_clear_of_identity
from registry.organisations.models import OrganisationId


@dataclass(frozen=True, slots=True)
class NewDelegation:
    """Who approves for the actor, in [from, until), and why."""

    delegate_id: UserId
    until_on: date
    reason: str
    from_on: date | None = None


def delegate(new: NewDelegation, *, by: Actor, now: datetime) -> ApprovalDelegation:
    """Let a colleague approve for the actor for a time.

    Refuses NotAllowed, DelegationUnfit, DelegationExists where the time is delegated already.
    """
    if by.organisation_id is None or not by.has(Role.UNIT_APPROVER):
        raise NotAllowed
    check_clear_of_identity(new.reason, pointer="/reason")
    unit_id, today = OrganisationId(by.organisation_id), shanghai_day(now)
    from_on = new.from_on or today
    check_period(from_on, until_on=new.until_on, today=today)
    user = queries.find_user(by, new.delegate_id)
    own = list_accounts_of(by, {by.user_id})
    check_delegate(user, own=own, unit_id=unit_id)
    made = ApprovalDelegation(
        id=DelegationId(new_id()),
        unit_id=unit_id,
        delegator_id=UserId(by.user_id),
        delegate_id=new.delegate_id,
        from_on=from_on,
        until_on=new.until_on,
        reason=new.reason,
        created_at=now,
    )
    db.session.add(made)
    db.session.flush()
    after = {"delegate": new.delegate_id, "from_on": from_on, "until_on": new.until_on}
    subject = ("approval_delegation", made.id)
    audit.write("delegate_approval", subject=subject, by=by, now=now, after=after)
    return made


def revoke_delegation(
    delegation_id: DelegationId, *, by: Actor, now: datetime
) -> ApprovalDelegation:
    """Take a delegation of one's own back, from this instant (NotFound, WrongState)."""
    found = queries.lock_delegation(by, delegation_id)
    if found.revoked_at is not None:
        raise WrongState(state="revoked", wanted="in_force")
    found.revoked_at = now
    db.session.flush()
    subject = ("approval_delegation", found.id)
    audit.write("revoke_delegation", subject=subject, by=by, now=now, after={"revoked_at": now})
    return found
