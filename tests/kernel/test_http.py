"""One request is one transaction, one key is one effect, and every no is a problem document."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import fields
from sqlalchemy import create_engine, func, select, text
from werkzeug.test import TestResponse

from bootstrap import MIGRATIONS
from kernel import audit, clock
from kernel.actor import Actor, Sight
from kernel.assembly import assemble
from kernel.audit import AuditRow
from kernel.config import Settings
from kernel.database import db, engine_options
from kernel.errors import Conflict, check_version
from kernel.fields import Money, QuantityField, Schema
from kernel.http import (
    PUBLIC,
    SIGNED_IN,
    Allowed,
    Blueprint,
    current_actor,
    endpoint,
    expected_version,
)
from kernel.idempotency import IdempotencyKey
from kernel.identity import new_id
from kernel.journal import write_journal
from kernel.package import Package
from kernel.unit_of_work import run

probe = Blueprint("probe", __name__, url_prefix="/probe")
KEEPER = Actor(user_id=UUID(int=7), roles=frozenset({"keeper"}), sight=Sight.ALL)
GUEST = Actor(user_id=UUID(int=8), roles=frozenset({"guest"}))
TOKENS = {"keeper": KEEPER, "guest": GUEST}


class Full(Conflict):
    """There is no room."""

    zh = "已满：还剩 {left}。"
    en = "Full: {left} left."


class ThingIn(Schema):
    """What is sent."""

    amount_fen = Money(required=True)
    quantity = QuantityField()


class ThingOut(Schema):
    """What comes back."""

    id = fields.UUID()
    version = fields.Integer()


@dataclass
class Thing:
    """A thing of some version."""

    id: UUID
    version: int = 3


@probe.post("/things")
@endpoint(
    probe,
    allow=Allowed({"keeper"}),
    accepts=ThingIn(),
    returns=ThingOut(),
    status=201,
    idempotent=True,
)
def make(body: dict[str, int]) -> Thing:
    """Make a thing, leave one audit row."""
    thing = Thing(new_id())
    audit.write("make", subject=("thing", thing.id), by=current_actor(), now=clock.now())
    if body["amount_fen"] == 13:
        write_journal()
        raise Full(left=0)
    return thing


@probe.patch("/things/1")
@endpoint(probe, allow=SIGNED_IN, accepts=ThingIn(), returns=ThingOut(), etag=True)
def edit(body: dict[str, int]) -> Thing:
    """Edit a thing of version 3."""
    del body
    check_version(3, expected_version())
    return Thing(UUID(int=1), version=4)


@probe.get("/broken")
@endpoint(probe, allow=PUBLIC, returns=ThingOut())
def broken() -> Thing:
    """Fail as no door should."""
    raise ZeroDivisionError("secret detail")


def _authenticate(token: str, *, now: datetime) -> Actor | None:
    del now
    return TOKENS.get(token)


@pytest.fixture
def doors(settings: Settings, fresh: Flask) -> Iterator[FlaskClient]:
    """Give a client of an application with the doors above, on a database of its own."""
    with fresh.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    package = Package(name="probe", blueprints=(probe,), authenticate=_authenticate)
    application = assemble(replace(settings, database_url=url), [package], migrations=MIGRATIONS)
    with application.app_context():
        bind = db.engine
    clock.follow_offset(None)
    yield application.test_client()
    bind.dispose()


def _headers(token: str = "keeper", **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", **{k.replace("_", "-"): v for k, v in more.items()}}


def _count(client: FlaskClient, outcome: str) -> int:
    with client.application.app_context():
        ours = AuditRow.action.in_(["make", "probe.make"])
        wanted = select(func.count()).where(AuditRow.outcome == outcome, ours)
        return run(lambda: db.session.scalar(wanted) or 0)


def _post(
    client: FlaskClient, body: object, key: str | None = "k1", token: str = "keeper"
) -> TestResponse:
    headers = _headers(token) if key is None else _headers(token, Idempotency_Key=key)
    return client.post("/probe/things", json=body, headers=headers)


def test_who_asks_is_settled_before_the_body_is_read(doors: FlaskClient) -> None:
    nobody = doors.post("/probe/things", data="{broken")
    assert (nobody.status_code, nobody.get_json()["code"]) == (401, "unauthenticated")
    assert nobody.headers["WWW-Authenticate"] == "Bearer"
    wrong = doors.post("/probe/things", data="{broken", headers=_headers("stolen"))
    assert wrong.status_code == 401
    guest = doors.post("/probe/things", data="{broken", headers=_headers("guest"))
    assert (guest.status_code, guest.get_json()["code"]) == (403, "forbidden")


def test_the_same_key_and_body_is_answered_again_without_another_effect(doors: FlaskClient) -> None:
    first = _post(doors, {"amount_fen": 5})
    again = _post(doors, {"amount_fen": 5})
    assert first.status_code == again.status_code == 201
    assert first.data == again.data
    assert first.headers["ETag"] == again.headers["ETag"] == '"3"'
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert _count(doors, "done") == 1


def test_a_key_is_of_one_person_and_one_body(doors: FlaskClient) -> None:
    _post(doors, {"amount_fen": 5})
    other = _post(doors, {"amount_fen": 6})
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_key_reused")
    missing = _post(doors, {"amount_fen": 5}, key=None)
    assert (missing.status_code, missing.get_json()["code"]) == (400, "idempotency_key_required")
    for bad in ("", "x" * 256, "a\tb"):
        assert _post(doors, {"amount_fen": 5}, key=bad).status_code == 400
    assert _count(doors, "done") == 1


def test_a_final_refusal_is_kept_for_its_key_a_conflict_is_not(doors: FlaskClient) -> None:
    bad = _post(doors, {"amount_fen": -1}, key="bad")
    again = _post(doors, {"amount_fen": -1}, key="bad")
    assert (bad.status_code, again.status_code) == (422, 422)
    assert again.headers.get("Idempotency-Replayed") == "true"
    for _ in range(2):
        full = _post(doors, {"amount_fen": 13}, key="full")
        assert (full.status_code, full.get_json()["code"]) == (409, "full")
        assert full.get_json()["title"] == "已满：还剩 0。"
        assert "Idempotency-Replayed" not in full.headers
    assert _count(doors, "done") == 0
    assert _count(doors, "full") == 2
    with doors.application.app_context():
        kept = run(lambda: db.session.scalars(select(IdempotencyKey.key)).all())
    assert list(kept) == ["bad"]


def test_a_hundred_posts_of_one_key_have_one_effect(doors: FlaskClient) -> None:
    answers: list[tuple[int, bool]] = []
    barrier = threading.Barrier(20)

    def runner() -> None:
        client = doors.application.test_client()
        barrier.wait()
        for _ in range(5):
            answer = _post(client, {"amount_fen": 5}, key="same")
            answers.append((answer.status_code, "Idempotency-Replayed" in answer.headers))

    threads = [threading.Thread(target=runner) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 100
    assert answers.count((201, False)) == 1
    assert {status for status, _ in answers} <= {201, 409}
    assert _count(doors, "done") == 1


def test_an_edit_names_the_version_it_edits(doors: FlaskClient) -> None:
    body = {"amount_fen": 5}
    none = doors.patch("/probe/things/1", json=body, headers=_headers())
    assert (none.status_code, none.get_json()["code"]) == (428, "precondition_required")
    for stale in ('"2"', '"x"', '"99999999999999999999"'):
        refused = doors.patch("/probe/things/1", json=body, headers=_headers(If_Match=stale))
        assert (refused.status_code, refused.get_json()["code"]) == (412, "version_stale")
    done = doors.patch("/probe/things/1", json=body, headers=_headers(If_Match='"3"'))
    assert (done.status_code, done.headers["ETag"]) == (200, '"4"')


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "malformed"),
        ('{"amount_fen": NaN}', 400, "malformed"),
        ('{"amount_fen": 1, "quantity": "\\ud800"}', 400, "malformed"),
        ("[" * 10_000, 400, "malformed"),
        ('{"amount_fen": 1, "surprise": 1}', 422, "unknown_field"),
        ('{"amount_fen": 1.0}', 422, "invalid"),
        ('{"amount_fen": true, "quantity": 1}', 422, "invalid"),
        ('{"amount_fen": "1"}', 422, "invalid"),
        ('{"amount_fen": 9223372036854775808}', 422, "invalid"),
        ('{"amount_fen": 1e400}', 400, "malformed"),
        ('{"amount_fen": 1, "quantity": "0"}', 422, "invalid"),
        ('{"amount_fen": 1, "quantity": "1.0001"}', 422, "invalid"),
        ('{"amount_fen": 1, "quantity": "１"}', 422, "invalid"),
        ("[]", 422, "invalid"),
        ("{}", 422, "invalid"),
    ],
)
def test_bad_bodies_are_refused_and_change_nothing(
    doors: FlaskClient, body: str, status: int, code: str
) -> None:
    headers = _headers(Idempotency_Key="k")
    answer = doors.post(
        "/probe/things", data=body, content_type="application/json", headers=headers
    )
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert _count(doors, "done") == 0


def test_a_body_beyond_the_limit_or_of_another_kind_is_refused(doors: FlaskClient) -> None:
    headers = _headers(Idempotency_Key="k")
    big = doors.post(
        "/probe/things", data=b" " * 1_048_577, content_type="application/json", headers=headers
    )
    assert (big.status_code, big.get_json()["code"]) == (413, "too_large")
    form = doors.post("/probe/things", data={"amount_fen": 1}, headers=headers)
    assert (form.status_code, form.get_json()["code"]) == (415, "unsupported_media_type")
    method = doors.delete("/probe/things", headers=headers)
    assert (method.status_code, "POST" in method.headers["Allow"]) == (405, True)


def test_a_defect_says_nothing_of_itself(doors: FlaskClient) -> None:
    answer = doors.get("/probe/broken")
    assert (answer.status_code, answer.get_json()["code"]) == (500, "defect")
    assert "secret" not in answer.get_data(as_text=True)
    assert answer.get_json()["instance"] == answer.headers["X-Request-Id"]


def test_a_database_that_is_away_is_busy_not_broken(settings: Settings) -> None:
    package = Package(name="probe", blueprints=(probe,), authenticate=_authenticate)
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    application = assemble(
        replace(settings, database_url=nowhere), [package], migrations=MIGRATIONS
    )
    answer = _post(application.test_client(), {"amount_fen": 5})
    assert (answer.status_code, answer.get_json()["code"]) == (503, "busy")
    assert answer.headers["Retry-After"]


def test_a_lock_not_had_in_time_is_busy(doors: FlaskClient) -> None:
    with doors.application.app_context():
        engine = create_engine(db.engine.url, **engine_options(pool_size=1))
    with engine.connect() as blocker:
        blocker.execute(text("LOCK TABLE audit_row IN EXCLUSIVE MODE"))
        answer = _post(doors, {"amount_fen": 5})
    engine.dispose()
    assert (answer.status_code, answer.get_json()["code"]) == (503, "busy")
    assert _post(doors, {"amount_fen": 5}).status_code == 201
