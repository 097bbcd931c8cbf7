"""How many SQL statements requests cost, counted in the server's own log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.stand import Stand

MARKS = ("LOG:  statement: ", "LOG:  execute ")
RELOAD_SECONDS = 1.0


def per_request(stand: Stand, act: Callable[[], None], *, times: int) -> float:
    """Do the act so many times while every statement is logged; gives statements per act.

    BEGIN and COMMIT count: each is a round trip like any other.
    """
    with counting(stand) as since_last:
        for _ in range(times):
            act()
        return since_last() / times


@contextmanager
def counting(stand: Stand) -> Iterator[Callable[[], int]]:
    """Have every statement logged; what is given counts those since it was called last."""
    log = stand.home / "log" / "postgres.log"
    stand.query("ALTER SYSTEM SET log_statement = 'all'")
    stand.query("SELECT pg_reload_conf()")
    time.sleep(RELOAD_SECONDS)
    with log.open("rb") as file:
        file.seek(0, 2)

        def since_last() -> int:
            text = file.read().decode(errors="replace")
            return sum(text.count(mark) for mark in MARKS)

        yield since_last
    stand.query("ALTER SYSTEM RESET log_statement")
    stand.query("SELECT pg_reload_conf()")
    time.sleep(RELOAD_SECONDS)
