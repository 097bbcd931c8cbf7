"""How sessions end, what a narrowed token opens, and who may make either void."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from kernel.database import db
from kernel.errors import OrganisationClosed
from registry.accounts.models import AccessToken, AppUser, Role
from registry.accounts.queries.accounts import authenticate
from registry.organisations.models import Ending, Organisation, OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client
from tests.registry.accounts.people import Clock, user_of_today
from tests.registry.conftest import NOW

ME, MINE = "/api/v1/me", "/api/v1/me/tokens"
UNIT = OrganisationKind.BUDGET_UNIT


def _sign_in(client: Client, user: AppUser) -> str:
    body = {"username": user.username, "password": build.PASSWORD}
    answer = client.post("/api/v1/auth/tokens", json=body)
    assert answer.json is not None
    assert (answer.status_code, answer.json["must"]) == (201, [])
    return str(answer.json["token"])


@pytest.fixture
def clerk(db_session: Session) -> AppUser:
    del db_session
    return user_of_today(build.organisation(), Role.COOP_CLERK)


def test_a_session_ends_after_half_an_hour_of_idleness(
    client: Client, clerk: AppUser, clock_at: Clock
) -> None:
    token = _sign_in(client, clerk)
    with clock_at(NOW + timedelta(minutes=29, seconds=59)):
        assert client.get(ME, token=token).status_code == 200
    with clock_at(NOW + timedelta(minutes=59, seconds=58)):
        assert client.get(ME, token=token).status_code == 200
    with clock_at(NOW + timedelta(minutes=89, seconds=58)):
        assert client.get(ME, token=token).status_code == 401


def test_a_session_ends_after_twelve_hours_however_busy(
    client: Client, clerk: AppUser, clock_at: Clock
) -> None:
    token = _sign_in(client, clerk)
    for minutes in range(20, 12 * 60, 20):
        with clock_at(NOW + timedelta(minutes=minutes)):
            assert client.get(ME, token=token).status_code == 200
    with clock_at(NOW + timedelta(hours=12)):
        assert client.get(ME, token=token).status_code == 401


def test_a_use_is_noted_once_a_minute_and_asked_in_one_statement(
    client: Client, clerk: AppUser, clock_at: Clock
) -> None:
    token = _sign_in(client, clerk)
    said: list[str] = []

    def note(*arguments: Any) -> None:
        said.append(arguments[2])

    event.listen(db.session.get_bind(), "before_cursor_execute", note)
    try:
        for seconds, updates in ((59, 0), (61, 1), (62, 0)):
            said.clear()
            with clock_at(NOW + timedelta(seconds=seconds)):
                assert client.get(ME, token=token).status_code == 200
            assert sum("UPDATE access_token" in one for one in said) == updates
        said.clear()
        assert authenticate(token, now=NOW) is not None
        assert len([one for one in said if "SAVEPOINT" not in one]) == 1
    finally:
        event.remove(db.session.get_bind(), "before_cursor_execute", note)


def test_one_lists_and_ends_the_own_sessions(client: Client, clerk: AppUser) -> None:
    here, there = _sign_in(client, clerk), _sign_in(client, clerk)
    listed = client.get(MINE, token=here).json
    assert listed is not None
    assert [one["kind"] for one in listed["items"]] == ["session", "session"]
    newest = listed["items"][0]["id"]
    assert client.delete(f"{MINE}/{newest}", token=here).status_code == 204
    assert client.get(ME, token=there).status_code == 401
    assert client.get(ME, token=here).status_code == 200
    assert "token" not in listed["items"][0]
    other = build.user(build.organisation(), [Role.COOP_CLERK])
    assert client.delete(f"{MINE}/{newest}", token=build.token_of(other)).status_code == 404


def test_an_administrator_ends_sessions_of_the_own_people_only(
    client: Client, clerk: AppUser
) -> None:
    home = db.session.get(Organisation, clerk.organisation_id)
    assert home is not None
    token = _sign_in(client, clerk)
    path = f"/api/v1/users/{clerk.id}/tokens"
    manager = build.token_of(build.user(home, [Role.COOP_MANAGER]))
    stranger = build.token_of(build.user(build.organisation(), [Role.COOP_MANAGER]))
    assert client.get(path, token=stranger).status_code == 404
    listed = client.get(path, token=manager).json
    assert listed is not None
    one = f"{path}/{listed['items'][0]['id']}"
    assert client.delete(one, token=stranger).status_code == 404
    assert client.get(ME, token=token).status_code == 200
    assert client.delete(one, token=manager).status_code == 204
    assert client.get(ME, token=token).status_code == 401


def _machine(client: Client, token: str, *scopes: str) -> Any:
    body = {"name": "仓库系统", "scopes": list(scopes), "days": 30}
    return client.post(MINE, json=body, token=token)


def test_a_narrowed_token_opens_its_doors_and_no_other(client: Client, clerk: AppUser) -> None:
    session = _sign_in(client, clerk)
    made = _machine(client, session, "households:read", "myself:read")
    assert made.status_code == 201
    token = made.json["token"]
    assert made.json["row"]["scopes"] == ["households:read", "myself:read"]
    assert client.get("/api/v1/households", token=token).status_code == 200
    assert client.get(ME, token=token).status_code == 200
    refused = client.post("/api/v1/benefit-links", json={}, token=token)
    assert refused.status_code == 403
    assert (refused.json or {})["code"] == "scope_missing"
    assert client.get("/api/v1/organisations", token=token).status_code == 403
    assert client.get("/api/v1/regions/440203", token=token).status_code == 200
    assert client.get("/api/v1/households", token=session).status_code == 200


def test_a_scope_never_widens_what_the_role_allows(client: Client, clerk: AppUser) -> None:
    token = _machine(client, _sign_in(client, clerk), "organisations:write").json["token"]
    refused = client.post("/api/v1/organisations", json={}, token=token)
    assert (refused.status_code, (refused.json or {})["code"]) == (403, "forbidden")


def test_a_narrowed_token_makes_no_token_and_no_unknown_scope_exists(
    client: Client, clerk: AppUser
) -> None:
    session = _sign_in(client, clerk)
    for scope in ("all", "myself:write", "orders:delete"):
        answer = _machine(client, session, scope)
        assert (answer.status_code, answer.json["code"]) == (422, "scopes_unknown")
    token = _machine(client, session, "myself:read").json["token"]
    assert _machine(client, token, "households:read").status_code == 403
    listed = client.get("/api/v1/scopes", token=session).json
    assert listed is not None
    assert {"orders:read", "orders:write", "myself:read"} <= set(listed["scopes"])
    assert "myself:write" not in listed["scopes"]


def test_a_machines_token_does_not_idle_and_its_use_is_noted_hourly(
    client: Client, clerk: AppUser, clock_at: Clock
) -> None:
    made = _machine(client, _sign_in(client, clerk), "myself:read").json
    row_id = UUID(made["row"]["id"])
    for hours, noted in ((2, 2), (2.5, 2), (3, 3)):
        with clock_at(NOW + timedelta(hours=hours)):
            assert client.get(ME, token=made["token"]).status_code == 200
        row = db.session.get(AccessToken, row_id)
        assert row is not None
        assert row.last_used_at == NOW + timedelta(hours=noted)
        assert row.idle_until_at is None
    with clock_at(NOW + timedelta(days=30)):
        assert client.get(ME, token=made["token"]).status_code == 401


def test_a_merged_organisation_reads_and_writes_nothing(client: Client) -> None:
    unit, other = build.organisation(UNIT), build.organisation(UNIT)
    user = user_of_today(unit, Role.UNIT_ADMIN)
    token = build.token_of(user)
    unit.ended_on, unit.ending, unit.successor_id = NOW.date(), Ending.MERGED, other.id
    db.session.flush()
    assert client.get("/api/v1/users", token=token).status_code == 200
    refused = client.post("/api/v1/users", json={}, token=token)
    assert (refused.status_code, (refused.json or {})["code"]) == (403, OrganisationClosed.code)
    body = {"present": build.PASSWORD, "password": "Another horse 9"}
    assert client.post("/api/v1/me/password", json=body, token=token).status_code == 204
