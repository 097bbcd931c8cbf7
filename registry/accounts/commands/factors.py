"""Put a second factor on an account, use it, and take it off."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import pyotp
from sqlalchemy import delete

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.crypto import verify_password
from kernel.database import db
from kernel.identity import new_id
from registry.accounts.commands.accounts import administered
from registry.accounts.models import AppUser, RecoveryCode, UserId
from registry.accounts.queries.accounts import digest_of, lock_own_account, lock_recovery_code
from registry.accounts.rules.credentials import RECOVERY_CODES, matching_step
from registry.errors.accounts import (
    PasswordWrong,
    TotpAlreadyOn,
    TotpDemanded,
    TotpNotEnrolled,
    TotpWrong,
)

ISSUER = "Bangfu"
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12


@dataclass(frozen=True)
class Enrolment:
    """The secret of a second factor, shown once, and the address that an app scans."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


def enrol_totp(password: str, *, by: Actor, now: datetime) -> Enrolment:
    """Give the actor a new secret, which holds once it is confirmed.

    Refuses PasswordWrong and TotpAlreadyOn; a secret that was not confirmed is replaced.
    """
    user = lock_own_account(by)
    if not verify_password(password, against=user.password_hash):
        raise PasswordWrong(pointer="/password")
    if user.totp_confirmed_at is not None:
        raise TotpAlreadyOn
    user.totp_secret, user.totp_last_step = pyotp.random_base32(), None
    db.session.flush()
    audit.write("enrol_totp", subject=("user", user.id), by=by, now=now)
    uri = pyotp.TOTP(user.totp_secret).provisioning_uri(name=user.username, issuer_name=ISSUER)
    return Enrolment(user.totp_secret, uri)


def confirm_totp(code: str, *, by: Actor, now: datetime) -> list[str]:
    """Turn the second factor on with its first code; gives the recovery codes, once.

    The session it was demanded for is not widened: signing in again is. Refuses
    TotpNotEnrolled, TotpAlreadyOn, TotpWrong.
    """
    user = lock_own_account(by)
    if user.totp_confirmed_at is not None:
        raise TotpAlreadyOn
    if user.totp_secret is None:
        raise TotpNotEnrolled
    step = matching_step(user.totp_secret, code, after=user.totp_last_step, now=now)
    if step is None:
        raise TotpWrong(pointer="/code")
    user.totp_confirmed_at, user.totp_last_step = now, step
    codes = [
        "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(RECOVERY_CODES)
    ]
    _forget_codes(user.id)
    db.session.add_all(
        RecoveryCode(id=new_id(), user_id=user.id, digest=digest_of(one)) for one in codes
    )
    db.session.flush()
    audit.write("confirm_totp", subject=("user", user.id), by=by, now=now)
    return codes


def remove_totp(code: str, *, totp_roles: Collection[str], by: Actor, now: datetime) -> None:
    """Take the actor's second factor off; refuses TotpNotEnrolled, TotpDemanded, TotpWrong."""
    user = lock_own_account(by)
    if user.totp_confirmed_at is None:
        raise TotpNotEnrolled
    if by.has(*totp_roles):
        raise TotpDemanded
    if not use_second_factor(user, code, now=now):
        raise TotpWrong(pointer="/code")
    _take_off(user, by=by, now=now)


def lift_totp(user_id: UserId, *, by: Actor, now: datetime) -> None:
    """Take a lost second factor off an account that the actor looks after."""
    user = administered(user_id, by=by)
    if user.totp_secret is None:
        raise TotpNotEnrolled
    _take_off(user, by=by, now=now)


def use_second_factor(user: AppUser, code: str, *, now: datetime) -> bool:
    """Use up a one-time or a recovery code of the locked user; says whether it was right."""
    if user.totp_secret is not None:
        step = matching_step(user.totp_secret, code, after=user.totp_last_step, now=now)
        if step is not None:
            user.totp_last_step = step
            db.session.flush()
            return True
    spare = lock_recovery_code(SYSTEM, digest_of(code.upper()), of_user=user.id)
    if spare is None:
        return False
    spare.used_at = now
    db.session.flush()
    return True


def _take_off(user: AppUser, *, by: Actor, now: datetime) -> None:
    user.totp_confirmed_at = user.totp_secret = user.totp_last_step = None
    db.session.flush()
    _forget_codes(user.id)
    audit.write("remove_totp", subject=("user", user.id), by=by, now=now)


def _forget_codes(user_id: UserId) -> None:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
