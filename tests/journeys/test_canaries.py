"""A5: what names a household appears nowhere in full but in the answer to a stated purpose.

Two dozen households on every push, two hundred with `make faults`.
"""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from flask import Flask
from redis import Redis
from sqlalchemy import text

from bootstrap import MIGRATIONS
from kernel import clock, idempotency, logs, relay
from kernel.config import Settings
from kernel.database import db
from registry.households.models.households import Household
from registry.households.queries import households as queries
from tests.builders import registry as build
from tests.dumps import dump
from tests.journeys.canary_ears import Ears
from tests.journeys.canary_stage import (
    HOUSES,
    IMPORTS,
    MARK,
    PURPOSE,
    Stage,
    answers,
    body_of,
    made_lists,
    plant,
    sheet_of,
    values_of,
)

HOUSEHOLDS = 24
ALL_HOUSEHOLDS = 200
REVEALED = 5
LISTENERS = {
    "village_cadre",
    "county_reviewer",
    "monitor",
    "auditor",
    "coop_clerk",
    "canteen_buyer",
}
"""Who sees much, who sees a little, and who sees nothing of a household."""
OUTWARD = re.compile(
    r"^\s*(?:import|from) (?:smtplib|httpx|requests|aiohttp|urllib\.request|http\.client|stripe)\b",
    re.MULTILINE,
)
"""What speaks to the outside."""
ROOMS = ("kernel", "registry", "certification", "procurement", "marketplace", "console")
CALLERS = {"kernel/cli.py", "marketplace/settlement/gateway.py"}
"""One asks whether the own web server answers, with nothing in the question; the other asks Stripe
with keys and amounts, and nobody's name."""


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    """Stop the clock on a day of the notice."""
    with clock.stopped(datetime(2026, 3, 2, 1, tzinfo=UTC)):
        yield


@pytest.fixture
def stage(fresh: Flask) -> Stage:
    """Plant a few."""
    return plant(fresh, households=HOUSEHOLDS)


@pytest.fixture(params=[HOUSEHOLDS, pytest.param(ALL_HOUSEHOLDS, marks=pytest.mark.faults)])
def whole(fresh: Flask, request: pytest.FixtureRequest) -> Stage:
    """Plant a few, or all."""
    return plant(fresh, households=request.param)


def _heard(stage: Stage, below: str = "/") -> Iterator[tuple[str, bytes]]:
    """Give all that is heard of every route below, and every no; few households, fewer roles."""
    few = len(stage.canaries) < ALL_HOUSEHOLDS
    roles = [role for role in stage.tokens if role in LISTENERS or not few]
    for label, answer in answers(stage, [None, *roles], few=few, below=below):
        assert answer.status_code < 500, label
        yield label, answer.data + str(answer.headers).encode()
    for label, body in _wrong_bodies(stage.canaries[0].values):
        answer = stage.send("POST", HOUSES, "village_cadre", body)
        assert 400 <= answer.status_code < 500, label
        yield f"POST {label}", answer.data + str(answer.headers).encode()
    yield from _heard_of_lists(stage)


def _wrong_bodies(values: dict[str, str]) -> Iterator[tuple[str, Any]]:
    good = body_of(values)
    yield "twice", good
    yield "unknown field", {**good, "remark": values["id_number"]}
    yield "name as a number", {**good, "members": values["head_name"]}
    yield "labour above members", {**good, "able_labour": 9}
    yield "elsewhere", {**good, "village_code": "360732100201"}
    yield "card in the class", {**good, "class": values["bank_card"]}


def _heard_of_lists(stage: Stage) -> Iterator[tuple[str, bytes]]:
    """Give what is said of lists that hold canaries in their right and in other columns."""
    good = [body_of(one.values) for one in stage.canaries[:5]]
    moved = [{**one, "class": one["id_number"], "head_name": one["bank_card"]} for one in good]
    for label, rows in (("known already", good), ("moved columns", moved)):
        made = stage.hand_in(sheet_of(rows))
        assert made.json["state"] == "faulty", label
        yield f"list {label}", made.data
        path = f"{IMPORTS}/{made.json['id']}"
        for more in ("", "/faults"):
            yield f"list {label}{more}", stage.send("GET", path + more, "county_reviewer").data


