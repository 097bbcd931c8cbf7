"""Which notices run, what was said against them, and which days the calendar corrects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, or_, select, true

from kernel.actor import Actor, Sight
from kernel.calendar import closing_day
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from kernel.rows import locked
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

ANY_SUBJECT = "any"


@dataclass(frozen=True)
class NoticeView:
    """A notice with all that was said and done about it; the archive's page."""

    notice: Notice
    objections: Sequence[Objection]
    extensions: Sequence[NoticeExtension]
    postings: Sequence[NoticePosting]
    outcome: NoticeOutcome | None


def get_notice_view(actor: Actor, notice_id: NoticeId) -> NoticeView:
    """Give a notice with its objections, extensions, boards and outcome, or NotFound."""
    extensions = select(NoticeExtension).where(NoticeExtension.notice_id == notice_id)
    postings = select(NoticePosting).where(NoticePosting.notice_id == notice_id)
    outcome = select(NoticeOutcome).where(NoticeOutcome.notice_id == notice_id)
    return NoticeView(
        notice=get_notice(actor, notice_id),
        objections=list_objections(actor, notice_id),
        extensions=list(db.session.scalars(extensions.order_by(NoticeExtension.id))),
        postings=list(db.session.scalars(postings.order_by(NoticePosting.id))),
        outcome=db.session.scalar(outcome),
    )


def get_notice(actor: Actor, notice_id: NoticeId) -> Notice:
    """Give a notice, or NotFound; notices are public."""
    del actor
    notice = db.session.get(Notice, notice_id)
    if notice is None:
        raise NotFound
    return notice


def lock_notice(actor: Actor, notice_id: NoticeId) -> Notice:
    """Give a notice, locked, so that no objection arrives while it is decided on."""
    del actor
    return locked(select(Notice).where(Notice.id == notice_id))


def lock_notice_in_sight(actor: Actor, notice_id: NoticeId) -> Notice:
    """Give a notice of the actor's region, locked, or NotFound."""
    notice = db.session.scalar(
        select(Notice)
        .where(Notice.id == notice_id, _covered(actor))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if notice is None:
        raise NotFound
    return notice


def find_notice(actor: Actor, *, subject: tuple[str, UUID]) -> Notice | None:
    """Find the latest notice of a matter."""
    del actor
    return db.session.execute(
        select(Notice).where(_is_about(subject)).order_by(Notice.round.desc()).limit(1)
    ).scalar_one_or_none()


def has_outcome(actor: Actor, notice_id: NoticeId) -> bool:
    """Say whether the matter of a notice is decided or withdrawn."""
    del actor
    query = select(NoticeOutcome.id).where(NoticeOutcome.notice_id == notice_id)
    return db.session.scalar(query) is not None


def count_rounds(actor: Actor, *, subject: tuple[str, UUID]) -> int:
    """Count how often a matter was put on notice."""
    del actor
    return db.session.execute(select(func.count(Notice.id)).where(_is_about(subject))).scalar_one()


def list_notices(
    actor: Actor,
    *,
    subject_kind: str | None,
    subject_id: UUID | None,
    region_prefix: str,
    limit: int,
    cursor: str | None,
) -> Page[Notice]:
    """List the notices inside a region, the newest first."""
    del actor
    statement = select(Notice).where(Notice.region_code.startswith(region_prefix))
    if subject_kind is not None:
        statement = statement.where(Notice.subject_kind == subject_kind)
    if subject_id is not None:
        statement = statement.where(Notice.subject_id == subject_id)
    return page(
        statement,
        keys=[(Notice.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"kind": subject_kind, "id": subject_id, "region": region_prefix},
    )


def list_objections(actor: Actor, notice_id: NoticeId) -> list[Objection]:
    """List the objections to a notice, the first first; the door decides what of them to show."""
    del actor
    return list(
        db.session.execute(
            select(Objection).where(Objection.notice_id == notice_id).order_by(Objection.id)
        ).scalars()
    )


def list_objections_in_sight(
    actor: Actor, *, is_open: bool | None, limit: int, cursor: str | None
) -> Page[Objection]:
    """List the objections of the actor's region, the oldest first."""
    statement = (
        select(Objection).join(Notice, Notice.id == Objection.notice_id).where(_covered(actor))
    )
    if is_open is not None:
        statement = statement.where(Objection.replied_at.is_(None) == is_open)
    return page(
        statement,
        keys=[(Objection.id, False)],
        limit=limit,
        cursor=cursor,
        filters={"open": is_open},
    )


def lock_objection(actor: Actor, objection_id: ObjectionId) -> Objection:
    """Give an objection to a notice of the actor's region, locked, or NotFound."""
    return locked(
        select(Objection)
        .join(Notice, Notice.id == Objection.notice_id)
        .where(Objection.id == objection_id, _covered(actor)),
        of=Objection,
    )


def find_rule(actor: Actor, subject_kind: str, *, on: date) -> NoticeRule | None:
    """Find the days in force for a kind of matter; else those for any."""
    del actor  # rules are public
    until = NoticeRule.in_force_until_on
    query = select(NoticeRule).where(
        NoticeRule.subject_kind.in_([subject_kind, ANY_SUBJECT]),
        NoticeRule.in_force_from_on <= on,
        or_(until.is_(None), until > on),
    )
    own_first = (NoticeRule.subject_kind == subject_kind).desc()
    return db.session.scalar(query.order_by(own_first, NoticeRule.in_force_from_on.desc()).limit(1))


def lock_newest_rule(actor: Actor, subject_kind: str) -> NoticeRule | None:
    """Give the newest rule of a kind of matter, locked, so that its successor comes once."""
    del actor  # rules are public
    query = select(NoticeRule).where(NoticeRule.subject_kind == subject_kind)
    return db.session.scalar(
        query.order_by(NoticeRule.in_force_from_on.desc())
        .limit(1)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def list_rules(actor: Actor) -> list[NoticeRule]:
    """List all rules of notices, those to come and those that ended too."""
    del actor  # rules are public
    order = (NoticeRule.subject_kind, NoticeRule.in_force_from_on)
    return list(db.session.scalars(select(NoticeRule).order_by(*order)))


def list_calendar_overrides(actor: Actor) -> Mapping[date, bool]:
    """Give the days on which offices work, or do not, against the packaged calendar."""
    del actor
    rows = db.session.execute(select(CalendarDay.day_on, CalendarDay.is_working))
    return {row.day_on: row.is_working for row in rows}


def get_closing_day(actor: Actor, opens_on: date, *, working_days: int) -> date:
    """Give the first day on which what opens on a day is over, by the corrected calendar."""
    overrides = list_calendar_overrides(actor)
    return closing_day(opens_on, working_days=working_days, overrides=overrides)


def list_calendar_days(actor: Actor, *, limit: int, cursor: str | None) -> Page[CalendarDay]:
    """List the corrected days with their sources, the latest first."""
    del actor
    return page(select(CalendarDay), keys=[(CalendarDay.day_on, True)], limit=limit, cursor=cursor)


def _is_about(subject: tuple[str, UUID]) -> ColumnElement[bool]:
    return (Notice.subject_kind == subject[0]) & (Notice.subject_id == subject[1])


def _covered(actor: Actor) -> ColumnElement[bool]:
    if actor.sight is Sight.ALL:
        return true()
    if actor.sight is Sight.REGION:
        return Notice.region_code.startswith(actor.region_prefix)
    return false()
