"""Invitations, resets and changes of passwords."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from kernel.audit import AuditRow
from kernel.database import db
from registry.accounts.models import Invitation, Role
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client
from tests.registry.accounts.people import TOKENS, Clock, sign_in, user_of_today
from tests.registry.conftest import NOW

RESETS = "/api/v1/auth/password-resets"
INVITATIONS, ACCEPT = "/api/v1/invitations", "/api/v1/invitations/accept"
UNIT = OrganisationKind.BUDGET_UNIT
SECOND = "Second horse 9"


def _invite(client: Client, admin: str, unit: Organisation, *roles: str) -> Any:
    body = {"organisation_id": str(unit.id), "roles": list(roles)}
    return client.post(INVITATIONS, json=body, token=admin)


def _accept(client: Client, token: str, name: str = "new-buyer") -> tuple[int, Any]:
    body = {"token": token, "username": name, "password": build.PASSWORD}
    answer = client.post(ACCEPT, json=body)
    return answer.status_code, answer.json


def test_who_is_invited_opens_an_account_with_the_roles_of_the_invitation(
    client: Client, unit: Organisation, admin: str
) -> None:
    made = _invite(client, admin, unit, "canteen_buyer", "unit_approver")
    assert made.status_code == 201
    status, user = _accept(client, made.json["token"])
    assert status == 201
    assert user["organisation_id"] == str(unit.id)
    assert (user["roles"], user["kinds"]) == (["canteen_buyer", "unit_approver"], ["trading"])
    body = {"username": "new-buyer", "password": build.PASSWORD}
    assert client.post(TOKENS, json=body).status_code == 201
    assert _accept(client, made.json["token"], "another") == (422, _any("one_time_token_invalid"))
    kept = db.session.scalars(select(Invitation)).one()
    assert made.json["token"].encode() not in kept.digest


class _any:  # noqa: N801 - reads as a value
    """Equals every problem of a code."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __eq__(self, other: object) -> bool:
        return isinstance(other, dict) and other.get("code") == self.code

    __hash__ = None  # type: ignore[assignment]


def test_an_invitation_reaches_no_further_than_who_invites(
    client: Client, unit: Organisation, admin: str
) -> None:
    assert _invite(client, admin, unit, "monitor").status_code == 403
    assert _invite(client, admin, build.organisation(UNIT), "canteen_buyer").status_code == 404
    assert db.session.scalars(select(Invitation)).all() == []


def test_an_invitation_ends_with_time_and_with_withdrawal(
    client: Client, unit: Organisation, admin: str, clock_at: Clock
) -> None:
    old = _invite(client, admin, unit, "canteen_buyer").json
    with clock_at(NOW + timedelta(days=7)):
        assert _accept(client, old["token"])[0] == 422
    new = _invite(client, admin, unit, "canteen_buyer").json
    path = f"{INVITATIONS}/{new['id']}/revoke"
    stranger = build.token_of(build.user(build.organisation(UNIT), [Role.UNIT_ADMIN]))
    assert client.post(path, token=stranger).status_code == 404
    assert client.post(path, token=admin).status_code == 200
    assert client.post(path, token=admin).status_code == 409
    assert _accept(client, new["token"])[0] == 422
    listed = client.get(INVITATIONS, token=admin).json
    assert listed is not None
    assert [one["revoked_at"] is None for one in listed["items"]] == [False, True]


