"""Keys: UUIDv7 minted in Python, sortable in the order in which a process made them."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_MOST = 0xFFF
"""Keys of one millisecond; the next one borrows from the millisecond after it."""
_turn = threading.Lock()
os.register_at_fork(
    before=_turn.acquire, after_in_parent=_turn.release, after_in_child=_turn.release
)
_last = [0, 0]
"""The millisecond of the last key, and which key of that millisecond it was."""


def new_id() -> UUID:
    """Mint a UUIDv7 (RFC 9562 §5.7, §6.2): milliseconds, a counter within them, 62 random bits."""
    with _turn:
        now, (before, count) = time.time_ns() // 1_000_000, _last
        if now > before:
            _last[:] = now, 0
        elif count < _MOST:
            _last[1] += 1
        else:
            _last[:] = before + 1, 0
        milliseconds, count = _last
    low = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | _VERSION | (count << 64) | _VARIANT | low)
