"""What a password needs, which code is right when, what somebody must do first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from registry.accounts.models import AppUser
from registry.accounts.rules.credentials import (
    ASVS,
    MLPS,
    PasswordPolicy,
    check_password,
    check_scopes,
    check_usable,
    is_password_old,
    matching_step,
    must_do,
)
from registry.errors.accounts import (
    OneTimeTokenInvalid,
    PasswordCommon,
    PasswordWeak,
    ScopesUnknown,
)

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.mark.parametrize(
    ("policy", "password"),
    [
        (MLPS, "Abcdefgh12"),
        (MLPS, "abcdefg-12"),
        (MLPS, "长长长长长长长长aA"),
        (MLPS, "Aa1" + "x" * 125),
        (ASVS, "a" * 12),
        (ASVS, "长" * 12),
    ],
)
def test_a_password_that_fits_its_profile_is_taken(policy: PasswordPolicy, password: str) -> None:
    check_password(password, username="clerk", policy=policy)


@pytest.mark.parametrize(
    ("policy", "password"),
    [
        (MLPS, "Abcdefgh1"),
        (MLPS, "abcdefgh12"),
        (MLPS, "Aa1" + "x" * 126),
        (MLPS, "My-CLERK-is-here"),
        (ASVS, "a" * 11),
        (ASVS, "x" * 129),
    ],
)
def test_a_short_a_long_a_plain_and_a_telling_password_are_refused(
    policy: PasswordPolicy, password: str
) -> None:
    with pytest.raises(PasswordWeak) as refusal:
        check_password(password, username="clerk", policy=policy)
    assert refusal.value.figures["shortest"] == policy.shortest


@pytest.mark.parametrize("password", ["P@ssw0rd123!", "Admin@123456", "Welcome2026!"])
def test_what_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(PasswordCommon):
        check_password(password, username="clerk", policy=MLPS)


def test_a_password_ages_in_90_days_and_under_asvs_never() -> None:
    user = AppUser(password_changed_at=NOW, created_at=NOW - timedelta(days=900))
    assert not is_password_old(user, policy=MLPS, now=NOW + timedelta(days=90, seconds=-1))
    assert is_password_old(user, policy=MLPS, now=NOW + timedelta(days=90))
    assert not is_password_old(user, policy=ASVS, now=NOW + timedelta(days=9000))
    unchanged = AppUser(password_changed_at=None, created_at=NOW)
    assert is_password_old(unchanged, policy=MLPS, now=NOW + timedelta(days=90))


def test_a_role_that_needs_a_second_factor_must_enrol_one() -> None:
    def must(confirmed_at: datetime | None, age: int) -> list[str]:
        user = AppUser(created_at=NOW, password_changed_at=NOW, totp_confirmed_at=confirmed_at)
        now = NOW + timedelta(days=age)
        return must_do(user, {"monitor"}, policy=MLPS, totp_roles=("monitor",), now=now)

    assert must(NOW, 0) == []
    assert must(None, 0) == ["enrol_totp"]
    assert must(None, 90) == ["change_password", "enrol_totp"]
    assert must_do(AppUser(created_at=NOW), {"auditor"}, policy=MLPS, totp_roles=(), now=NOW) == []


@pytest.mark.parametrize(
    ("seconds", "is_right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_a_clock_may_be_a_step_off_and_no_more(seconds: int, *, is_right: bool) -> None:
    code = pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=seconds))
    step = matching_step(SECRET, code, after=None, now=NOW)
    assert (step is not None) is is_right
    if step is not None:
        assert step == int(NOW.timestamp()) // 30 + seconds // 30


def test_a_code_is_right_once_and_an_older_one_not_after_it() -> None:
    present = int(NOW.timestamp()) // 30
    code, before = (
        pyotp.TOTP(SECRET).generate_otp(present),
        pyotp.TOTP(SECRET).generate_otp(present - 1),
    )
    assert matching_step(SECRET, code, after=present, now=NOW) is None
    assert matching_step(SECRET, before, after=present, now=NOW) is None
    assert matching_step(SECRET, code, after=present - 1, now=NOW) == present
    assert matching_step(SECRET, "长", after=None, now=NOW) is None


def test_a_one_time_token_runs_out_and_is_used_once() -> None:
    check_usable(ended=False, expires_at=NOW + timedelta(seconds=1), now=NOW)
    for ended, expires_at in ((True, NOW + timedelta(days=1)), (False, NOW)):
        with pytest.raises(OneTimeTokenInvalid):
            check_usable(ended=ended, expires_at=expires_at, now=NOW)


def test_a_token_is_narrowed_to_scopes_that_exist_and_cannot_free_itself() -> None:
    known = {"orders:read", "myself:write"}
    check_scopes(["orders:read"], known=known)
    for scope in ("orders:write", "myself:write"):
        with pytest.raises(ScopesUnknown) as refusal:
            check_scopes(["orders:read", scope], known=known)
        assert refusal.value.pointer == "/scopes/1"
