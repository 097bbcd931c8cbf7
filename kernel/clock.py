"""The instant of now, read at the doors and passed on as `now`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

NO_OFFSET = timedelta(0)
came: ContextVar[float | None] = ContextVar("came", default=None)
"""When the request that this thread serves came in (monotonic), where the server says so."""


class _Clock:
    """Real time, moved by the offset of a demo database or stopped by a test."""

    def __init__(self) -> None:
        self.stopped_at: datetime | None = None
        self.read_offset: Callable[[], timedelta] | None = None
        self.offset = NO_OFFSET
        self.read_again_at = 0.0


_clock = _Clock()
OFFSET_LIFETIME_SECONDS = 1.0


def now() -> datetime:
    """Read the clock: an aware instant in UTC."""
    if _clock.stopped_at is not None:
        return _clock.stopped_at
    return datetime.now(UTC) + _offset()  # noqa: TID251 - the one place that may


def _offset() -> timedelta:
    if _clock.read_offset is not None and time.monotonic() >= _clock.read_again_at:
        _clock.offset = _clock.read_offset()
        _clock.read_again_at = time.monotonic() + OFFSET_LIFETIME_SECONDS
    return _clock.offset


def follow_offset(read_offset: Callable[[], timedelta] | None) -> None:
    """Follow the offset of a demo database; it is read again every second."""
    _clock.read_offset = read_offset
    _clock.offset = NO_OFFSET
    _clock.read_again_at = 0.0


@contextmanager
def stopped(at: datetime) -> Iterator[None]:
    """Stop the clock at an instant, for a test."""
    before = _clock.stopped_at
    _clock.stopped_at = at.astimezone(UTC)
    try:
        yield
    finally:
        _clock.stopped_at = before
