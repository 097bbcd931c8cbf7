"""What is said about notices, and when they may be decided on, objected to, and answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from kernel.actor import Actor
from kernel.calendar import ONE_DAY, closing_day
from kernel.errors import NotAllowed, OwnOrganisation, SamePerson
from registry.documents.models import DocumentId
from registry.errors.notices import (
    ContactInText,
    MatterClosed,
    NoticeClosed,
    NoticeRuleOverlaps,
    NoticeRunning,
    ObjectionAnswered,
    ObjectionOpen,
    PostingEarly,
)
from registry.notices.models import Notice, NoticeRule, Objection
from registry.regions.rules import level_of


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
class NewPosting:
    """A board that carries a notice: of which level, where, with which photo, since when."""

    level: str
    place: str
    document_id: DocumentId
    posted_on: date


@dataclass(frozen=True)
class NewNoticeRule:
    """The days of notices of one kind of matter from a day to come, with their document."""

    subject_kind: str
    reply_working_days: int
    extension_working_days: int
    in_force_from_on: date
    source: str


@dataclass(frozen=True)
class CorrectedDay:
    """A day on which offices work, or do not, with the document that says so."""

    day_on: date
    is_working: bool
    source: str


def is_running(notice: Notice, *, today: date) -> bool:
    """Say whether the public may still object (`today` is a Shanghai day)."""
    return today < notice.closes_on


def check_notice_over(notice: Notice, objections: Iterable[Objection], *, today: date) -> None:
    """Refuse a decision before the notice's days are over or while an objection is open."""
    if is_running(notice, today=today):
        raise NoticeRunning(closes_on=notice.closes_on)
    check_answered(objections)


def check_answered(objections: Iterable[Objection]) -> None:
    """Refuse a decision while an objection is open."""
    if count := sum(objection.replied_at is None for objection in objections):
        raise ObjectionOpen(count=count)


def check_may_object(notice: Notice, *, is_closed: bool, today: date) -> None:
    """Refuse an objection to a matter that is closed, and to a notice whose days are over."""
    if is_closed:
        raise MatterClosed
    if not is_running(notice, today=today):
        raise NoticeClosed(closes_on=notice.closes_on)


def check_reply(objection: Objection, *, by: Actor) -> None:
    """Refuse a second answer, and one by who objected (SamePerson)."""
    if objection.replied_at is not None:
        raise ObjectionAnswered
    if by.user_id == objection.lodged_by_id:
        raise SamePerson


def check_foreign(party_id: UUID | None, *, is_member: bool, by: Actor) -> None:
    """Let nobody of the organisation concerned act, whomever they act for (OwnOrganisation)."""
    if is_member or (party_id is not None and by.organisation_id == party_id):
        raise OwnOrganisation


def extended_closing_day(notice: Notice, *, today: date, overrides: Mapping[date, bool]) -> date:
    """Tell until when an upheld objection keeps a notice open.

    The days are counted from the last day of the notice, or from today where it is over: the
    closing day only ever moves later.
    """
    last_day = max(notice.closes_on - ONE_DAY, today)
    return closing_day(last_day, working_days=notice.extension_working_days, overrides=overrides)


def check_deciding(notice: Notice, *, by: Actor) -> None:
    """Let only the level that decides learn who objected (NotAllowed)."""
    level = notice.deciding_level
    if level is not None and level_of(by.region_code).value != level:
        raise NotAllowed


def check_masked(text: str, *, contact: str | None) -> None:
    """Refuse a text for the public that carries the objector's contact."""
    if contact is not None and contact.strip() and contact.strip() in text:
        raise ContactInText(pointer="/text")


def check_posting(notice: Notice, *, posted_on: date, today: date) -> None:
    """Refuse a posting before the notice opened or on a day to come."""
    if not notice.opens_on <= posted_on <= today:
        raise PostingEarly(pointer="/posted_on", opens_on=notice.opens_on)


def check_rule_succession(before: NoticeRule | None, *, from_on: date, today: date) -> None:
    """Want a rule that begins after today and after the one before it."""
    latest = today if before is None else max(today, before.in_force_from_on)
    if from_on <= latest:
        raise NoticeRuleOverlaps(pointer="/in_force_from_on", in_force_from_on=latest)
