"""When a threshold may begin, and to whom an approver may delegate."""

from __future__ import annotations

from datetime import date, timedelta

from procurement.errors.approvals import DelegationUnfit, ThresholdBackdated
from registry.accounts.models import AppUser, UserId
from registry.organisations.models import OrganisationId

LONGEST_DELEGATION = timedelta(days=92)


def check_beginning(from_on: date, *, today: date) -> None:
    """Refuse a threshold that would rewrite the past (ThresholdBackdated; Shanghai days)."""
    if from_on < today:
        raise ThresholdBackdated(pointer="/from_on", today=today)


def check_delegate(
    delegate: AppUser | None, *, delegator_id: UserId, unit_id: OrganisationId
) -> None:
    """Refuse anybody but another open account of the approver's own unit (DelegationUnfit)."""
    if (
        delegate is None
        or delegate.id == delegator_id
        or delegate.organisation_id != unit_id
        or delegate.closed_at is not None
    ):
        raise DelegationUnfit(pointer="/delegate_id")


def check_period(from_on: date, *, until_on: date, today: date) -> None:
    """Refuse a delegation that began in the past, ends before it begins, or lasts too long."""
    if from_on < today or not from_on < until_on <= from_on + LONGEST_DELEGATION:
        raise DelegationUnfit(pointer="/until_on")
