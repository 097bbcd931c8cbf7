"""How PostgreSQL and Valkey die: one process, all at once by their own stop, or the whole tree."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress

import psycopg
import redis

from benchmarks.stand import Stand
from tests.kernel import trees

BACKENDS = """
SELECT pid FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND datname = current_database()
"""


def kill_backend(stand: Stand) -> None:
    """Kill one process that serves a connection; PostgreSQL then starts all of them anew."""
    killed = False
    while not killed:
        with suppress(psycopg.OperationalError):  # it may still come back from the last one
            pids = [int(str(row[0])) for row in stand.query(BACKENDS)]
            killed = bool(pids) and trees.kill_child(random.choice(pids))


def stop_at_once(stand: Stand) -> None:
    """Stop PostgreSQL without a checkpoint, as `pg_ctl stop -m immediate` does."""
    pid = stand.postgres.pid
    assert pid is not None
    os.kill(pid, signal.SIGQUIT)
    _start_again(stand)


def kill_tree(stand: Stand) -> None:
    """Kill the postmaster and everything under it where they stand."""
    pid = stand.postgres.pid
    assert pid is not None
    trees.kill_tree(pid)
    _start_again(stand)


def _start_again(stand: Stand) -> None:
    """Start PostgreSQL once it has ended, as the product's supervisor does."""
    while stand.postgres.alive:
        time.sleep(0.02)
    stand.postgres.start()


KINDS = (kill_backend, stop_at_once, kill_tree)


def kill_valkey(stand: Stand) -> None:
    """Kill Valkey where it stands."""
    pid = stand.valkey.pid
    assert pid is not None
    trees.kill_child(pid)


def flush_valkey(stand: Stand) -> None:
    """Make Valkey forget everything it holds."""
    with redis.Redis.from_url(stand.environ["REDIS_URL"]) as client:
        client.flushall()
