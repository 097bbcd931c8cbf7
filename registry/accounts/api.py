"""Doors to accounts: signing in and out, oneself, and opening accounts for others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, current_app, request

from kernel import clock
from kernel.errors import Unauthenticated
from kernel.http import PUBLIC, SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, PageQuery, page_schema
from kernel.problems import refused
from registry.accounts import commands, queries
from registry.accounts.commands import NewUser, SignedIn
from registry.accounts.models import Role
from registry.accounts.queries import Myself, UserView
from registry.accounts.schemas import MyselfOut, TokenIn, TokenOut, UserIn, UserOut

ENROLS = frozenset({Role.UNIT_ADMIN, Role.COOP_MANAGER, Role.PLATFORM_ADMIN})
FAILURES_FROM_ONE_ADDRESS = "30 per minute"

accounts = Blueprint("accounts", __name__, url_prefix="/api/v1")


@accounts.post("/auth/tokens")
@endpoint(
    accounts,
    allow=PUBLIC,
    accepts=TokenIn(),
    returns=TokenOut(),
    status=201,
    rate=FAILURES_FROM_ONE_ADDRESS,
)
def sign_in(body: dict[str, Any]) -> SignedIn | Response:
    """Give a token for a name and its password.

    The no is an answer, not a refusal: the failure it counts is committed with it.
    """
    signed_in = commands.sign_in(
        body["username"],
        password=body["password"],
        lifetime=timedelta(hours=current_app.extensions["bangfu.settings"].token_hours),
        now=clock.now(),
    )
    return signed_in or refused(Unauthenticated())


@accounts.delete("/auth/tokens/current")
@endpoint(accounts, allow=SIGNED_IN, status=204)
def sign_out() -> None:
    """Revoke the token this request came with."""
    token = request.headers["Authorization"].partition(" ")[2].strip()
    commands.sign_out(token, by=current_actor(), now=clock.now())


@accounts.get("/me")
@endpoint(accounts, allow=SIGNED_IN, returns=MyselfOut())
def get_myself() -> Myself:
    """Give who asks, for which organisation, in which roles."""
    return queries.get_myself(current_actor())


@accounts.post("/users")
@endpoint(accounts, allow=ENROLS, accepts=UserIn(), returns=UserOut(), status=201)
def open_account(body: NewUser) -> UserView:
    """Open an account in an organisation in sight."""
    user = commands.create_user(body, by=current_actor(), now=clock.now())
    return queries.get_user_view(current_actor(), user.id)


@accounts.get("/users")
@endpoint(
    accounts, allow=ENROLS, accepts=PageQuery(), location="query", returns=page_schema(UserOut)
)
def list_users(query: dict[str, Any]) -> Page[UserView]:
    """List the accounts in sight, the newest first."""
    return queries.list_users(current_actor(), **query)
