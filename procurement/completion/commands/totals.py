"""Making the totals beside the entries anew, from the entries alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from kernel import audit
from kernel.actor import SYSTEM
from kernel.database import db
from procurement.completion.queries.totals import (
    AMOUNTS,
    MONTH_KEY,
    MONTHS_BY_ENTRIES,
    YEAR_KEY,
    YEAR_TOTALS,
    YEARS_BY_ENTRIES,
    count_differences,
)

PATIENCE = "10min"
"""A rebuild reads every entry there is; the house's limit is for what people wait for."""


def rebuild_totals(*, now: datetime) -> int:
    """Write every total anew, while no entry is written; give how many were wrong before."""
    db.session.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE}'"))
    db.session.execute(text("LOCK TABLE quota_entry IN SHARE MODE"))
    wrong = count_differences(SYSTEM)
    for statement in (
        "DELETE FROM completion_year",
        f"INSERT INTO completion_year ({YEAR_KEY}, {YEAR_TOTALS}) {YEARS_BY_ENTRIES}",
        "DELETE FROM completion_month",
        f"INSERT INTO completion_month ({MONTH_KEY}, {AMOUNTS}) {MONTHS_BY_ENTRIES}",
    ):
        db.session.execute(text(statement))
    audit.write(
        "rebuild_completion",
        subject=("completion", "all"),
        by=SYSTEM,
        now=now,
        after={"wrong": wrong},
    )
    return wrong


def check_totals() -> int:
    """Count the totals that are not what their entries add up to, and change nothing."""
    db.session.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE}'"))
    return count_differences(SYSTEM)
