"""Codes of eight digits, shown once and kept as a digest; guessing ends them."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kernel.crypto import blind_index
from kernel.database import db
from marketplace.attribution.models.codes import MOST_FAILURES, Coded

CODE_DIGITS = 8
CODE_INDEX = "payout_line.code"
NOBODYS = b"\0" * 16


@dataclass(frozen=True)
class HandedCode:
    """A code in clear, shown once, to be handed to the household with the number it goes with."""

    number: str
    code: str = field(repr=False)
    until_at: datetime


def renew_code(one: Coded, number: str, *, lives: timedelta, now: datetime) -> HandedCode:
    """Make a code that goes with a number; the one before ends."""
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    one.code_index = _index_of(number, code)
    one.code_until_at = now + lives
    one.failed_attempts = 0
    db.session.flush()
    return HandedCode(number, code, one.code_until_at)


def opens(one: Coded | None, number: str, code: str, *, alive: bool) -> bool:
    """Say whether the code goes with the number, of what lives; to say no takes always as long.

    A wrong code is counted against what it should have opened; the fifth ends the code.
    """
    known = one.code_index if one is not None and alive else None
    if hmac.compare_digest(_index_of(number, code), bytes(known or NOBODYS)):
        return True
    if one is not None and alive:
        one.failed_attempts += 1
        if one.failed_attempts >= MOST_FAILURES:
            one.code_index = one.code_until_at = None
        db.session.flush()
    return False


def _index_of(number: str, code: str) -> bytes:
    return blind_index(f"{number}:{code}", purpose=CODE_INDEX)
