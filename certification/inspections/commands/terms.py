"""Loading the terms of inspections, and counting the working days that they give."""

from __future__ import annotations

from datetime import date, datetime
from importlib.resources import files
from typing import Any, cast

import orjson
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from certification.errors.inspections import NoInspectionTerms
from certification.inspections.models.tasks import InspectionRule
from certification.inspections.queries.tasks import find_rule
from kernel import audit
from kernel.actor import SYSTEM
from kernel.database import db
from kernel.identity import new_id
from registry.notices.queries import get_closing_day


def load_inspection_rules(now: datetime) -> None:
    """Load the terms that come with the program and are not there yet; change none."""
    content = files("certification.inspections").joinpath("terms.json").read_bytes()
    rows: list[dict[str, Any]] = orjson.loads(content)
    statement = (
        insert(cast("Table", InspectionRule.__table__))
        .values([{"id": new_id(), **row} for row in rows])
        .on_conflict_do_nothing(constraint="uq_inspection_rule_code")
        .returning(InspectionRule.code)
    )
    added = sorted(db.session.execute(statement).scalars())
    if added:
        subject = ("inspection_rule", "all")
        audit.write(
            "load_inspection_rules", subject=subject, by=SYSTEM, now=now, after={"codes": added}
        )


def get_terms(region_code: str, *, on: date) -> InspectionRule:
    """Get the terms that hold for a place on a day (NoInspectionTerms)."""
    rule = find_rule(SYSTEM, region_code, on=on)
    if rule is None:
        raise NoInspectionTerms
    return rule


def deadline_after(today: date, *, working_days: int) -> date:
    """Give the first day on which something due in so many working days is late."""
    return get_closing_day(SYSTEM, today, working_days=working_days)
