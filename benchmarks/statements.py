"""How many SQL statements one request costs, counted in the server's own log."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.stand import Stand

MARKS = ("LOG:  statement: ", "LOG:  execute ")
RELOAD_SECONDS = 1.0


def per_request(stand: Stand, act: Callable[[], None], *, times: int) -> float:
    """Do the act so many times while every statement is logged; gives statements per act.

    BEGIN and COMMIT count: each is a round trip like any other.
    """
    log = stand.home / "log" / "postgres.log"
    stand.query("ALTER SYSTEM SET log_statement = 'all'")
    stand.query("SELECT pg_reload_conf()")
    time.sleep(RELOAD_SECONDS)
    begun = log.stat().st_size
    for _ in range(times):
        act()
    counted = _statements(log, begun)
    stand.query("ALTER SYSTEM RESET log_statement")
    stand.query("SELECT pg_reload_conf()")
    time.sleep(RELOAD_SECONDS)
    return counted / times


def _statements(log: Path, begun: int) -> int:
    with log.open("rb") as file:
        file.seek(begun)
        text = file.read().decode(errors="replace")
    return sum(text.count(mark) for mark in MARKS)
