"""The platform's hours and days, loaded and set, and when a wait is told upwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.terms import DAYS, NewTerm, load_terms, set_term
from procurement.approvals import queries
from procurement.approvals.models import ApprovalTerm, TermCode
from registry.documents.rules import check_clear_of_identity

DEFAULTS = {TermCode.WAIT_HOURS: 48, TermCode.SPLIT_DAYS: 30}

LIMITS: Mapping[TermCode, tuple[int, int]] = MappingProxyType(
    {TermCode.WAIT_HOURS: (1, 8_760), TermCode.SPLIT_DAYS: DAYS}
)


def set_approval_term(new: NewTerm, *, by: Actor, now: datetime) -> ApprovalTerm:
    """Set the platform's hours or days from a day on; a wait that began keeps its own.

    Refuses TermUnfit, TermBackdated, TermTaken.
    """
    check_clear_of_identity(new.source, pointer="/source")
    return set_term(ApprovalTerm, new, limits=LIMITS[new.code], by=by, now=now)


def load_approval_terms(now: datetime) -> None:
    """Load the platform's hours and days where none are there yet; changes nothing twice."""
    load_terms(ApprovalTerm, DEFAULTS, now=now)


def next_due(*, now: datetime) -> datetime:
    """Give the instant from which a wait that begins now is told upwards."""
    hours = queries.find_term(SYSTEM, TermCode.WAIT_HOURS, on=shanghai_day(now))
    return now + timedelta(hours=hours)
