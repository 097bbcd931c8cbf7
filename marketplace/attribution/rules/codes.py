"""How long a code that the village hands out lives, and until when it can be used."""

from __future__ import annotations

from datetime import datetime, timedelta

from marketplace.attribution.models.codes import MOST_FAILURES, Coded

ANSWER_LIVES = timedelta(days=30)
STATEMENT_LIVES = timedelta(days=366)


def is_alive(one: Coded, *, now: datetime) -> bool:
    """Say whether its code can still be used."""
    lives = one.code_until_at is not None and one.code_until_at > now
    return lives and one.failed_attempts < MOST_FAILURES
