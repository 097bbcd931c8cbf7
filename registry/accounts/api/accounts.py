"""Doors to accounts: signing in, opening accounts for others, and looking after them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from kernel import clock
from kernel.errors import Unauthenticated
from kernel.http import PUBLIC, Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page, PageQuery, page_schema
from kernel.problems import refused
from kernel.visits import ATTEMPTS
from registry.accounts.api.settings import (
    attempts_from_one_address,
    failures_from_one_address,
    lifetime,
    policy,
    totp_roles,
)
from registry.accounts.commands import accounts as opening
from registry.accounts.commands import factors, invitations, passwords, people, sessions
from registry.accounts.commands.accounts import NewUser
from registry.accounts.commands.invitations import NewInvitation
from registry.accounts.commands.passwords import OneTimeToken
from registry.accounts.commands.sessions import SignedIn
from registry.accounts.models import (
    AccessToken,
    Invitation,
    InvitationId,
    Role,
    TokenId,
    UserId,
)
from registry.accounts.queries import accounts as queries
from registry.accounts.queries.accounts import UserView
from registry.accounts.schemas import (
    ACCESS_PAGE,
    InvitationIn,
    InvitationOut,
    OneTimeTokenOut,
    PersonIn,
    RedemptionIn,
    TokenIn,
    TokenOut,
    UserIn,
    UserOut,
)

ENROLS = frozenset({Role.UNIT_ADMIN, Role.COOP_MANAGER, Role.PLATFORM_ADMIN})

accounts = Blueprint("accounts", __name__, url_prefix="/api/v1")


@accounts.post("/auth/tokens")
@endpoint(
    accounts,
    allow=PUBLIC,
    accepts=TokenIn(),
    returns=TokenOut(),
    status=201,
    rate=failures_from_one_address,
)
def sign_in(body: dict[str, Any]) -> SignedIn | Response:
    """Give a token for a name and its password.

    The no is an answer, not a refusal: the failure it counts is committed with it.
    """
    signed_in = sessions.sign_in(
        body["username"],
        password=body["password"],
        totp=body["totp"],
        lifetime=lifetime(),
        policy=policy(),
        totp_roles=totp_roles(),
        now=clock.now(),
    )
    return signed_in or refused(Unauthenticated())


@accounts.post("/invitations/accept")
@endpoint(
    accounts,
    allow=PUBLIC,
    accepts=RedemptionIn(),
    returns=UserOut(),
    status=201,
    rate=attempts_from_one_address,
    counts=ATTEMPTS,
)
def accept_invitation(body: dict[str, str]) -> UserView:
    """Open the account that an invitation is for, under a name and a password of one's own."""
    return invitations.accept_invitation(**body, policy=policy(), now=clock.now())


@accounts.post("/auth/password-resets")
@endpoint(
    accounts,
    allow=PUBLIC,
    accepts=RedemptionIn(),
    status=204,
    rate=attempts_from_one_address,
    counts=ATTEMPTS,
)
def redeem_reset(body: dict[str, str]) -> None:
    """Set a new password with the one-time token that an administrator handed over."""
    passwords.redeem_reset(**body, policy=policy(), now=clock.now())


@accounts.post("/users")
@endpoint(accounts, allow=ENROLS, accepts=UserIn(), returns=UserOut(), status=201)
def open_account(body: NewUser) -> UserView:
    """Open an account in an organisation in sight."""
    user = opening.create_user(body, policy=policy(), by=current_actor(), now=clock.now())
    return queries.get_user_view(current_actor(), user.id)


@accounts.get("/users")
@endpoint(
    accounts, allow=ENROLS, accepts=PageQuery(), location="query", returns=page_schema(UserOut)
)
def list_users(query: dict[str, Any]) -> Page[UserView]:
    """List the accounts in sight, the newest first."""
    return queries.list_users(current_actor(), **query)


