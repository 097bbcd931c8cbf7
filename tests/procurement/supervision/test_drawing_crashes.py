"""A circular whose task is killed, breaks or is begun twice is drawn up once, from the start."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from kernel.actor import SYSTEM
from kernel.audit import AuditRow
from kernel.database import db
from kernel.progress import note_progress
from kernel.unit_of_work import run
from procurement.supervision.commands import drawing
from procurement.supervision.commands.circulars import issue_circular
from procurement.supervision.commands.drawing import advance_circular, compare_circular
from procurement.supervision.models.circulars import (
    Circular,
    CircularId,
    CircularStatus,
    CircularView,
)
from procurement.supervision.queries.circulars import get_circular_view
from tests.procurement.supervision.drawing import (
    APRIL,
    EACH,
    PLACES,
    City,
    city,
    county_by_county,
)
from tests.racing import Act, interleave, rival

__all__ = ["county_by_county"]
KILLS = 3
UNITS = EACH * len(PLACES)
MOST_STATEMENTS = 40
pytestmark = pytest.mark.usefixtures("county_by_county")


@pytest.fixture
def there(fresh: Flask) -> City:
    with fresh.app_context():
        made = run(city)
        db.session.remove()
    return made


def ask(there: City) -> CircularId:
    return run(lambda: there.ask().id)


def look(circular_id: CircularId) -> CircularView:
    db.session.remove()
    return run(lambda: get_circular_view(SYSTEM, circular_id), report=True)


def advance() -> int:
    return run(lambda: advance_circular(now=APRIL), snapshot=True)


def traces(circular_id: CircularId) -> list[str]:
    rows = select(AuditRow.action).where(AuditRow.subject_id == str(circular_id))
    return run(lambda: list(db.session.scalars(rows.order_by(AuditRow.position))))


def test_a_killed_task_leaves_it_waiting_and_the_next_one_draws_it_whole(
    fresh: Flask, there: City
) -> None:
    with fresh.app_context():
        circular_id = ask(there)
        for number in range(KILLS):
            _killed_in_the_middle(fresh, circular_id, attempt=number + 1)
            seen = look(circular_id)
            assert (seen.found.status, seen.attempts) == (CircularStatus.DRAWING, number + 1)
            assert 0 < seen.done < UNITS == seen.rows
            assert (seen.found.contents, seen.found.digest) == (None, None)
        assert advance() == 1
        made = look(circular_id)
        assert (made.found.status, made.done, made.rows) == (CircularStatus.DRAFT, UNITS, UNITS)
        assert made.attempts == KILLS + 1
        assert traces(circular_id) == ["ask_circular", "draw_circular"]
        assert run(lambda: compare_circular(circular_id, by=there.by)).same
        assert advance() == 0


def _killed_in_the_middle(app: Flask, circular_id: CircularId, *, attempt: int) -> None:
    """Draw in a process of its own, slow after each portion, and kill it after one of them."""
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:

        def slowly(progress: Any, key: Any, **figures: int) -> None:
            note_progress(progress, key, **figures)
            time.sleep(0.2)

        vars(drawing)["note_progress"] = slowly
        with app.app_context():
            advance()
        os._exit(0)
    end = time.monotonic() + 20
    while time.monotonic() < end:
        seen = look(circular_id)
        if seen.attempts == attempt and 0 < seen.done < UNITS:
            break
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_a_task_that_breaks_after_some_portions_is_done_again_from_the_start(
    fresh: Flask, there: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(progress: Any, key: Any, **figures: int) -> None:
        note_progress(progress, key, **figures)
        if figures["done"] > EACH:
            raise RuntimeError("the machine is full, say")

    with fresh.app_context():
        circular_id = ask(there)
        monkeypatch.setattr(drawing, "note_progress", breaks)
        with pytest.raises(RuntimeError):
            advance()
        broken = look(circular_id)
        assert (broken.found.status, broken.done) == (CircularStatus.DRAWING, 3 * EACH)
        monkeypatch.setattr(drawing, "note_progress", note_progress)
        assert advance() == 1
        made = look(circular_id)
        assert (made.found.status, made.attempts) == (CircularStatus.DRAFT, 2)
        assert traces(circular_id) == ["ask_circular", "draw_circular"]


class Draws:
    """Counts how often each circular is drawn up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.number = 0
        self.draw = drawing.draw_contents
        monkeypatch.setattr(drawing, "draw_contents", self)

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.number += 1
        return self.draw(*given, **named)


def told(act: Act) -> str:
    return str(run(act, snapshot=True))


def twice(app: Flask, there: City, draws: Draws) -> list[tuple[int, list[str]]]:
    """Begin a second task before some statements of the first; give draws and traces of each."""
    found = []
    for at in range(0, MOST_STATEMENTS, 3):
        circular_id, before = ask(there), draws.number

        def act() -> int:
            return advance_circular(now=APRIL)

        pair = interleave(app, act, act, at=at, tell=told)
        assert look(circular_id).found.status is CircularStatus.DRAFT
        found.append((draws.number - before, traces(circular_id)))
        if pair is None:
            return found
        assert sorted(pair) == ["0", "1"]
    raise AssertionError("the first has more statements")


def test_a_task_that_is_begun_twice_draws_it_once_at_whatever_moment(
    fresh: Flask, there: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh.app_context():
        found = twice(fresh, there, Draws(monkeypatch))
        assert len(found) > EACH
        assert found == [(1, ["ask_circular", "draw_circular"])] * len(found)


def test_who_would_issue_what_is_being_drawn_is_told_and_does_not_wait(
    fresh: Flask, there: City
) -> None:
    with fresh.app_context():
        circular_id = ask(there)

        def draws() -> None:
            assert advance_circular(now=APRIL) == 1

        def issues() -> None:
            issue_circular(circular_id, by=there.by, now=APRIL)

        assert rival(fresh, draws, issues, waits=False) == "wrong_state"
        assert look(circular_id).found.status is CircularStatus.DRAFT


def test_control_without_the_lock_two_tasks_do_the_same_work(
    fresh: Flask, there: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(actor: object) -> Circular | None:
        del actor
        return db.session.scalar(select(Circular).where(Circular.status == CircularStatus.DRAWING))

    monkeypatch.setattr(drawing, "lock_waiting_circular", unlocked)
    with fresh.app_context():
        found = twice(fresh, there, Draws(monkeypatch))
        assert max(number for number, _ in found) > 1, "the test would see nothing"
