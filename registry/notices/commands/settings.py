"""Adopt the days of notices, and correct the calendar they are counted by."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from importlib.resources import files
from typing import Any

import orjson
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.identity import new_id
from registry.documents.rules import check_clear_of_identity
from registry.notices import queries, rules
from registry.notices.models import CalendarDay, NoticeRule
from registry.notices.rules import CorrectedDay, NewNoticeRule


def correct_calendar(day: CorrectedDay, *, by: Actor, now: datetime) -> CorrectedDay:
    """Say whether offices work on a day; notices that run already keep their closing day."""
    check_clear_of_identity(day.source, pointer="/source")
    values = {"is_working": day.is_working, "source": day.source}
    db.session.execute(
        insert(CalendarDay)
        .values(day_on=day.day_on, **values)
        .on_conflict_do_update(index_elements=[CalendarDay.day_on], set_=values)
    )
    audit.write(
        "correct_calendar",
        subject=("calendar_day", day.day_on.isoformat()),
        by=by,
        now=now,
        after=values,
    )
    return day


def adopt_notice_rule(new: NewNoticeRule, *, by: Actor, now: datetime) -> NoticeRule:
    """Adopt the days of a kind of matter from a day to come; notices that run keep theirs."""
    check_clear_of_identity(new.source, pointer="/source")
    before = queries.lock_newest_rule(by, new.subject_kind)
    rules.check_rule_succession(before, from_on=new.in_force_from_on, today=shanghai_day(now))
    if before is not None:
        before.in_force_until_on = new.in_force_from_on
    rule = NoticeRule(id=new_id(), in_force_until_on=None, **asdict(new))
    db.session.add(rule)
    db.session.flush()
    audit.write(
        "adopt_notice_rule", subject=("notice_rule", rule.id), by=by, now=now, after=asdict(new)
    )
    return rule


def load_notice_rules(now: datetime) -> None:
    """Load the rules that come with the program and are not there yet; change none."""
    del now
    rows: list[dict[str, Any]] = orjson.loads(
        files("registry.notices").joinpath("rules.json").read_bytes()
    )
    begins = [{**row, "id": new_id()} for row in rows]
    db.session.execute(insert(NoticeRule).values(begins).on_conflict_do_nothing())
