"""Sign in and out, make tokens for machines, and make either void."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import update

from kernel import audit
from kernel.actor import ANYONE, Actor
from kernel.crypto import verify_password
from kernel.database import db
from kernel.identity import new_id
from registry.accounts.commands.accounts import administered
from registry.accounts.commands.factors import use_second_factor
from registry.accounts.models import AccessToken, AppUser, TokenId, TokenKind, UserId
from registry.accounts.queries.accounts import (
    authenticate,
    digest_of,
    lock_own_account,
    lock_token,
    lock_token_by_id,
    lock_user,
)
from registry.accounts.rules.credentials import (
    IDLE,
    LONGEST_TOKEN,
    MLPS,
    OWN_ACCOUNT,
    TOUCHED_AT_MOST,
    USE_OF_TOKEN_NOTED,
    PasswordPolicy,
    check_scopes,
    must_do,
)
from registry.accounts.rules.roles import check_account_open, is_locked, lock_after_failure
from registry.errors.accounts import TokenNarrow, TotpRequired

TOKEN_PREFIX = "bf_"  # noqa: S105 - what tokens begin with, so that leaked ones are found
TOKEN_BYTES = 32


@dataclass(frozen=True)
class SignedIn:
    """A new token in clear, shown once, and whom it stands for."""

    token: str = field(repr=False)
    expires_at: datetime
    actor: Actor
    must: Sequence[str] = ()


@dataclass(frozen=True)
class NewToken:
    """A machine's token to make: what it is for, what it opens, how many days it lives."""

    name: str
    scopes: Sequence[str]
    days: int


@dataclass(frozen=True)
class MadeToken:
    """A machine's token in clear, shown once."""

    token: str = field(repr=False)
    row: AccessToken


def sign_in(
    username: str,
    *,
    password: str,
    lifetime: timedelta,
    now: datetime,
    totp: str | None = None,
    policy: PasswordPolicy = MLPS,
    totp_roles: Collection[str] = (),
) -> SignedIn | None:
    """Give a token for a name and its password, or None; the failure is counted either way.

    None, not a refusal, so that the count is kept when the door says no. An unknown name, a
    wrong password, a wrong code and a shut account look the same and take the same time.
    Refuses TotpRequired where the password is right and the account has a second factor.
    """
    user = lock_user(ANYONE, username=username.lower())
    is_right = verify_password(password, against=user.password_hash if user else None)
    if user is None or is_locked(user, now=now) or user.closed_at is not None or not is_right:
        count_failure(user, now=now)
        return None
    if user.totp_confirmed_at is not None:
        if totp is None:
            raise TotpRequired
        if not use_second_factor(user, totp, now=now):
            count_failure(user, now=now)
            return None
    if user.failed_attempts or user.locked_until_at:
        user.failed_attempts, user.locked_until_at = 0, None
    return _open_session(user, lifetime=lifetime, policy=policy, totp_roles=totp_roles, now=now)


def sign_out(token: str, *, by: Actor, now: datetime) -> None:
    """Revoke the actor's token; it is of no use from the next request on."""
    current = lock_token(by, token)
    current.revoked_at = current.revoked_at or now
    db.session.flush()
    audit.write("sign_out", subject=("user", by.user_id), by=by, now=now)


def make_token(
    new: NewToken, *, known_scopes: Collection[str], by: Actor, now: datetime
) -> MadeToken:
    """Make a token for a machine, narrowed to scopes; refuses TokenNarrow and ScopesUnknown."""
    if by.scopes is not None:
        raise TokenNarrow
    check_scopes(new.scopes, known=known_scopes)
    user = lock_own_account(by)
    check_account_open(user)
    token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    made = AccessToken(
        id=TokenId(new_id()),
        digest=digest_of(token),
        user_id=user.id,
        organisation_id=user.organisation_id,
        kind=TokenKind.API,
        name=new.name,
        scopes=sorted(set(new.scopes)),
        issued_at=now,
        expires_at=now + min(timedelta(days=new.days), LONGEST_TOKEN),
        touch_after_at=now,
    )
    db.session.add(made)
    db.session.flush()
    audit.write(
        "make_token",
        subject=("token", made.id),
        by=by,
        now=now,
        after={"scopes": made.scopes, "expires_at": made.expires_at},
    )
    return MadeToken(token, made)


def revoke_token(token_id: TokenId, *, of_user: UserId, by: Actor, now: datetime) -> None:
    """Make a session or a token void: one's own, or that of an account one looks after."""
    if of_user != by.user_id:
        administered(of_user, by=by)
    token = lock_token_by_id(by, token_id, of_user=of_user)
    token.revoked_at = token.revoked_at or now
    db.session.flush()
    audit.write("revoke_token", subject=("token", token.id), by=by, now=now)


def keep_alive(by: Actor, *, now: datetime) -> None:
    """Note that a session or a token was used; an idle session ends half an hour after that.

    No audit row: it changes nothing that anybody could lose. Two requests at once note it once.
    """
    db.session.execute(
        update(AccessToken)
        .where(
            AccessToken.id == by.token_id,
            AccessToken.revoked_at.is_(None),
            AccessToken.touch_after_at <= now,
        )
        .values(
            last_used_at=now,
            touch_after_at=now
            + (USE_OF_TOKEN_NOTED if by.scopes and by.is_machine else TOUCHED_AT_MOST),
            idle_until_at=None if by.is_machine else now + IDLE,
        )
    )


def count_failure(user: AppUser | None, *, now: datetime) -> None:
    """Count a failed attempt against the account, and shut it for a while after the fifth."""
    if user is not None and not is_locked(user, now=now):
        if user.locked_until_at is not None:
            user.failed_attempts = 0
        user.failed_attempts += 1
        user.locked_until_at = lock_after_failure(user.failed_attempts, now=now)
        db.session.flush()
    subject = ("user", user.id if user else "unknown")
    audit.write("sign_in", subject=subject, by=ANYONE, now=now, outcome="unauthenticated")


def _open_session(
    user: AppUser,
    *,
    lifetime: timedelta,
    policy: PasswordPolicy,
    totp_roles: Collection[str],
    now: datetime,
) -> SignedIn:
    """Open a session; narrowed to the own account while something must be done about it."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    issued = AccessToken(
        id=TokenId(new_id()),
        digest=digest_of(token),
        user_id=user.id,
        organisation_id=user.organisation_id,
        kind=TokenKind.SESSION,
        issued_at=now,
        expires_at=now + lifetime,
        idle_until_at=now + IDLE,
        touch_after_at=now + TOUCHED_AT_MOST,
        last_used_at=now,
    )
    db.session.add(issued)
    db.session.flush()
    actor = authenticate(token, now=now)
    if actor is None:
        raise RuntimeError("a user without a role")
    must = must_do(user, actor.roles, policy=policy, totp_roles=totp_roles, now=now)
    if must:
        issued.scopes = sorted(OWN_ACCOUNT)
        db.session.flush()
    audit.write("sign_in", subject=("user", user.id), by=actor, now=now)
    return SignedIn(token=token, expires_at=issued.expires_at, actor=actor, must=must)