def _break(stage: Stage) -> bytes:
    """Let a defect stop the registration of one more canary; gives what its clerk hears."""
    with stage.app.app_context():
        db.session.execute(
            text("ALTER TABLE household ADD CONSTRAINT ck_defect CHECK (members < 0) NOT VALID")
        )
        db.session.commit()
    answer = stage.send("POST", HOUSES, "village_cadre", body_of(stage.canaries[0].values) | LATE)
    assert answer.status_code == 500
    return bytes(answer.data)


LATE = {"id_number": build.id_number(build.VILLAGE)}


def _leaks(ears: Ears, heard: Iterator[tuple[str, bytes]]) -> set[str]:
    return {label for label, said in heard if ears.hear(said)}


def _reveal(stage: Stage) -> None:
    for one in stage.canaries[:REVEALED]:
        path = f"{HOUSES}/{one.id}/reveal"
        assert stage.send("POST", path, "village_cadre", {}).status_code == 422
        assert stage.send("POST", path, "monitor", PURPOSE).status_code == 403
        answer = stage.send("POST", path, "village_cadre", PURPOSE)
        assert answer.status_code == 200
        assert {name: answer.json[name] for name in one.values} == one.values


def _redis(url: str) -> Iterator[tuple[str, bytes]]:
    client: Any = Redis.from_url(url)
    read = {
        b"string": client.get,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"zset": lambda key: client.zrange(key, 0, -1),
    }
    for key in client.scan_iter():
        yield f"redis {key!r}", bytes(key) + repr(read[client.type(key)](key)).encode()


def _kept(stage: Stage, settings: Settings, postgres: str) -> Iterator[tuple[str, bytes]]:
    """Give what is written down: the dump, the database's log, the files, the queue."""
    with stage.app.app_context():
        name = db.session.execute(text("SELECT current_database()")).scalar_one()
    yield "dump", dump(postgres, name)
    for path in (*settings.home.glob("**/log/*.log"), *settings.files.glob("**/*")):
        if path.is_file():
            yield str(path.relative_to(settings.home)), path.read_bytes()
    yield from _redis(settings.redis_url)


