"""Second factors, addresses that guess, closing and deleting accounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pyotp
from flask import Flask
from sqlalchemy import text

from kernel.database import db
from kernel.visits import limiter
from registry.accounts.models import Role
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client
from tests.registry.accounts.people import TOKENS, Clock, sign_in, user_of_today
from tests.registry.conftest import NOW

UNIT = OrganisationKind.BUDGET_UNIT


def _enrol(client: Client, token: str) -> tuple[pyotp.TOTP, list[str]]:
    made = client.post("/api/v1/me/totp", json={"password": build.PASSWORD}, token=token).json
    assert made is not None
    assert made["uri"].startswith("otpauth://totp/Bangfu:")
    totp = pyotp.TOTP(made["secret"])
    answer = client.post("/api/v1/me/totp/confirm", json={"code": totp.at(NOW)}, token=token)
    assert answer.status_code == 200
    assert answer.json is not None
    return totp, answer.json["recovery_codes"]


def test_a_second_factor_is_asked_for_and_a_code_is_used_once(
    client: Client, unit: Organisation, clock_at: Clock
) -> None:
    buyer = user_of_today(unit, Role.CANTEEN_BUYER)
    token = build.token_of(buyer)
    wrong = client.post("/api/v1/me/totp", json={"password": "wrong"}, token=token)
    assert wrong.status_code == 403
    totp, spare = _enrol(client, token)
    status, said = sign_in(client, buyer)
    assert (status, said["code"]) == (401, "totp_required")
    assert sign_in(client, buyer, totp=totp.at(NOW))[0] == 401
    later = NOW + timedelta(seconds=30)
    with clock_at(later):
        assert sign_in(client, buyer, "wrong password", totp=totp.at(later))[0] == 401
        assert sign_in(client, buyer, totp=totp.at(later))[0] == 201
        assert sign_in(client, buyer, totp=totp.at(later))[0] == 401
    assert len(spare) == 10
    assert sign_in(client, buyer, totp=spare[0].lower())[0] == 201
    assert sign_in(client, buyer, totp=spare[0])[0] == 401
    raw = db.session.execute(
        text("SELECT totp_secret FROM app_user WHERE id = :id"), {"id": buyer.id}
    ).scalar_one()
    assert totp.secret.encode() not in bytes(raw)


def test_a_role_that_needs_a_second_factor_gets_nowhere_without(
    app: Flask, client: Client, unit: Organisation, admin: str, clock_at: Clock
) -> None:
    buyer = user_of_today(unit, Role.CANTEEN_BUYER)
    before = app.extensions["bangfu.settings"]
    app.extensions["bangfu.settings"] = replace(before, totp_roles=("canteen_buyer",))
    try:
        made = sign_in(client, buyer)[1]
        assert made["must"] == ["enrol_totp"]
        assert client.get("/api/v1/organisations", token=made["token"]).status_code == 403
        totp, _ = _enrol(client, made["token"])
        later = NOW + timedelta(seconds=60)
        with clock_at(later):
            made = sign_in(client, buyer, totp=totp.at(later))[1]
            assert made["must"] == []
            path = "/api/v1/me/totp/remove"
            with_code = {"code": totp.at(later + timedelta(seconds=30))}
            refused = client.post(path, json=with_code, token=made["token"])
            assert (refused.json or {})["code"] == "totp_demanded"
        lifted = client.post(f"/api/v1/users/{buyer.id}/totp/remove", token=admin)
        assert lifted.status_code == 204
        assert sign_in(client, buyer)[1]["must"] == ["enrol_totp"]
    finally:
        app.extensions["bangfu.settings"] = before


def test_an_address_that_guesses_is_shut_out(app: Flask, client: Client) -> None:
    before = app.extensions["bangfu.settings"]
    app.extensions["bangfu.settings"] = replace(before, address_failures=5)
    here = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
    try:
        user = user_of_today(build.organisation(), Role.COOP_CLERK)
        for number in range(5):
            body = {"username": f"nobody-{number}", "password": "wrong password"}
            assert client.post(TOKENS, json=body, **here).status_code == 401
        body = {"username": user.username, "password": build.PASSWORD}
        refused = client.post(TOKENS, json=body, **here)
        assert (refused.status_code, (refused.json or {})["code"]) == (429, "rate_limited")
        assert client.post(TOKENS, json=body).status_code == 201
    finally:
        app.extensions["bangfu.settings"] = before
        limiter.reset()


def test_a_closed_account_opens_nothing_and_stays(
    client: Client, unit: Organisation, admin: str
) -> None:
    buyer = user_of_today(unit, Role.CANTEEN_BUYER)
    token = build.token_of(buyer)
    seen = client.get(f"/api/v1/users/{buyer.id}", token=admin)
    assert seen.json is not None
    path, tag = f"/api/v1/users/{buyer.id}/close", {"If-Match": seen.headers["ETag"]}
    assert client.post(path, token=admin).status_code == 428
    closed = client.post(path, token=admin, headers=tag)
    assert (closed.status_code, (closed.json or {})["closed_at"]) == (200, NOW.isoformat())
    assert client.get("/api/v1/me", token=token).status_code == 401
    unknown = client.post(TOKENS, json={"username": "nobody-1", "password": build.PASSWORD}).json
    assert sign_in(client, buyer) == (401, {**(unknown or {}), "instance": _ANY})
    again = client.post(path, token=admin, headers={"If-Match": "*"})
    assert (again.json or {})["code"] == "account_closed"


class _Anything:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


_ANY = _Anything()


def test_an_account_is_deleted_only_while_nothing_was_done_under_it(
    client: Client, unit: Organisation, admin: str
) -> None:
    unused, used = user_of_today(unit, Role.CANTEEN_BUYER), user_of_today(unit, Role.CANTEEN_BUYER)
    build.document(unit, used)
    assert client.delete(f"/api/v1/users/{unused.id}", token=admin).status_code == 204
    assert client.get(f"/api/v1/users/{unused.id}", token=admin).status_code == 404
    refused = client.delete(f"/api/v1/users/{used.id}", token=admin)
    assert (refused.status_code, (refused.json or {})["code"]) == (409, "account_in_use")
    seen = client.get(f"/api/v1/users/{used.id}", token=admin).json
    assert seen is not None
    assert seen["roles"] == ["canteen_buyer"]
