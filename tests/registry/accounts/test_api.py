"""Doors to accounts: signing in and out, oneself, opening accounts for others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import uuid1

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts.models import AppUser, Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client
from tests.registry.conftest import NOW

TOKENS, USERS = "/api/v1/auth/tokens", "/api/v1/users"
Clock = Callable[[datetime], AbstractContextManager[None]]


def _sign_in(client: Client, username: str, password: str = build.PASSWORD) -> tuple[int, str]:
    answer = client.post(TOKENS, json={"username": username, "password": password})
    assert answer.json is not None
    return answer.status_code, answer.json.get("token") or answer.json["code"]


def test_signing_in_gives_a_token_that_opens_doors(client: Client) -> None:
    home = build.organisation()
    user = build.user(home, [Role.COOP_MANAGER, Role.COOP_CLERK])
    body = {"username": user.username, "password": build.PASSWORD, "totp": "123456"}
    answer = client.post(TOKENS, json=body)
    assert answer.status_code == 201
    made = answer.json
    assert made is not None
    assert made["expires_at"] == "2026-03-02T13:00:00+00:00"
    assert made["actor"] == {
        "user_id": str(user.id),
        "organisation_id": str(home.id),
        "roles": ["coop_clerk", "coop_manager"],
    }
    myself = client.get("/api/v1/me", token=made["token"])
    assert myself.status_code == 200
    assert myself.json is not None
    assert myself.json["actor"] == made["actor"]
    assert myself.json["username"] == user.username
    assert myself.json["organisation"]["name"] == home.name
    assert myself.json["roles"] == ["coop_clerk", "coop_manager"]


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client: Client) -> None:
    user = build.user(build.organisation(), [Role.COOP_CLERK])
    said = []
    for username in (user.username, "nobody-at-all"):
        answer = client.post(TOKENS, json={"username": username, "password": "wrong password"})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        said.append({**(answer.json or {}), "instance": None})
    assert said[0] == said[1]
    assert said[0]["code"] == "unauthenticated"


def test_the_count_of_failures_survives_the_refusal(client: Client, clock_at: Clock) -> None:
    user = build.user(build.organisation(), [Role.COOP_CLERK])
    for _ in range(5):
        assert _sign_in(client, user.username, "wrong password") == (401, "unauthenticated")
    assert _sign_in(client, user.username) == (401, "unauthenticated")
    with clock_at(NOW + timedelta(minutes=15)):
        assert _sign_in(client, user.username)[0] == 201


def test_what_is_no_sign_in_is_unacceptable(client: Client) -> None:
    for body in ({}, {"username": "a"}, {"username": "a", "password": 1}):
        assert client.post(TOKENS, json=body).status_code == 422
    assert client.post(TOKENS, data="{", content_type="application/json").status_code == 400


def test_a_revoked_token_opens_nothing_from_the_next_request_on(client: Client) -> None:
    user = build.user(build.organisation(), [Role.COOP_CLERK])
    _, token = _sign_in(client, user.username)
    _, other = _sign_in(client, user.username)
    assert client.delete(f"{TOKENS}/current", token=token).status_code == 204
    assert client.get("/api/v1/me", token=token).status_code == 401
    assert client.delete(f"{TOKENS}/current", token=token).status_code == 401
    assert client.get("/api/v1/me", token=other).status_code == 200


def test_an_expired_token_opens_nothing(client: Client, clock_at: Clock) -> None:
    _, token = _sign_in(client, build.user(build.organisation(), [Role.COOP_CLERK]).username)
    with clock_at(NOW + timedelta(hours=12)):
        answer = client.get("/api/v1/me", token=token)
    assert (answer.status_code, answer.json and answer.json["code"]) == (401, "unauthenticated")
    assert client.get("/api/v1/me").status_code == 401
    assert client.get("/api/v1/me", headers={"Authorization": "Basic eA=="}).status_code == 401


def _manager() -> tuple[str, dict[str, object]]:
    home = build.organisation()
    body: dict[str, object] = {
        "username": "new-clerk",
        "password": build.PASSWORD,
        "organisation_id": str(home.id),
        "roles": ["coop_clerk"],
    }
    return build.token_of(build.user(home, [Role.COOP_MANAGER])), body


def test_a_manager_opens_an_account_that_can_sign_in(client: Client) -> None:
    token, body = _manager()
    made = client.post(USERS, json=body, token=token)
    assert made.status_code == 201
    assert made.json is not None
    assert (made.json["username"], made.json["roles"]) == ("new-clerk", ["coop_clerk"])
    assert "password" not in made.text
    assert _sign_in(client, "new-clerk")[0] == 201
    page = client.get(USERS, token=token).json
    assert page is not None
    assert page["items"][0]["username"] == "new-clerk"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"roles": ["coop_clerk", "unit_admin"]}, 403, "role_out_of_reach"),
        ({"roles": []}, 422, "invalid"),
        ({"roles": ["queen"]}, 422, "invalid"),
        ({"password": "short"}, 422, "password_weak"),
        ({"password": "x" * 200}, 422, "password_weak"),
        ({"password": "my new-clerk password"}, 422, "password_weak"),
        ({"username": "ab"}, 422, "invalid"),
        ({"username": "a b c"}, 422, "invalid"),
        ({"organisation_id": str(uuid1())}, 404, "not_found"),
        ({"failed_attempts": 0}, 422, "unknown_field"),
    ],
)
def test_an_account_is_refused(
    client: Client, db_session: Session, changes: dict[str, object], status: int, code: str
) -> None:
    token, body = _manager()
    before = db_session.scalar(select(func.count(AppUser.id)))
    answer = client.post(USERS, json={**body, **changes}, token=token)
    assert (answer.status_code, answer.json and answer.json["code"]) == (status, code)
    assert db_session.scalar(select(func.count(AppUser.id))) == before


def test_a_username_is_given_once_whatever_its_case(client: Client) -> None:
    token, body = _manager()
    assert client.post(USERS, json=body, token=token).status_code == 201
    again = client.post(USERS, json={**body, "username": "New-Clerk"}, token=token)
    assert (again.status_code, again.json and again.json["code"]) == (409, "username_taken")


def test_only_who_enrols_opens_accounts(client: Client) -> None:
    _, body = _manager()
    for kind, role in (
        (OrganisationKind.COOPERATIVE, Role.COOP_CLERK),
        (OrganisationKind.AUTHORITY, Role.AUDITOR),
    ):
        token = build.token_of(build.user(build.organisation(kind), [role]))
        assert client.post(USERS, json=body, token=token).status_code == 403
        assert client.get(USERS, token=token).status_code == 403
    assert client.post(USERS, json=body).status_code == 401
