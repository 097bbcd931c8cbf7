"""Loading the platform's hours and days, and when a wait is told upwards."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import SYSTEM
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.identity import new_id
from procurement.approvals import queries
from procurement.approvals.models import (
    ApprovalTerm,
    TermCode,
)

DEFAULT_FROM = date(2021, 1, 1)
DEFAULT_SOURCE = "系统默认配置 / configured default"
DEFAULT_TERMS = {TermCode.WAIT_HOURS: 48, TermCode.SPLIT_DAYS: 30}


def load_approval_terms(now: datetime) -> None:
    """Load the platform's hours and days where none are there yet; changes nothing twice."""
    rows = [
        {"id": new_id(), "code": code, "value": value, "from_on": DEFAULT_FROM}
        for code, value in DEFAULT_TERMS.items()
    ]
    added = db.session.execute(
        insert(cast("Table", ApprovalTerm.__table__))
        .values([{**row, "source": DEFAULT_SOURCE} for row in rows])
        .on_conflict_do_nothing(constraint="uq_approval_term_code_from_on")
        .returning(ApprovalTerm.code)
    ).scalars()
    if codes := sorted(added):
        subject = ("approval_term", "all")
        audit.write(
            "load_approval_terms", subject=subject, by=SYSTEM, now=now, after={"codes": codes}
        )


def next_due(*, now: datetime) -> datetime:
    """Give the instant from which a wait that begins now is told upwards."""
    hours = queries.find_term(SYSTEM, TermCode.WAIT_HOURS, on=shanghai_day(now))
    return now + timedelta(hours=hours)
