"""People whose passwords are of today, and how they sign in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from kernel.database import db
from registry.accounts.models import AppUser, Role
from registry.organisations.models import Organisation
from tests.builders import registry as build
from tests.conftest import Client
from tests.registry.conftest import NOW

Clock = Callable[[datetime], AbstractContextManager[None]]
TOKENS = "/api/v1/auth/tokens"


def user_of_today(unit: Organisation, *roles: Role) -> AppUser:
    """Open an account whose password was changed today."""
    user = build.user(unit, roles)
    user.password_changed_at = NOW
    db.session.flush()
    return user


def sign_in(
    client: Client, user: AppUser, password: str = build.PASSWORD, **more: str
) -> tuple[int, Any]:
    """Sign in; gives the status and what was said."""
    body = {"username": user.username, "password": password, **more}
    answer = client.post(TOKENS, json=body)
    return answer.status_code, answer.json
