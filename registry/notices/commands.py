"""Put matters before the public, take objections, answer them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import closing_day, shanghai_day, shanghai_year
from kernel.database import db
from kernel.errors import NotFound
from kernel.events import record
from kernel.identity import new_id
from kernel.numbers import next_number
from registry.accounts.commands.disclosures import record_disclosure
from registry.accounts.models import UserId
from registry.documents.queries import get_document
from registry.documents.rules import check_clear_of_identity
from registry.events import NoticeExtended
from registry.notices import queries, rules
from registry.notices.models import (
    CalendarDay,
    Notice,
    NoticeExtension,
    NoticeId,
    NoticeOutcome,
    NoticePosting,
    NoticeRule,
    Objection,
    ObjectionId,
)
from registry.notices.rules import (
    CorrectedDay,
    NewNoticeRule,
    NewObjection,
    NewPosting,
    NewReply,
)

COUNTY_DIGITS = 6


def open_notice(
    *,
    subject: tuple[str, UUID],
    region_code: str,
    working_days: int,
    rule_source: str,
    by: Actor,
    now: datetime,
    deciding_level: str | None = None,
) -> Notice:
    """Put a matter before the public from today for so many working days.

    The closing day is fixed now, by the calendar as it is known now; the days for answers and
    extensions are those of the rule in force. The caller holds the matter's row locked; two
    notices at once are refused as NoticeExists.
    """
    opens_on = shanghai_day(now)
    rule = queries.find_rule(by, subject[0], on=opens_on)
    notice = Notice(
        id=NoticeId(new_id()),
        number=next_number(
            "BF-N", region_code=region_code[:COUNTY_DIGITS], year=shanghai_year(now)
        ),
        subject_kind=subject[0],
        subject_id=subject[1],
        round=queries.count_rounds(by, subject=subject) + 1,
        region_code=region_code,
        opens_on=opens_on,
        working_days=working_days,
        closes_on=closing_day(
            opens_on, working_days=working_days, overrides=queries.list_calendar_overrides(by)
        ),
        rule_source=rule_source,
        reply_working_days=None if rule is None else rule.reply_working_days,
        extension_working_days=None if rule is None else rule.extension_working_days,
        deciding_level=deciding_level,
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
    notice = queries.lock_notice(by, notice_id)
    today = shanghai_day(now)
    rules.check_may_object(notice, today=today)
    check_clear_of_identity(objection.text, pointer="/text")
    lodged = Objection(
        id=ObjectionId(new_id()),
        notice_id=notice.id,
        text=objection.text,
        contact=objection.contact,
        lodged_at=now,
        due_on=closing_day(
            today,
            working_days=notice.reply_working_days,
            overrides=queries.list_calendar_overrides(by),
        ),
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

    One that is found right extends its notice. Refuses NotFound (also out of sight),
    ObjectionAnswered, IdentityInText. A late answer is taken: no answer would be worse.
    """
    objection = queries.lock_objection(by, objection_id)
    if notice_id not in (None, objection.notice_id):
        raise NotFound
    rules.check_reply(objection)
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
    if reply.upheld and not queries.has_outcome(by, objection.notice_id):
        _extend(objection, by=by, now=now)
    return objection


def _extend(objection: Objection, *, by: Actor, now: datetime) -> None:
    """Move the closing day later by the days of the rule, and keep what it was."""
    notice = queries.lock_notice(by, objection.notice_id)
    closed_on = notice.closes_on
    notice.closes_on = rules.extended_closing_day(
        notice, today=shanghai_day(now), overrides=queries.list_calendar_overrides(by)
    )
    extension = NoticeExtension(
        id=new_id(),
        notice_id=notice.id,
        objection_id=objection.id,
        closed_on=closed_on,
        closes_on=notice.closes_on,
        working_days=notice.extension_working_days,
        by_id=UserId(by.user_id),
        at=now,
    )
    db.session.add(extension)
    db.session.flush()
    after = {"closed_on": closed_on, "closes_on": notice.closes_on}
    audit.write("extend_notice", subject=("notice", notice.id), by=by, now=now, after=after)
    record(NoticeExtended(notice_id=notice.id), now=now)


def publish_objection(
    objection_id: ObjectionId, *, text: str, by: Actor, now: datetime
) -> Objection:
    """Put the words of an objection before everybody, as the office masked them.

    Refuses NotFound, IdentityInText, ContactInText. A better masking replaces one before it.
    """
    objection = queries.lock_objection(by, objection_id)
    check_clear_of_identity(text, pointer="/text")
    rules.check_masked(text, contact=objection.contact)
    objection.published_text, objection.published_at = text, now
    db.session.flush()
    audit.write(
        "publish_objection",
        subject=("objection", objection.id),
        by=by,
        now=now,
        after={"published_text": text},
    )
    return objection


def post_notice(
    notice_id: NoticeId, *, posting: NewPosting, by: Actor, now: datetime
) -> NoticePosting:
    """Say on which board a notice of the actor's region hangs, with its photo."""
    notice = queries.lock_notice_in_sight(by, notice_id)
    rules.check_posting(notice, posted_on=posting.posted_on, today=shanghai_day(now))
    check_clear_of_identity(posting.place, pointer="/place")
    photo = get_document(by, posting.document_id)
    made = NoticePosting(
        id=new_id(),
        notice_id=notice.id,
        level=posting.level,
        place=posting.place,
        document_id=photo.id,
        posted_on=posting.posted_on,
        posted_by=UserId(by.user_id),
        at=now,
    )
    db.session.add(made)
    db.session.flush()
    audit.write("post_notice", subject=("notice", notice.id), by=by, now=now, after=asdict(posting))
    return made


def close_matter(notice_id: NoticeId, *, outcome: str, by: Actor, now: datetime) -> None:
    """Keep what became of the matter of a notice, for the archive that everybody reads."""
    db.session.add(NoticeOutcome(id=new_id(), notice_id=notice_id, outcome=outcome, at=now))
    db.session.flush()
    audit.write(
        "close_matter", subject=("notice", notice_id), by=by, now=now, after={"outcome": outcome}
    )


def disclose_contact(
    objection_id: ObjectionId, *, purpose: str, by: Actor, now: datetime
) -> Objection:
    """Give an objection with its contact in clear, for a stated purpose.

    Only to an office of the region at the level that decides (NotAllowed).
    """
    objection = queries.lock_objection(by, objection_id)
    rules.check_deciding(queries.get_notice(by, objection.notice_id), by=by)
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
