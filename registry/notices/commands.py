"""Put matters before the public, take objections, answer them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import closing_day, shanghai_day, shanghai_year
from kernel.database import db
from kernel.errors import NotFound
from kernel.identity import new_id
from kernel.numbers import next_number
from registry.accounts.commands.disclosures import record_disclosure
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity
from registry.notices.models import CalendarDay, Notice, NoticeId, Objection, ObjectionId
from registry.notices.queries import (
    count_rounds,
    list_calendar_overrides,
    lock_notice,
    lock_objection,
)
from registry.notices.rules import check_may_object, check_reply

COUNTY_DIGITS = 6


@dataclass(frozen=True)
class NewObjection:
    """What somebody of the public says, and how to reach them if they want to be."""

    text: str
    contact: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class NewReply:
    """The office's answer to an objection."""

    reply: str
    upheld: bool


@dataclass(frozen=True)
class CorrectedDay:
    """A day on which offices work, or do not, with the document that says so."""

    day_on: date
    is_working: bool
    source: str


def open_notice(
    *,
    subject: tuple[str, UUID],
    region_code: str,
    working_days: int,
    rule_source: str,
    by: Actor,
    now: datetime,
) -> Notice:
    """Put a matter before the public from today for so many working days.

    The closing day is fixed now, by the calendar as it is known now. The caller holds the
    matter's row locked; two notices at once are refused as NoticeExists.
    """
    opens_on = shanghai_day(now)
    notice = Notice(
        id=NoticeId(new_id()),
        number=next_number(
            "BF-N", region_code=region_code[:COUNTY_DIGITS], year=shanghai_year(now)
        ),
        subject_kind=subject[0],
        subject_id=subject[1],
        round=count_rounds(by, subject=subject) + 1,
        region_code=region_code,
        opens_on=opens_on,
        working_days=working_days,
        closes_on=closing_day(
            opens_on, working_days=working_days, overrides=list_calendar_overrides(by)
        ),
        rule_source=rule_source,
        created_at=now,
    )
    db.session.add(notice)
    db.session.flush()
    audit.write(
        "open_notice",
        subject=("notice", notice.id),
        by=by,
        now=now,
        after={"subject": list(subject), "closes_on": notice.closes_on},
    )
    return notice


def lodge_objection(
    notice_id: NoticeId, *, objection: NewObjection, by: Actor, now: datetime
) -> Objection:
    """Take an objection while the notice runs; refuses NotFound, NoticeClosed, IdentityInText."""
    notice = lock_notice(by, notice_id)
    check_may_object(notice, today=shanghai_day(now))
    check_clear_of_identity(objection.text, pointer="/text")
    lodged = Objection(
        id=ObjectionId(new_id()),
        notice_id=notice.id,
        text=objection.text,
        contact=objection.contact,
        lodged_at=now,
    )
    db.session.add(lodged)
    db.session.flush()
    audit.write("lodge_objection", subject=("objection", lodged.id), by=by, now=now)
    return lodged


def reply_to_objection(
    objection_id: ObjectionId,
    *,
    reply: NewReply,
    by: Actor,
    now: datetime,
    notice_id: NoticeId | None = None,
) -> Objection:
    """Answer an objection of the actor's region, once; `notice_id`, if given, is its notice.

    Refuses NotFound (also out of sight), ObjectionAnswered, IdentityInText.
    """
    objection = lock_objection(by, objection_id)
    if notice_id not in (None, objection.notice_id):
        raise NotFound
    check_reply(objection)
    check_clear_of_identity(reply.reply, pointer="/reply")
    objection.reply = reply.reply
    objection.upheld = reply.upheld
    objection.replied_by = UserId(by.user_id)
    objection.replied_at = now
    db.session.flush()
    audit.write(
        "reply_to_objection",
        subject=("objection", objection.id),
        by=by,
        now=now,
        after={"reply": reply.reply, "upheld": reply.upheld},
    )
    return objection


def disclose_contact(
    objection_id: ObjectionId, *, purpose: str, by: Actor, now: datetime
) -> Objection:
    """Give an objection of the actor's region with its contact in clear, for a stated purpose."""
    objection = lock_objection(by, objection_id)
    check_clear_of_identity(purpose, pointer="/purpose")
    record_disclosure(("objection", objection.id), purpose=purpose, by=by, now=now)
    return objection


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
