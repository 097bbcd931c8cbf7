"""An export whose task is killed or breaks waits for the next one; none is half there."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from kernel import clock, files
from kernel.database import db
from kernel.exports import commands, making
from kernel.exports.commands import advance_export
from kernel.progress import ATTEMPTS
from kernel.unit_of_work import run
from tests.builders import registry as build
from tests.registry.imports.test_background_exports import HOUSEHOLDS, PATH, ask, clerk

KILLS = 3


@pytest.fixture
def token(fresh: Flask) -> str:
    with fresh.app_context():
        build.village()
        for _ in range(HOUSEHOLDS):
            build.household()
        made = clerk()
        db.session.commit()
    return made


def test_an_export_that_breaks_again_and_again_is_given_up(
    fresh: Flask, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ask(fresh.test_client(), token)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("out of disk, say")

    monkeypatch.setattr(commands, "make", broken)
    with fresh.app_context():
        for _ in range(ATTEMPTS):
            with pytest.raises(RuntimeError):
                run(lambda: advance_export(now=clock.now()), snapshot=True)
        assert run(lambda: advance_export(now=clock.now()), snapshot=True) == 1
    headers = {"Authorization": f"Bearer {token}"}
    failed: Any = fresh.test_client().get(f"{PATH}/{made.json['id']}", headers=headers).json
    assert (failed["state"], failed["reason"]) == ("failed", "given_up")
    assert failed["attempts"] == ATTEMPTS


def test_a_killed_task_leaves_it_waiting_and_the_next_one_makes_it(
    fresh: Flask, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = fresh.test_client()
    made = ask(client, token)
    path, headers = f"{PATH}/{made.json['id']}", {"Authorization": f"Bearer {token}"}
    monkeypatch.setattr(making, "PIECE", 50)
    for _ in range(KILLS):
        _killed_while_making(fresh, monkeypatch, UUID(made.json["id"]))
        seen: Any = client.get(path, headers=headers).json
        assert (seen["state"], seen["rows"]) == ("asked", 0)
        assert client.get(f"{path}/file", headers=headers).status_code == 409
    with fresh.app_context():
        assert run(lambda: advance_export(now=clock.now()), snapshot=True) == 1
    seen = client.get(path, headers=headers).json
    assert (seen["state"], seen["rows"], seen["attempts"]) == ("ready", HOUSEHOLDS, KILLS + 1)
    at_once = client.get("/api/v1/households/export?format=csv", headers=headers)
    assert client.get(f"{path}/file", headers=headers).data == at_once.data


def _slowly(put: Callable[..., None], *given: Any) -> None:
    put(*given)
    time.sleep(0.1)


def _killed_while_making(app: Flask, monkeypatch: pytest.MonkeyPatch, key: UUID) -> None:
    """Make in a process of its own, slow in keeping the pieces, and kill it after some of them."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
        making.remove_pieces(key)
    child = os.fork()
    if child == 0:
        put = files.put
        monkeypatch.setattr(files, "put", lambda *given: _slowly(put, *given))
        with app.app_context():
            run(lambda: advance_export(now=clock.now()), snapshot=True)
        os._exit(0)
    end = time.monotonic() + 20
    while len(files.names(f"exports/{key}")) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
