"""Change one's password, and let somebody set a new one who forgot theirs."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from kernel import audit
from kernel.actor import ANYONE, Actor
from kernel.crypto import hash_password, verify_password
from kernel.database import db
from kernel.identity import new_id
from registry.accounts.commands.accounts import administered, revoke_tokens
from registry.accounts.commands.sessions import count_failure
from registry.accounts.models import AppUser, PasswordReset, ResetId, UsedPassword, UserId
from registry.accounts.queries.accounts import (
    digest_of,
    list_used_passwords,
    lock_one_time,
    lock_own_account,
    lock_user,
)
from registry.accounts.rules.credentials import (
    RESET_WITHIN,
    PasswordPolicy,
    check_password,
    check_usable,
)
from registry.accounts.rules.roles import check_account_open, is_locked
from registry.errors.accounts import OneTimeTokenInvalid, PasswordReused

ONE_TIME_BYTES = 32


@dataclass(frozen=True)
class OneTimeToken:
    """A token that works once, in clear, shown once."""

    id: object
    token: str = field(repr=False)
    expires_at: datetime


def change_password(
    password: str, *, present: str, policy: PasswordPolicy, by: Actor, now: datetime
) -> bool:
    """Set the actor's password and make every token of theirs void; False for a wrong present one.

    False, not a refusal, so that the failure is counted. Refuses PasswordWeak, PasswordCommon
    and PasswordReused.
    """
    user = lock_own_account(by)
    if is_locked(user, now=now) or not verify_password(present, against=user.password_hash):
        count_failure(user, now=now)
        return False
    _set_password(user, password, policy=policy, by=by, now=now)
    return True


def issue_reset(user_id: UserId, *, by: Actor, now: datetime) -> OneTimeToken:
    """Give an administrator a token with which the user sets a new password once.

    Refuses NotFound, OwnAccount, RoleOutOfReach, AccountClosed.
    """
    user = administered(user_id, by=by)
    check_account_open(user)
    token = secrets.token_urlsafe(ONE_TIME_BYTES)
    issued = PasswordReset(
        id=ResetId(new_id()),
        digest=digest_of(token),
        user_id=user.id,
        issued_by=UserId(by.user_id),
        issued_at=now,
        expires_at=now + RESET_WITHIN,
    )
    db.session.add(issued)
    db.session.flush()
    audit.write("issue_reset", subject=("user", user.id), by=by, now=now)
    return OneTimeToken(issued.id, token, issued.expires_at)


def redeem_reset(
    token: str, *, username: str, password: str, policy: PasswordPolicy, now: datetime
) -> None:
    """Set a new password with a one-time token; the second factor stays as it is.

    Refuses OneTimeTokenInvalid for an unknown name, a wrong, used or old token alike.
    """
    user = lock_user(ANYONE, username=username.lower())
    reset = lock_one_time(ANYONE, PasswordReset, digest_of(token))
    if reset is None or user is None or reset.user_id != user.id or user.closed_at is not None:
        raise OneTimeTokenInvalid
    check_usable(ended=reset.used_at is not None, expires_at=reset.expires_at, now=now)
    reset.used_at = now
    user.failed_attempts, user.locked_until_at = 0, None
    _set_password(user, password, policy=policy, by=ANYONE, now=now)


def _set_password(
    user: AppUser, password: str, *, policy: PasswordPolicy, by: Actor, now: datetime
) -> None:
    check_password(password, username=user.username, policy=policy)
    before = list_used_passwords(by, user.id, limit=policy.history - 1)
    if any(verify_password(password, against=one) for one in (user.password_hash, *before)):
        raise PasswordReused(pointer="/password", history=policy.history)
    db.session.add(
        UsedPassword(id=new_id(), user_id=user.id, password_hash=user.password_hash, set_at=now)
    )
    user.password_hash, user.password_changed_at = hash_password(password), now
    db.session.flush()
    revoke_tokens(user.id, now=now)
    audit.write("set_password", subject=("user", user.id), by=by, now=now)
