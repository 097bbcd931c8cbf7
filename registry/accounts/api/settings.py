"""What the doors to accounts read from the settings of this installation."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from flask import current_app

from kernel.config import Settings
from registry.accounts.rules.credentials import POLICIES, PasswordPolicy

ATTEMPTS_TO_FAILURES = 4


def lifetime() -> timedelta:
    """Give how long a session lasts at most."""
    return timedelta(hours=_settings().token_hours)


def policy() -> PasswordPolicy:
    """Give what a password needs here."""
    return POLICIES[_settings().password_profile]


def totp_roles() -> tuple[str, ...]:
    """Give the roles that may not be without a second factor."""
    return _settings().totp_roles


def failures_from_one_address() -> str:
    """Give the limit of failed attempts from one address, as the limiter reads it."""
    return f"{_settings().address_failures} per 15 minutes"


def attempts_from_one_address() -> str:
    """Give the limit of attempts with a one-time token; a password that is too weak is one too."""
    return f"{ATTEMPTS_TO_FAILURES * _settings().address_failures} per 15 minutes"


def _settings() -> Settings:
    return cast("Settings", current_app.extensions["bangfu.settings"])
