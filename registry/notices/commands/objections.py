"""Take objections, answer them, mask their words, and extend a notice that one is right about."""

from __future__ import annotations

from datetime import datetime

from kernel import audit
from kernel.actor import ANYONE, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import NotFound
from kernel.events import record
from kernel.identity import new_id
from registry.accounts.commands.disclosures import record_disclosure
from registry.accounts.models import UserId
from registry.accounts.queries.accounts import is_member
from registry.documents.rules import check_clear_of_identity
from registry.events import NoticeExtended
from registry.notices import queries, rules
from registry.notices.models import NoticeExtension, NoticeId, Objection, ObjectionId
from registry.notices.rules import NewObjection, NewReply


def lodge_objection(
    notice_id: NoticeId, *, objection: NewObjection, by: Actor, now: datetime
) -> Objection:
    """Take an objection while the notice runs, from anybody.

    Refuses NotFound, MatterClosed, NoticeClosed, IdentityInText.
    """
    notice = queries.lock_notice(by, notice_id)
    today = shanghai_day(now)
    rules.check_may_object(notice, is_closed=queries.has_outcome(by, notice.id), today=today)
    check_clear_of_identity(objection.text, pointer="/text")
    lodged = Objection(
        id=ObjectionId(new_id()),
        notice_id=notice.id,
        text=objection.text,
        contact=objection.contact,
        lodged_by_id=None if by == ANYONE else UserId(by.user_id),
        party_id=notice.party_id,
        lodged_at=now,
        due_on=queries.get_closing_day(by, today, working_days=notice.reply_working_days),
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
    OwnOrganisation, ObjectionAnswered, SamePerson (who objected), IdentityInText. A late answer
    is taken: no answer would be worse.
    """
    objection = _lock_foreign(objection_id, by=by)
    if notice_id not in (None, objection.notice_id):
        raise NotFound
    rules.check_reply(objection, by=by)
    check_clear_of_identity(reply.reply, pointer="/reply")
    objection.reply = reply.reply
    objection.upheld = reply.upheld
    objection.replied_by = UserId(by.user_id)
    objection.replied_for_id = by.organisation_id
    objection.replied_at = now
    db.session.flush()
    audit.write(
        "reply_to_objection",
        subject=("objection", objection.id),
        by=by,
        now=now,
        after={"reply": reply.reply, "upheld": reply.upheld},
    )
    if reply.upheld:
        _extend(objection, by=by, now=now)
    return objection


def _extend(objection: Objection, *, by: Actor, now: datetime) -> None:
    """Move the closing day later by the days of the rule, and keep what it was.

    A matter that is closed is not opened again.
    """
    notice = queries.lock_notice(by, objection.notice_id)
    if queries.has_outcome(by, notice.id):
        return
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

    Refuses NotFound, OwnOrganisation, IdentityInText, ContactInText. A better masking replaces
    one before it.
    """
    objection = _lock_foreign(objection_id, by=by)
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


def disclose_contact(
    objection_id: ObjectionId, *, purpose: str, by: Actor, now: datetime
) -> Objection:
    """Give an objection with its contact in clear, for a stated purpose.

    Only to an office of the region at the level that decides (NotAllowed), and to nobody of the
    organisation concerned (OwnOrganisation).
    """
    objection = _lock_foreign(objection_id, by=by)
    rules.check_deciding(queries.get_notice(by, objection.notice_id), by=by)
    check_clear_of_identity(purpose, pointer="/purpose")
    record_disclosure(("objection", objection.id), purpose=purpose, by=by, now=now)
    return objection


def _lock_foreign(objection_id: ObjectionId, *, by: Actor) -> Objection:
    """Lock an objection in sight that is not about an organisation the actor's person is of."""
    objection = queries.lock_objection(by, objection_id)
    party = objection.party_id
    belongs = party is not None and is_member(by, organisation_id=party)
    rules.check_foreign(party, is_member=belongs, by=by)
    return objection