def test_a_reset_sets_a_password_once_and_ends_every_session(
    client: Client, unit: Organisation, admin: str, clock_at: Clock
) -> None:
    buyer = user_of_today(unit, Role.CANTEEN_BUYER)
    session = sign_in(client, buyer)[1]["token"]
    made = client.post(f"/api/v1/users/{buyer.id}/password-resets", token=admin).json
    assert made is not None
    body = {"token": made["token"], "username": buyer.username, "password": SECOND}
    answers = [
        client.post(RESETS, json={**body, "username": "nobody-at-all"}),
        client.post(RESETS, json={**body, "token": "x" * 43}),
        client.post(
            RESETS, json={**body, "username": user_of_today(unit, Role.UNIT_FINANCE).username}
        ),
    ]
    said = [{**(one.json or {}), "instance": None} for one in answers]
    assert [one.status_code for one in answers] == [422] * 3
    assert said[0] == said[1] == said[2]
    with clock_at(NOW + timedelta(hours=24)):
        assert client.post(RESETS, json=body).status_code == 422
    assert client.post(RESETS, json=body).status_code == 204
    assert client.get("/api/v1/me", token=session).status_code == 401
    assert client.post(RESETS, json={**body, "password": "Third horse 10"}).status_code == 422
    assert sign_in(client, buyer)[0] == 401
    assert sign_in(client, buyer, SECOND)[0] == 201


def test_only_who_may_open_an_account_resets_it(client: Client, unit: Organisation) -> None:
    buyer = user_of_today(unit, Role.CANTEEN_BUYER)
    stranger = build.token_of(build.user(build.organisation(UNIT), [Role.UNIT_ADMIN]))
    path = f"/api/v1/users/{buyer.id}/password-resets"
    assert client.post(path, token=stranger).status_code == 404
    own = user_of_today(unit, Role.UNIT_ADMIN)
    itself = f"/api/v1/users/{own.id}/password-resets"
    assert client.post(itself, token=build.token_of(own)).status_code == 403


def _change(client: Client, token: str, present: str, password: str) -> tuple[int, str]:
    body = {"present": present, "password": password}
    answer = client.post("/api/v1/me/password", json=body, token=token)
    return answer.status_code, (answer.json or {}).get("code", "")


def test_the_last_five_passwords_do_not_come_back(
    client: Client, unit: Organisation, written: Callable[[], list[AuditRow]]
) -> None:
    buyer = user_of_today(unit, Role.CANTEEN_BUYER)
    used = [build.PASSWORD]
    for number in range(1, 6):
        token = build.token_of(buyer)
        for one in used[-5:]:
            assert _change(client, token, used[-1], one) == (422, "password_reused")
        assert _change(client, token, used[-1], f"Horse number {number}") == (204, "")
        assert client.get("/api/v1/me", token=token).status_code == 401
        used.append(f"Horse number {number}")
    assert _change(client, build.token_of(buyer), used[-1], used[0]) == (204, "")
    assert [row.action for row in written()].count("set_password") == 6


def test_a_wrong_present_password_counts_and_shuts_the_account(
    client: Client, unit: Organisation
) -> None:
    buyer = user_of_today(unit, Role.CANTEEN_BUYER)
    token = build.token_of(buyer)
    for _ in range(5):
        assert _change(client, token, "wrong", SECOND) == (403, "password_wrong")
    assert _change(client, token, build.PASSWORD, SECOND) == (403, "password_wrong")
    assert sign_in(client, buyer)[0] == 401


def test_an_old_password_opens_nothing_but_its_change(
    client: Client, unit: Organisation, clock_at: Clock
) -> None:
    buyer = user_of_today(unit, Role.CANTEEN_BUYER)
    with clock_at(NOW + timedelta(days=90)):
        status, made = sign_in(client, buyer)
        assert (status, made["must"]) == (201, ["change_password"])
        token = made["token"]
        assert client.get("/api/v1/me", token=token).status_code == 200
        refused = client.get("/api/v1/organisations", token=token)
        assert (refused.status_code, (refused.json or {})["code"]) == (403, "scope_missing")
        body = {"name": "x", "scopes": ["organisations:read"]}
        assert client.post("/api/v1/me/tokens", json=body, token=token).status_code == 403
        assert _change(client, token, build.PASSWORD, SECOND) == (204, "")
        assert sign_in(client, buyer, SECOND)[1]["must"] == []
