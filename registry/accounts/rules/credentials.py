"""What a password needs, which one-time code is right, and how long a session lasts."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pyotp

from registry.accounts.models import AppUser
from registry.errors.accounts import (
    OneTimeTokenInvalid,
    PasswordCommon,
    PasswordWeak,
    ScopesUnknown,
)

IDLE = timedelta(minutes=30)
TOUCHED_AT_MOST = timedelta(minutes=1)
"""How exactly the last use of a session is known."""
USE_OF_TOKEN_NOTED = timedelta(hours=1)
INVITED_FOR = timedelta(days=7)
RESET_WITHIN = timedelta(hours=24)
LONGEST_TOKEN = timedelta(days=365)
STEP_SECONDS = 30
SKEW = (-1, 0, 1)
RECOVERY_CODES = 10
OWN_ACCOUNT = frozenset({"myself:read", "myself:write"})
"""What a session opens while a password is too old or a second factor is missing."""
NEVER_FOR_TOKENS = "myself:write"
COMMON = frozenset(
    (Path(__file__).parents[1] / "data" / "common_passwords.txt").read_text("utf-8").split()
)


@dataclass(frozen=True)
class PasswordPolicy:
    """What a password needs; a profile of the two standards that contradict each other."""

    name: str
    shortest: int
    longest: int
    classes: int
    """Of lower case, upper case, digits and others."""
    history: int
    """How many passwords, the present one among them, do not come back."""
    max_age: timedelta | None


MLPS = PasswordPolicy("mlps", 10, 128, 3, 5, timedelta(days=90))
"""GB/T 22239 level 3: complex, and changed at intervals."""
ASVS = PasswordPolicy("asvs", 12, 128, 1, 1, None)
"""OWASP ASVS 5.0, 6.2: long, no composition, no rotation."""
POLICIES: Mapping[str, PasswordPolicy] = MappingProxyType({one.name: one for one in (MLPS, ASVS)})


def check_password(password: str, *, username: str, policy: PasswordPolicy) -> None:
    """Refuse a password that is too short, too plain, holds the username, or is on the list."""
    if (
        not policy.shortest <= len(password) <= policy.longest
        or _classes_of(password) < policy.classes
        or username in password.casefold()
    ):
        raise PasswordWeak(
            pointer="/password",
            shortest=policy.shortest,
            longest=policy.longest,
            classes=policy.classes,
        )
    if password.casefold() in COMMON:
        raise PasswordCommon(pointer="/password")


def is_password_old(user: AppUser, *, policy: PasswordPolicy, now: datetime) -> bool:
    """Say whether the password is older than the policy allows."""
    set_at = user.password_changed_at or user.created_at
    return policy.max_age is not None and now >= set_at + policy.max_age


def must_do(
    user: AppUser,
    roles: Collection[str],
    *,
    policy: PasswordPolicy,
    totp_roles: Collection[str],
    now: datetime,
) -> list[str]:
    """Name what somebody must do about the own account before they may do anything else."""
    must = []
    if is_password_old(user, policy=policy, now=now):
        must.append("change_password")
    if user.totp_confirmed_at is None and not set(roles).isdisjoint(totp_roles):
        must.append("enrol_totp")
    return must


def matching_step(secret: str, code: str, *, after: int | None, now: datetime) -> int | None:
    """Give the half minute whose code this is, a step of skew allowed; None where there is none.

    A step at or before `after` was used and is never right again (RFC 6238, 5.2).
    """
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    present = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in (present + skew for skew in SKEW):
        right = hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
        if right and (after is None or step > after):
            found = step
    return found


def check_usable(*, ended: bool, expires_at: datetime, now: datetime) -> None:
    """Refuse a one-time token that was used, withdrawn or has run out; one answer for all."""
    if ended or now >= expires_at:
        raise OneTimeTokenInvalid


def check_scopes(scopes: Collection[str], *, known: Collection[str]) -> None:
    """Refuse scopes that no door has, and the one that would let a token free itself."""
    for index, scope in enumerate(scopes):
        if scope not in known or scope == NEVER_FOR_TOKENS:
            raise ScopesUnknown(pointer=f"/scopes/{index}", scope=scope)


def _classes_of(password: str) -> int:
    kinds = (str.islower, str.isupper, str.isdigit)
    found = {next((k for k, is_kind in enumerate(kinds) if is_kind(m)), 3) for m in password}
    return len(found)