@accounts.get("/users/<uuid:user_id>")
@endpoint(accounts, allow=ENROLS, returns=UserOut())
def get_user(user_id: UUID) -> UserView:
    """Give an account in sight."""
    return queries.get_user_view(current_actor(), UserId(user_id))


@accounts.post("/users/<uuid:user_id>/close")
@endpoint(accounts, allow=ENROLS, returns=UserOut(), etag=True)
def close_account(user_id: UUID) -> UserView:
    """Shut an account for good; what was done under it stays."""
    opening.close_account(
        UserId(user_id), expected_version=expected_version(), by=current_actor(), now=clock.now()
    )
    return queries.get_user_view(current_actor(), UserId(user_id))


@accounts.post("/users/<uuid:user_id>/person")
@endpoint(accounts, allow=ENROLS, accepts=PersonIn(), status=204)
def name_person(body: dict[str, str], user_id: UUID) -> None:
    """Say whose account it is: nobody is somebody else through a second account."""
    people.name_person(UserId(user_id), **body, by=current_actor(), now=clock.now())


@accounts.delete("/users/<uuid:user_id>")
@endpoint(accounts, allow=ENROLS, status=204)
def delete_account(user_id: UUID) -> None:
    """Delete an account under which nothing was ever done."""
    opening.delete_account(UserId(user_id), by=current_actor(), now=clock.now())


@accounts.post("/users/<uuid:user_id>/password-resets")
@endpoint(accounts, allow=ENROLS, returns=OneTimeTokenOut(), status=201)
def issue_reset(user_id: UUID) -> OneTimeToken:
    """Give a one-time token with which the user sets a new password."""
    return passwords.issue_reset(UserId(user_id), by=current_actor(), now=clock.now())


@accounts.post("/users/<uuid:user_id>/totp/remove")
@endpoint(accounts, allow=ENROLS, status=204)
def lift_totp(user_id: UUID) -> None:
    """Take a lost second factor off an account."""
    factors.lift_totp(UserId(user_id), by=current_actor(), now=clock.now())


@accounts.get("/users/<uuid:user_id>/tokens")
@endpoint(accounts, allow=ENROLS, accepts=PageQuery(), location="query", returns=ACCESS_PAGE)
def list_tokens(query: dict[str, Any], user_id: UUID) -> Page[AccessToken]:
    """List the sessions and tokens of an account in sight, the newest first."""
    return queries.list_tokens(current_actor(), of_user=UserId(user_id), now=clock.now(), **query)


@accounts.delete("/users/<uuid:user_id>/tokens/<uuid:token_id>")
@endpoint(accounts, allow=ENROLS, status=204)
def revoke_token(user_id: UUID, token_id: UUID) -> None:
    """Make a session or a token of an account void."""
    sessions.revoke_token(
        TokenId(token_id), of_user=UserId(user_id), by=current_actor(), now=clock.now()
    )


@accounts.post("/invitations")
@endpoint(accounts, allow=ENROLS, accepts=InvitationIn(), returns=OneTimeTokenOut(), status=201)
def invite(body: NewInvitation) -> OneTimeToken:
    """Give a one-time token that opens an account with these roles in an organisation in sight."""
    return invitations.invite(body, by=current_actor(), now=clock.now())


@accounts.get("/invitations")
@endpoint(
    accounts,
    allow=ENROLS,
    accepts=PageQuery(),
    location="query",
    returns=page_schema(InvitationOut),
)
def list_invitations(query: dict[str, Any]) -> Page[Invitation]:
    """List the invitations into organisations in sight, the newest first."""
    return queries.list_invitations(current_actor(), **query)


@accounts.post("/invitations/<uuid:invitation_id>/revoke")
@endpoint(accounts, allow=ENROLS, returns=InvitationOut())
def revoke_invitation(invitation_id: UUID) -> Invitation:
    """Withdraw an invitation that was not accepted."""
    return invitations.revoke_invitation(
        InvitationId(invitation_id), by=current_actor(), now=clock.now()
    )