def test_nothing_that_names_a_household_is_heard_logged_queued_or_stored(
    whole: Stage,
    settings: Settings,
    postgres: str,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    ears, before = whole.ears, structlog.get_config()
    logs.configure("DEBUG")
    try:
        _reveal(whole)
        few = len(whole.canaries) < ALL_HOUSEHOLDS
        leaks = _leaks(ears, _heard(whole)) | _leaks(ears, made_lists(whole, few=few))
        with whole.app.app_context():
            relay.relay()
            relay.run_due_deliveries()
        defect = _break(whole)
    finally:
        structlog.configure(**before)  # what is captured here is closed after this test
    told = capfdbinary.readouterr()
    assert b"refused" in told.err
    assert b"ck_defect" in told.err
    assert leaks == set()
    assert _leaks(ears, iter([("defect", defect), ("logs", told.out + told.err)])) == set()
    kept = list(_kept(whole, settings, postgres))
    labels = " ".join(label for label, _ in kept)
    assert [one for one in ("dump", "log/", "files/", "redis") if one not in labels] == []
    assert _leaks(ears, iter(kept)) == set()


def test_every_reveal_has_its_purpose_and_its_audit_row(stage: Stage) -> None:
    _reveal(stage)
    with stage.app.app_context():
        rows = db.session.execute(
            text(
                "SELECT disclosure.purpose, audit_row.outcome FROM disclosure JOIN audit_row"
                " ON audit_row.action = 'disclose' AND audit_row.subject_kind = 'household'"
                " AND audit_row.subject_id = disclosure.subject_id::text"
                " AND audit_row.user_id = disclosure.user_id"
            )
        ).all()
    assert [tuple(row) for row in rows] == [(PURPOSE["purpose"], "done")] * REVEALED


def test_a_user_reveals_thirty_an_hour_and_none_while_it_cannot_be_counted(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{HOUSES}/{stage.canaries[0].id}/reveal"
    statuses = [stage.send("POST", path, "county_reviewer", PURPOSE).status_code for _ in range(32)]
    assert statuses == [200] * 30 + [429] * 2
    assert stage.send("POST", path, "village_cadre", PURPOSE).status_code == 200
    away = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    storage = stage.app.extensions["limiter"]
    for one in storage:
        monkeypatch.setattr(one.storage, "storage", away)
        for name in ("lua_moving_window", "lua_acquire_moving_window"):
            monkeypatch.setattr(one.storage, name, away.register_script("return 1"))
    refused = stage.send("POST", path, "village_cadre", PURPOSE)
    assert (refused.status_code, refused.json["code"]) == (503, "busy")
    assert stage.canaries[0].values["id_number"] not in refused.text


def test_negative_control_one_unmasked_answer_is_caught(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    masked = queries._view_of  # noqa: SLF001 - what the control takes away

    def unmasked(household: Household) -> Any:
        return replace(masked(household), phone=household.phone)

    monkeypatch.setattr(queries, "_view_of", unmasked)
    leaks = _leaks(stage.ears, _heard(stage, below=HOUSES))
    assert f"GET {HOUSES}/{stage.canaries[0].id} monitor" in leaks
    assert not any(leak.endswith((" None", "canteen_buyer")) for leak in leaks)


def test_negative_control_an_answer_kept_in_clear_is_caught_in_thedump(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, settings: Settings, postgres: str
) -> None:
    monkeypatch.setattr(idempotency, "encrypt_bytes", lambda content, place: content)  # noqa: ARG005
    _reveal(stage)
    assert "dump" in _leaks(stage.ears, _kept(stage, settings, postgres))


@pytest.mark.parametrize("name", ["head_name", "id_number", "phone", "bank_card"])
def test_the_ears_hear_a_secret_in_every_dress(name: str) -> None:
    values = values_of(7)
    ears, secret = Ears(values.values(), mark=MARK), values[name]
    said = secret.encode()
    packed = zlib.compress(said * 9)
    escaped = "".join(f"\\u{ord(one):04x}" for one in secret).encode()
    dresses = {
        "clear": said,
        "gb18030": f"户主{secret}".encode("gb18030"),
        "utf-16": secret.encode("utf-16"),
        "sheet": sheet_of([body_of(values)]),
        "gzip": gzip.compress(said),
        "paper": b"%PDF-1.7\nstream\n" + packed + b"\nendstream",
        "escaped": b'{"x":"' + escaped + b'"}',
        "url": f"/x?q={quote(secret)}".encode(),
        "bytea": b"\\x" + (b"{'a':" + said + b"}").hex().encode(),
        "cursor": b"." + base64.urlsafe_b64encode(packed) + b".sig",
        "base64": base64.b64encode(b"some words before " + said),
    }
    assert [dress for dress, content in dresses.items() if not ears.hear(content)] == []
    assert not ears.hear(sheet_of([body_of(values_of(8))]))


def test_nothing_else_speaks_to_the_outside() -> None:
    """E-mail, short messages and webhooks: there is no such channel; one to come is listened to."""
    source = MIGRATIONS.parent
    found = {
        str(path.relative_to(source))
        for room in ROOMS
        for path in (source / room).rglob("*.py")
        if OUTWARD.search(path.read_text(encoding="utf-8"))
    }
    assert found == CALLERS


def test_the_canaries_are_told_apart(stage: Stage) -> None:
    assert len(set(stage.secrets)) == HOUSEHOLDS * 4 + 1
