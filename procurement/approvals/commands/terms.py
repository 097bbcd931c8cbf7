"""Loading the platform's hours and days, and when a wait is told upwards."""

from __future__ import annotations

from datetime import datetime, timedelta

from kernel.actor import SYSTEM
from kernel.calendar import shanghai_day
from kernel.terms import load_terms
from procurement.approvals import queries
from procurement.approvals.models import ApprovalTerm, TermCode

DEFAULTS = {TermCode.WAIT_HOURS: 48, TermCode.SPLIT_DAYS: 30}


def load_approval_terms(now: datetime) -> None:
    """Load the platform's hours and days where none are there yet; changes nothing twice."""
    load_terms(ApprovalTerm, DEFAULTS, now=now)


def next_due(*, now: datetime) -> datetime:
    """Give the instant from which a wait that begins now is told upwards."""
    hours = queries.find_term(SYSTEM, TermCode.WAIT_HOURS, on=shanghai_day(now))
    return now + timedelta(hours=hours)
