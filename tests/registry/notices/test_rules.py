"""When a notice may be decided on, objected to, answered; dates of `docs/rules/notices.md`."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from kernel.actor import Actor
from kernel.calendar import closing_day
from kernel.errors import OwnOrganisation, SamePerson
from kernel.identity import new_id
from registry.errors.notices import (
    MatterClosed,
    NoticeClosed,
    NoticeRunning,
    ObjectionAnswered,
    ObjectionOpen,
)
from registry.notices.models import Notice, Objection
from registry.notices.rules import (
    check_foreign,
    check_may_object,
    check_notice_over,
    check_reply,
    is_running,
)

ANSWERED_AT = datetime(2026, 3, 5, tzinfo=UTC)
NOTICE = Notice(opens_on=date(2026, 3, 2), closes_on=date(2026, 3, 10))
OPEN = Objection(replied_at=None)
ANSWERED = Objection(replied_at=ANSWERED_AT)
SOMEBODY = Actor(new_id(), new_id())


@pytest.mark.parametrize(
    ("opens_on", "working_days", "closes_on"),
    [
        # Monday: Tuesday to Friday and the next Monday are the five days
        (date(2026, 3, 2), 5, date(2026, 3, 10)),
        # Friday: the five days are the next week, Saturday is the first after it
        (date(2026, 3, 6), 5, date(2026, 3, 14)),
        # Spring Festival 2026: 15 to 23 February are off, Saturday 14 is worked
        (date(2026, 2, 12), 5, date(2026, 2, 27)),
        # National Day 2026: 1 to 7 October are off, Saturday 10 is worked
        (date(2026, 9, 30), 3, date(2026, 10, 11)),
        # beyond the published calendar: Monday to Friday
        (date(2027, 6, 4), 1, date(2027, 6, 8)),
    ],
)
def test_a_notice_closes_after_its_whole_working_days(
    opens_on: date, working_days: int, closes_on: date
) -> None:
    assert closing_day(opens_on, working_days=working_days) == closes_on


def test_a_corrected_day_moves_the_closing_day() -> None:
    overrides = {date(2026, 3, 4): False, date(2026, 3, 7): True}
    assert closing_day(date(2026, 3, 2), working_days=5, overrides=overrides) == date(2026, 3, 10)
    assert closing_day(
        date(2026, 3, 2), working_days=5, overrides={date(2026, 3, 4): False}
    ) == date(2026, 3, 11)


def test_a_notice_runs_until_the_day_it_closes_on() -> None:
    assert is_running(NOTICE, today=date(2026, 3, 9))
    assert not is_running(NOTICE, today=date(2026, 3, 10))


def test_a_running_notice_is_not_decided_on() -> None:
    with pytest.raises(NoticeRunning) as refusal:
        check_notice_over(NOTICE, [ANSWERED], today=date(2026, 3, 9))
    assert refusal.value.figures == {"closes_on": date(2026, 3, 10)}
    assert refusal.value.code == "notice_running"


def test_an_open_objection_holds_the_decision_back_after_the_last_day() -> None:
    with pytest.raises(ObjectionOpen) as refusal:
        check_notice_over(NOTICE, [OPEN, ANSWERED, OPEN], today=date(2026, 3, 10))
    assert refusal.value.figures == {"count": 2}
    assert refusal.value.code == "objection_open"


def test_a_notice_is_over_when_its_days_are_and_all_is_answered() -> None:
    check_notice_over(NOTICE, [], today=date(2026, 3, 10))
    check_notice_over(NOTICE, [ANSWERED], today=date(2026, 3, 10))


def test_the_public_objects_to_the_last_day_and_not_after() -> None:
    check_may_object(NOTICE, is_closed=False, today=date(2026, 3, 9))
    with pytest.raises(NoticeClosed) as refusal:
        check_may_object(NOTICE, is_closed=False, today=date(2026, 3, 10))
    assert refusal.value.figures == {"closes_on": date(2026, 3, 10)}
    with pytest.raises(MatterClosed):
        check_may_object(NOTICE, is_closed=True, today=date(2026, 3, 3))


def test_an_objection_is_answered_once() -> None:
    check_reply(OPEN, by=SOMEBODY)
    with pytest.raises(ObjectionAnswered):
        check_reply(ANSWERED, by=SOMEBODY)


def test_who_objected_or_is_concerned_does_not_answer() -> None:
    with pytest.raises(SamePerson):
        check_reply(Objection(replied_at=None, lodged_by_id=SOMEBODY.user_id), by=SOMEBODY)
    with pytest.raises(OwnOrganisation):
        check_foreign(SOMEBODY.organisation_id, is_member=False, by=SOMEBODY)
    with pytest.raises(OwnOrganisation):
        check_foreign(new_id(), is_member=True, by=SOMEBODY)
    check_foreign(new_id(), is_member=False, by=SOMEBODY)
    check_foreign(None, is_member=False, by=SOMEBODY)
