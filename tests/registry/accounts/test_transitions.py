"""Every state × every act × everybody of accounts, invitations and password resets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kernel import clock
from kernel.database import db
from registry.accounts.commands import accounts, invitations, passwords
from registry.accounts.commands.invitations import NewInvitation
from registry.accounts.models import AppUser, Invitation, PasswordReset, Role
from registry.accounts.rules.credentials import POLICIES
from registry.accounts.rules.roles import FAILURES_BEFORE_LOCK, LOCKED_FOR
from registry.organisations.models import Organisation
from tests.builders import registry
from tests.conftest import Client
from tests.registry.conftest import NOW
from tests.transitions import Deed, Token, strangers, walk

POLICY = POLICIES["mlps"]
ANOTHER = "Another horse 9 battery"
KEPT = "(SELECT id, closed_at, password_hash FROM app_user)"
SHOWN = (KEPT, "membership", "invitation", "password_reset")


@dataclass(frozen=True)
class Stage:
    """A cooperative with an account, who looks after it, and who is above."""

    home: Organisation
    user: AppUser
    manager: AppUser
    people: Mapping[str, Token]


@pytest.fixture
def stage(client: Client) -> Stage:
    del client
    above = registry.organisation()
    home = registry.organisation(supervising=above)
    user, manager = (registry.user(home, [Role.COOP_MANAGER]) for _ in range(2))
    people = strangers() | {
        "own": registry.token_of(user),
        "manager": registry.token_of(manager),
        "above": registry.token_of(registry.user(above, [Role.COOP_MANAGER])),
    }
    return Stage(home, user, manager, people)


def post(
    path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
) -> Deed:
    def send(client: Client, token: Token) -> TestResponse:
        return client.post(path, json=body, token=token, headers=dict(headers or {}))

    return send


def delete(path: str) -> Deed:
    def send(client: Client, token: Token) -> TestResponse:
        return client.delete(path, token=token)

    return send


@pytest.mark.parametrize("state", ["open", "shut", "closed"])
def test_an_account_moves_only_as_its_table_says(client: Client, stage: Stage, state: str) -> None:
    user, user_id = stage.user, stage.user.id
    if state == "shut":
        user.failed_attempts, user.locked_until_at = FAILURES_BEFORE_LOCK, NOW + LOCKED_FOR
        db.session.flush()
    if state == "closed":
        by = registry.actor_of(stage.manager)
        accounts.close_account(user_id, expected_version=None, by=by, now=NOW)
    signs_in = {"username": user.username, "password": registry.PASSWORD}
    to = f"/api/v1/users/{user_id}"
    acts = {
        "sign_in": post("/api/v1/auth/tokens", signs_in),
        "close": post(f"{to}/close", headers={"If-Match": "*"}),
        "delete": delete(to),
        "reset": post(f"{to}/password-resets"),
    }

    def state_now() -> str:
        one = db.session.get(AppUser, user_id, populate_existing=True)
        if one is None:
            return "none"
        if one.closed_at is not None:
            return "closed"
        return "open" if one.locked_until_at is None else "shut"

    walk(
        client, "account", state, people=stage.people, acts=acts, state_now=state_now,
        shown_in=SHOWN,
    )  # fmt: skip


@pytest.mark.parametrize("state", ["open", "accepted", "withdrawn", "old"])
def test_an_invitation_moves_only_as_its_table_says(
    client: Client, stage: Stage, state: str
) -> None:
    by = registry.actor_of(stage.manager)
    issued_at = NOW - timedelta(days=8) if state == "old" else NOW
    new = NewInvitation(stage.home.id, [Role.COOP_CLERK])
    issued = invitations.invite(new, by=by, now=issued_at)
    invitation = db.session.query(Invitation).one()
    invitation_id = invitation.id
    if state == "accepted":
        invitations.accept_invitation(
            issued.token, username="first", password=ANOTHER, policy=POLICY, now=NOW
        )
    if state == "withdrawn":
        invitations.revoke_invitation(invitation_id, by=by, now=NOW)
    said = {"token": issued.token, "username": "invited", "password": ANOTHER}
    acts = {
        "accept": post("/api/v1/invitations/accept", said),
        "withdraw": post(f"/api/v1/invitations/{invitation_id}/revoke"),
    }

    def state_now() -> str:
        one = db.session.get_one(Invitation, invitation_id, populate_existing=True)
        if one.accepted_at is not None:
            return "accepted"
        if one.revoked_at is not None:
            return "withdrawn"
        return "old" if one.expires_at <= clock.now() else "open"

    people = {who: token for who, token in stage.people.items() if who != "own"}
    walk(client, "invitation", state, people=people, acts=acts, state_now=state_now, shown_in=SHOWN)


@pytest.mark.parametrize("state", ["open", "used", "old", "closed"])
def test_a_reset_moves_only_as_its_table_says(client: Client, stage: Stage, state: str) -> None:
    by = registry.actor_of(stage.manager)
    issued_at = NOW - timedelta(hours=25) if state == "old" else NOW
    issued = passwords.issue_reset(stage.user.id, by=by, now=issued_at)
    said = {"token": issued.token, "username": stage.user.username, "password": ANOTHER}
    if state == "used":
        passwords.redeem_reset(
            **(said | {"password": "Third horse 10 battery"}), policy=POLICY, now=NOW
        )
    if state == "closed":
        accounts.close_account(stage.user.id, expected_version=None, by=by, now=NOW)
    user_id = stage.user.id

    def state_now() -> str:
        one = db.session.query(PasswordReset).populate_existing().one()
        user = db.session.get_one(AppUser, user_id, populate_existing=True)
        if one.used_at is not None:
            return "used"
        if user.closed_at is not None:
            return "closed"
        return "old" if one.expires_at <= clock.now() else "open"

    acts = {"redeem": post("/api/v1/auth/password-resets", said)}
    people = {who: token for who, token in stage.people.items() if who != "own"}
    walk(client, "reset", state, people=people, acts=acts, state_now=state_now, shown_in=SHOWN)
