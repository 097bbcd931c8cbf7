"""A5: what names a household appears nowhere in full but in the answer to a stated purpose."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import text
from sqlalchemy.engine import make_url
from stdnum import luhn

from kernel import clock, logs, relay
from kernel.config import Settings
from kernel.database import db
from kernel.places import POSTGRES_WHEEL
from registry.accounts.models import Role
from registry.accounts.rules.roles import KINDS_OF_ROLE, LEVEL_OF_ROLE
from registry.households.models.households import Household
from registry.households.queries import households as queries
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build

HOUSEHOLDS = 24
REVEALED = 5
REGION_OF_LEVEL = {"town": "440203103", "county": "440203", "city": "440200", "province": "440000"}
HOUSES, PURPOSE = "/api/v1/households", {"purpose": "入户核查"}
_serials = count(1)


@dataclass(frozen=True)
class Canary:
    """A household that was put on the register, with everything that names it."""

    id: str
    code: str
    values: dict[str, str]


@dataclass(frozen=True)
class Stage:
    """An application with canaries on its register, and one person for each role."""

    app: Flask
    tokens: dict[str, str]
    canaries: list[Canary]
    contact: str

    def send(self, method: str, path: str, role: str | None, body: Any = None) -> Any:
        """Send a request as somebody, with all that any door may ask for."""
        headers = {"If-Match": '"1"', "Idempotency-Key": f"canary-{next(_serials)}"}
        if role is not None:
            headers["Authorization"] = f"Bearer {self.tokens[role]}"
        return FlaskClient(self.app).open(path, method=method, json=body, headers=headers)

    @property
    def secrets(self) -> list[str]:
        """Give everything that is to be heard nowhere."""
        return [*(value for one in self.canaries for value in one.values.values()), self.contact]


def _values(number: int) -> dict[str, str]:
    card = f"622848{number:012d}"
    return {
        "head_name": f"何{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{'子丑寅卯'[number // 10]}鸢",
        "id_number": build.id_number(build.VILLAGE),
        "phone": f"137{number:04d}{7919 * number % 10_000:04d}",
        "bank_card": card + luhn.calc_check_digit(card),
    }


def _people() -> dict[str, str]:
    made = {}
    for role in Role:
        kind = next(one for one in OrganisationKind if one in KINDS_OF_ROLE[role])
        level = LEVEL_OF_ROLE.get(role)
        region = REGION_OF_LEVEL[level.value] if level else "440203"
        made[role.value] = build.token_of(build.user(build.organisation(kind, region), {role}))
    return made


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    """Stop the clock on a day of the notice."""
    with clock.stopped(datetime(2026, 3, 2, 1, tzinfo=UTC)):
        yield


@pytest.fixture
def stage(fresh: Flask) -> Stage:
    """Plant the canaries through the door that clerks use, and one objection with its contact."""
    with fresh.app_context():
        build.village()
        tokens = _people()
        notice = build.notice()
        db.session.commit()
    made = Stage(fresh, tokens, [], "13912345678")
    for number in range(HOUSEHOLDS):
        values = _values(number)
        body = {**values, "village_code": build.VILLAGE, "members": 3, "able_labour": 1}
        answer = made.send("POST", HOUSES, "village_cadre", {**body, "class": "registered"})
        assert answer.status_code == 201, answer.text
        made.canaries.append(Canary(answer.json["id"], answer.json["code"], values))
    said = {"text": "产地存疑", "contact": made.contact}
    path = f"/api/v1/notices/{notice.id}/objections"
    assert made.send("POST", path, None, said).status_code == 201
    with fresh.app_context():
        link = build.household(head_name="何示一")
        build.benefit_link(link, build.organisation())
        db.session.commit()
    return made


def _addresses(stage: Stage) -> Iterator[str]:
    """Give the address of every route that reads, of things that are there where one knows any."""
    first = stage.canaries[0]
    with stage.app.app_context():
        known: dict[str, Any] = {
            "household_id": first.id,
            "code": build.WUJIANG,
            **{
                f"{name}_id": db.session.scalar(text(f"SELECT id FROM {table} LIMIT 1"))  # noqa: S608
                for name, table in {
                    "notice": "notice",
                    "user": "app_user",
                    "organisation": "organisation",
                    "objection": "objection",
                }.items()
            },
        }
    adapter = stage.app.url_map.bind("localhost")
    for rule in stage.app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.rule.endswith("<path:name>"):
            continue
        unknown = dict.fromkeys(rule.arguments - known.keys(), known["notice_id"])
        unknown |= dict.fromkeys({"number", "name"} & rule.arguments, "none-such")
        path = adapter.build(rule.endpoint, {**known, **unknown}, force_external=False)
        yield path.partition("?")[0]
        yield f"{path.partition('?')[0]}?region=440203&limit=100"
    yield f"{HOUSES}?code={first.code}"


def _heard(stage: Stage) -> Iterator[tuple[str, bytes]]:
    """Give everything that any role hears: from every route that reads, and from every no."""
    for path in dict.fromkeys(_addresses(stage)):
        for role in (None, *stage.tokens):
            answer = stage.send("GET", path, role)
            assert answer.status_code < 500, (path, role)
            yield f"GET {path} {role}", answer.data + str(answer.headers).encode()
    for label, body in _wrong_bodies(stage.canaries[0].values):
        answer = stage.send("POST", HOUSES, "village_cadre", body)
        assert 400 <= answer.status_code < 500, label
        yield f"POST {label}", answer.data + str(answer.headers).encode()


def _wrong_bodies(values: dict[str, str]) -> Iterator[tuple[str, Any]]:
    good = {**values, "village_code": build.VILLAGE, "members": 3, "able_labour": 1}
    good["class"] = "registered"
    yield "twice", good
    yield "unknown field", {**good, "remark": values["id_number"]}
    yield "name as a number", {**good, "members": values["head_name"]}
    yield "labour above members", {**good, "able_labour": 9}
    yield "elsewhere", {**good, "village_code": "360732100201"}
    yield "card in the class", {**good, "class": values["bank_card"]}


def _leaks(stage: Stage, heard: Iterator[tuple[str, bytes]]) -> set[str]:
    wanted = [(one, one.encode()) for one in stage.secrets]
    return {label for label, said in heard for _, raw in wanted if raw in said}


def _reveal(stage: Stage) -> None:
    for one in stage.canaries[:REVEALED]:
        path = f"{HOUSES}/{one.id}/reveal"
        assert stage.send("POST", path, "village_cadre", {}).status_code == 422
        assert stage.send("POST", path, "monitor", PURPOSE).status_code == 403
        answer = stage.send("POST", path, "village_cadre", PURPOSE)
        assert answer.status_code == 200
        assert {name: answer.json[name] for name in one.values} == one.values


def _dump(server: str, database: str) -> bytes:
    url = make_url(server).set(drivername="postgresql", database=database)
    wheel = importlib.util.find_spec(POSTGRES_WHEEL)
    assert wheel is not None
    assert wheel.origin is not None
    own = Path(wheel.origin).parent / "pginstall" / "bin"
    program = Path(os.environ.get("BANGFU_PG_BIN") or own) / "pg_dump"
    command = [str(program), "--data-only", url.render_as_string(hide_password=False)]
    return subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603


def _redis(url: str) -> Iterator[tuple[str, bytes]]:
    client: Any = Redis.from_url(url)
    for key in client.scan_iter():
        yield f"redis {key!r}", bytes(key) + (client.dump(key) or b"")


def _in_database(stage: Stage, postgres: str) -> Iterator[tuple[str, bytes]]:
    with stage.app.app_context():
        name = db.session.execute(text("SELECT current_database()")).scalar_one()
    yield "dump", _dump(postgres, name)


def test_nothing_that_names_a_household_is_heard_logged_queued_or_stored(
    stage: Stage,
    settings: Settings,
    postgres: str,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    logs.configure("DEBUG")
    try:
        _reveal(stage)
        leaks = _leaks(stage, _heard(stage))
        with stage.app.app_context():
            relay.run_due_deliveries()
    finally:
        logs.configure(settings.log_level)
    told = capfdbinary.readouterr()
    assert b"refused" in told.err
    assert leaks == set()
    assert _leaks(stage, iter([("logs", told.out + told.err)])) == set()
    assert _leaks(stage, _redis(settings.redis_url)) == set()
    assert _leaks(stage, _in_database(stage, postgres)) == set()


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
    leaks = _leaks(stage, _heard(stage))
    assert f"GET {HOUSES}/{stage.canaries[0].id} monitor" in leaks
    assert not any(leak.endswith((" None", "canteen_buyer")) for leak in leaks)


def test_the_canaries_are_told_apart(stage: Stage) -> None:
    assert len(set(stage.secrets)) == HOUSEHOLDS * 4 + 1
