"""Doors to one's own account: who one is, password, second factor, sessions and tokens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, current_app, g

from kernel import clock
from kernel.doors import OWN_ACCOUNT, scopes_of
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, PageQuery
from kernel.problems import refused
from registry.accounts.api.settings import policy, totp_roles
from registry.accounts.commands import factors, passwords, sessions
from registry.accounts.commands.factors import Enrolment
from registry.accounts.commands.sessions import MadeToken, NewToken
from registry.accounts.models import AccessToken, TokenId, UserId
from registry.accounts.queries import accounts as queries
from registry.accounts.queries.accounts import Myself
from registry.accounts.rules.credentials import NEVER_FOR_TOKENS
from registry.accounts.schemas import (
    ACCESS_PAGE,
    CodeIn,
    EnrolmentIn,
    EnrolmentOut,
    MadeTokenOut,
    MyselfOut,
    NewTokenIn,
    PasswordIn,
    RecoveryCodesOut,
    ScopesOut,
)
from registry.errors.accounts import PasswordWrong

myself = Blueprint(OWN_ACCOUNT, __name__, url_prefix="/api/v1")


@myself.get("/me")
@endpoint(myself, allow=SIGNED_IN, returns=MyselfOut())
def get_myself() -> Myself:
    """Give who asks, for which organisation, in which roles."""
    return queries.get_myself(current_actor())


@myself.delete("/auth/tokens/current")
@endpoint(myself, allow=SIGNED_IN, status=204)
def sign_out() -> None:
    """Revoke the token this request came with."""
    sessions.sign_out(g.token, by=current_actor(), now=clock.now())


@myself.post("/me/password")
@endpoint(myself, allow=SIGNED_IN, accepts=PasswordIn(), status=204)
def change_password(body: dict[str, str]) -> Response | None:
    """Change the own password; every session and token ends, this one too.

    A wrong present password is an answer, not a refusal: the failure is counted.
    """
    is_changed = passwords.change_password(
        body["password"],
        present=body["present"],
        policy=policy(),
        by=current_actor(),
        now=clock.now(),
    )
    return None if is_changed else refused(PasswordWrong(pointer="/present"))


@myself.post("/me/totp")
@endpoint(myself, allow=SIGNED_IN, accepts=EnrolmentIn(), returns=EnrolmentOut())
def enrol_totp(body: dict[str, str]) -> Enrolment:
    """Begin a second factor: gives the secret and the address that an app scans."""
    return factors.enrol_totp(body["password"], by=current_actor(), now=clock.now())


@myself.post("/me/totp/confirm")
@endpoint(myself, allow=SIGNED_IN, accepts=CodeIn(), returns=RecoveryCodesOut())
def confirm_totp(body: dict[str, str]) -> dict[str, list[str]]:
    """Turn the second factor on with its first code; gives the recovery codes."""
    codes = factors.confirm_totp(body["code"], by=current_actor(), now=clock.now())
    return {"recovery_codes": codes}


@myself.post("/me/totp/remove")
@endpoint(myself, allow=SIGNED_IN, accepts=CodeIn(), status=204)
def remove_totp(body: dict[str, str]) -> None:
    """Take the second factor off, with a code of it."""
    factors.remove_totp(body["code"], totp_roles=totp_roles(), by=current_actor(), now=clock.now())


@myself.get("/me/tokens")
@endpoint(
    myself,
    allow=SIGNED_IN,
    accepts=PageQuery(),
    location="query",
    returns=ACCESS_PAGE,
)
def list_my_tokens(query: dict[str, Any]) -> Page[AccessToken]:
    """List the own sessions and tokens that open doors, the newest first."""
    actor = current_actor()
    return queries.list_tokens(actor, of_user=UserId(actor.user_id), now=clock.now(), **query)


@myself.post("/me/tokens")
@endpoint(myself, allow=SIGNED_IN, accepts=NewTokenIn(), returns=MadeTokenOut(), status=201)
def make_token(body: NewToken) -> MadeToken:
    """Make a token for a machine, narrowed to scopes."""
    known = scopes_of(current_app.view_functions.values())
    return sessions.make_token(body, known_scopes=known, by=current_actor(), now=clock.now())


@myself.delete("/me/tokens/<uuid:token_id>")
@endpoint(myself, allow=SIGNED_IN, status=204)
def revoke_my_token(token_id: UUID) -> None:
    """Make one of the own sessions or tokens void."""
    actor = current_actor()
    sessions.revoke_token(
        TokenId(token_id), of_user=UserId(actor.user_id), by=actor, now=clock.now()
    )


@myself.get("/scopes")
@endpoint(myself, allow=SIGNED_IN, returns=ScopesOut())
def list_scopes() -> dict[str, list[str]]:
    """List every scope a token can be narrowed to."""
    known = scopes_of(current_app.view_functions.values())
    return {"scopes": sorted(known - {NEVER_FOR_TOKENS})}
