"""When a notice may be decided on, objected to, and answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from registry.errors.notices import NoticeClosed, NoticeRunning, ObjectionAnswered, ObjectionOpen
from registry.notices.models import Notice, Objection


def is_running(notice: Notice, *, today: date) -> bool:
    """Say whether the public may still object (`today` is a Shanghai day)."""
    return today < notice.closes_on


def check_notice_over(notice: Notice, objections: Iterable[Objection], *, today: date) -> None:
    """Refuse a decision before the notice's days are over or while an objection is open."""
    if is_running(notice, today=today):
        raise NoticeRunning(closes_on=notice.closes_on)
    if count := sum(objection.replied_at is None for objection in objections):
        raise ObjectionOpen(count=count)


def check_may_object(notice: Notice, *, today: date) -> None:
    """Refuse an objection to a notice whose days are over."""
    if not is_running(notice, today=today):
        raise NoticeClosed(closes_on=notice.closes_on)


def check_reply(objection: Objection) -> None:
    """Refuse a second answer."""
    if objection.replied_at is not None:
        raise ObjectionAnswered
