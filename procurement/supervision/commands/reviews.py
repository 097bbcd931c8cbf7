"""After a year's end: proposing a matter of every unit whose promise was not kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import SYSTEM
from kernel.calendar import shanghai_day, shanghai_year, year_bounds
from kernel.database import db
from kernel.identity import new_id
from procurement.supervision.commands.matters import NewMatter, propose_matter
from procurement.supervision.commands.standings import watch
from procurement.supervision.models.matters import Cause
from procurement.supervision.models.reviews import YearReview
from procurement.supervision.queries import reviews as queries
from procurement.supervision.queries.terms import find_supervision_rule
from procurement.supervision.rules import reviews as rules
from procurement.supervision.rules.circulars import INSTANT


def review_next(*, now: datetime) -> int:
    """Look through the next place whose day has come; give how many there were, 0 or 1.

    A place is looked through once a year, for the year before, as of its last instant.
    """
    today, year = shanghai_day(now), shanghai_year(now) - 1
    for region_code in queries.list_unreviewed(SYSTEM, year=year):
        rule = find_supervision_rule(SYSTEM, region_code, on=today)
        if rules.is_due(rule, year=year, today=today):
            _review(region_code, year=year, now=now)
            return 1
    return 0


def _review(region_code: str, *, year: int, now: datetime) -> None:
    """Propose the matters of a place; a timer that does so at the same moment is left to it."""
    values = {"id": new_id(), "region_code": region_code, "year": year, "at": now}
    statement = insert(YearReview).values(values).on_conflict_do_nothing()
    made = db.session.scalar(statement.returning(YearReview.id))
    if made is None:
        return
    proposed, unwatched = _propose(region_code, year=year, now=now)
    after = {"year": year, "proposed": proposed, "unwatched": unwatched}
    subject = ("supervision_review", made)
    audit.write("review_year", subject=subject, by=SYSTEM, now=now, after=after)


def _propose(region_code: str, *, year: int, now: datetime) -> tuple[int, int]:
    """Give how many were proposed, and of how many units nobody watches over them."""
    seen = watch(SYSTEM, region_code, year=year, as_of=year_bounds(year)[1] - INSTANT)
    unkept = {
        one.unit.id: one
        for one in seen.units
        if one.unit.region_code == region_code and rules.is_unkept(one)
    }
    bureaus = queries.list_bureaus_around(SYSTEM, region_code)
    units = queries.list_unspoken(SYSTEM, unkept, year=year, cause=Cause.UNMET)
    asked = {unit.id: rules.supervisor_of(unit, bureaus) for unit in units}
    for unit in units:
        supervisor_id = asked[unit.id]
        if supervisor_id is not None:
            demand = rules.demand_of(unkept[unit.id], year=year)
            new = NewMatter(unit.id, year, Cause.UNMET, demand)
            propose_matter(unit, new, supervisor_id=supervisor_id, now=now)
    unwatched = sum(one is None for one in asked.values())
    return len(asked) - unwatched, unwatched
