"""Opening notices: the clock, the number, the rounds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID, uuid1

import pytest
from sqlalchemy.orm import Session

from kernel.actor import ANYONE, SYSTEM
from kernel.audit import AuditRow
from kernel.errors import NotFound
from kernel.identity import new_id
from registry.accounts.models import Role
from registry.notices.commands.notices import open_notice
from registry.notices.commands.objections import lodge_objection
from registry.notices.commands.settings import correct_calendar
from registry.notices.models import Notice, NoticeId
from registry.notices.queries import (
    find_notice,
    get_notice,
    list_objections,
    list_objections_in_sight,
)
from registry.notices.rules import CorrectedDay, NewObjection
from tests.builders import registry as build

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


def _open(subject: tuple[str, UUID] | None = None, *, now: datetime = NOW) -> Notice:
    kind, subject_id = subject or ("application", new_id())
    return open_notice(
        subject=(kind, subject_id),
        region_code="440203103",
        working_days=5,
        rule_source="演示办法第九条",
        by=SYSTEM,
        now=now,
    )


def test_a_notice_runs_its_working_days_from_the_shanghai_day_it_opens_on(
    db_session: Session, written: Callable[[], list[AuditRow]]
) -> None:
    notice = _open()
    assert (notice.opens_on, notice.closes_on) == (date(2026, 3, 2), date(2026, 3, 10))
    assert notice.number == "BF-N-2026-440203-000001"
    assert db_session.get(Notice, notice.id) is notice
    assert written()[-1].action == "open_notice"
    late = _open(now=datetime(2026, 3, 2, 16, tzinfo=UTC))
    assert (late.opens_on, late.closes_on) == (date(2026, 3, 3), date(2026, 3, 11))
    assert late.number == "BF-N-2026-440203-000002"


def test_a_corrected_day_counts_for_notices_that_open_after_it(db_session: Session) -> None:
    del db_session
    before = _open()
    day = CorrectedDay(day_on=date(2026, 3, 4), is_working=False, source="演示")
    correct_calendar(day, by=SYSTEM, now=NOW)
    assert _open().closes_on == date(2026, 3, 11)
    assert before.closes_on == date(2026, 3, 10)


def test_a_matter_that_comes_back_gets_another_notice(db_session: Session) -> None:
    del db_session
    subject = ("application", new_id())
    assert find_notice(ANYONE, subject=subject) is None
    first, second = _open(subject), _open(subject)
    assert (first.round, second.round) == (1, 2)
    assert find_notice(ANYONE, subject=subject) is second
    assert get_notice(ANYONE, first.id) is first


def test_objections_are_listed_the_first_first_and_only_offices_see_all(
    db_session: Session,
) -> None:
    del db_session
    notice = _open()
    said = [
        lodge_objection(notice.id, objection=NewObjection(text=words), by=ANYONE, now=NOW)
        for words in ("一", "二")
    ]
    assert list_objections(ANYONE, notice.id) == said
    page = list_objections_in_sight(SYSTEM, is_open=None, limit=10, cursor=None)
    assert page.items == said
    clerk = build.person(Role.COOP_CLERK)
    assert list_objections_in_sight(clerk, is_open=None, limit=10, cursor=None).items == []
    with pytest.raises(NotFound):
        get_notice(ANYONE, NoticeId(uuid1()))
