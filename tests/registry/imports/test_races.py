"""X7: the same file, twenty times at once, is one import and one list of households.

And X2: a task that is killed while it writes leaves nothing, and the next one finishes.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from kernel import clock
from kernel.database import db
from kernel.imports import commands
from kernel.imports.commands import advance_import
from kernel.imports.contents import keep_content
from kernel.progress import ATTEMPTS
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build
from tests.racing import at_once
from tests.registry.households.test_imports import row, sheet

PATH = "/api/v1/imports"
RUNNERS = 20
ROWS = 3000
KILLS = 5
PATIENCE = 30.0


@pytest.fixture
def token(fresh: Flask) -> str:
    with fresh.app_context():
        build.village()
        office = build.organisation(OrganisationKind.AUTHORITY)
        made = build.token_of(build.user(office, [Role.COUNTY_REVIEWER]))
        db.session.commit()
    return made


def hand_in(app: Flask, token: str, content: bytes, key: str) -> Any:
    return app.test_client().post(
        PATH,
        data={"list": "households", "file": (BytesIO(content), "list.bin")},
        content_type="multipart/form-data",
        headers={"Idempotency-Key": key, "Authorization": f"Bearer {token}"},
    )


def many(app: Flask, act: Callable[[int], Any]) -> list[Any]:
    return at_once(app, [partial(act, number) for number in range(RUNNERS)])


def number_of(app: Flask, table: str) -> int:
    with app.app_context():
        return int(db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608


def test_the_same_file_twenty_times_at_once_is_one_import(fresh: Flask, token: str) -> None:
    content = sheet([row(), row()], kind="csv")
    answers = many(fresh, lambda number: hand_in(fresh, token, content, f"key-{number}"))
    assert {one.status_code for one in answers} == {201}
    (import_id,) = {one.json["id"] for one in answers}
    headers = {"Authorization": f"Bearer {token}"}
    path = f"{PATH}/{import_id}/commit"
    done = many(fresh, lambda _: fresh.test_client().post(path, headers=headers))
    assert {one.status_code for one in done} == {200}
    assert (number_of(fresh, "sheet_import"), number_of(fresh, "household")) == (1, 2)


def test_without_the_constraint_the_same_file_is_many_imports(
    fresh: Flask, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None ends before all have put their row and looked for one: each finds its own."""
    with fresh.app_context():
        db.session.execute(text("ALTER TABLE sheet_import DROP CONSTRAINT uq_sheet_import_content"))
        db.session.commit()
    inserted = threading.Barrier(RUNNERS, timeout=PATIENCE)

    def keep(*said: Any) -> None:
        inserted.wait()
        keep_content(*said)

    monkeypatch.setattr(commands, "keep_content", keep)
    content = sheet([row()], kind="csv")
    answers = many(fresh, lambda number: hand_in(fresh, token, content, f"key-{number}"))
    assert {one.status_code for one in answers} == {201}
    assert number_of(fresh, "sheet_import") == RUNNERS


def _accepted(app: Flask, token: str) -> str:
    """Hand in a list that is long work, check it, and ask for it to be written."""
    made: Any = hand_in(app, token, sheet([row() for _ in range(ROWS)], kind="csv"), "long")
    assert made.json["state"] == "received"
    with app.app_context():
        assert run(lambda: advance_import(now=clock.now())) == 1
    headers = {"Authorization": f"Bearer {token}"}
    path = f"{PATH}/{made.json['id']}"
    answer: Any = app.test_client().post(f"{path}/commit", headers=headers)
    assert (answer.status_code, answer.json["state"]) == (200, "accepted"), answer.json
    return path


def _killed_while_writing(app: Flask, *, after: Callable[[], None]) -> None:
    """Write in a process of its own, and kill it after a while."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    child = os.fork()
    if child == 0:
        with app.app_context():
            run(lambda: advance_import(now=clock.now()))
        os._exit(0)
    after()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_a_killed_task_leaves_all_or_nothing_and_the_next_one_finishes(
    fresh: Flask, token: str
) -> None:
    path = _accepted(fresh, token)
    headers = {"Authorization": f"Bearer {token}"}
    for number in range(KILLS):
        _killed_while_writing(fresh, after=partial(time.sleep, 0.1 + number * 0.15))
        state: Any = fresh.test_client().get(path, headers=headers).json
        there = number_of(fresh, "household")
        assert (state["state"], there) in {("accepted", 0), ("committed", ROWS)}
        assert state["done"] <= ROWS
    with fresh.app_context():
        run(lambda: advance_import(now=clock.now()))
    answer: Any = fresh.test_client().get(path, headers=headers).json
    assert (answer["state"], answer["rows"], answer["done"]) == ("committed", ROWS, ROWS)
    assert number_of(fresh, "household") == ROWS
    assert number_of(fresh, "audit_row WHERE action = 'register_household'") == ROWS


def test_a_list_written_in_pieces_is_left_half_by_a_kill(
    fresh: Flask, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _accepted(fresh, token)

    def in_pieces(_: Any, running: Any) -> None:
        for chunk in running.rest:
            running.importer.write(chunk.rows)
            db.session.commit()
            time.sleep(0.3)

    monkeypatch.setattr(commands, "write", in_pieces)
    deadline = time.monotonic() + 20

    def until_some_are_written() -> None:
        while number_of(fresh, "household") == 0 and time.monotonic() < deadline:
            time.sleep(0.02)

    _killed_while_writing(fresh, after=until_some_are_written)
    there = number_of(fresh, "household")
    assert 0 < there < ROWS


def test_an_import_that_breaks_again_and_again_is_given_up(
    fresh: Flask, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _accepted(fresh, token)

    def broken(*_: Any) -> None:
        raise RuntimeError("out of memory, say")

    monkeypatch.setattr(commands, "write", broken)
    with fresh.app_context():
        for _ in range(ATTEMPTS):
            with pytest.raises(RuntimeError):
                run(lambda: advance_import(now=clock.now()))
        run(lambda: advance_import(now=clock.now()))
    headers = {"Authorization": f"Bearer {token}"}
    answer: Any = fresh.test_client().get(path, headers=headers).json
    assert answer["state"] == "failed"
    assert number_of(fresh, "household") == 0
