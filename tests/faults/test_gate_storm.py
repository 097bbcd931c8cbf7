"""The gate's own statement under a storm of buyers: nothing is sold twice, nobody deadlocks."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.psycopg import dialect

from kernel.arrays import array
from kernel.identity import new_id
from kernel.servers import PostgresServer, create_database
from tests.kernel.test_gates import GATE, NOW, Probe

pytestmark = pytest.mark.faults

BUYERS = 32
STOCK, ATTEMPTS = 5_000, 100_000
CARELESS_STOCK, CARELESS_ATTEMPTS = 200, 4_000
LOTS, ORDERS = 20, 20_000
LINES = 4
PSYCOPG = dialect()  # type: ignore[no-untyped-call]
TAKE = str(GATE._takes[False].compile(dialect=PSYCOPG))  # noqa: SLF001 - the very statement, nothing around


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a PostgreSQL with the gate's tables."""
    home: Path = tmp_path_factory.mktemp("storm")
    for folder in (home, *home.parents[:2]):
        folder.chmod(0o755)  # PostgreSQL may run under another account
    with PostgresServer(home, fast=True) as server:
        url = create_database(server.start(), name="storm")
        engine = create_engine(url)
        Probe.metadata.create_all(engine)
        engine.dispose()
        yield url.replace("+psycopg", "")


def _purses(dsn: str, count: int, ceiling: int) -> list[UUID]:
    keys = [new_id() for _ in range(count)]
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        rows = [(key, ceiling) for key in keys]
        cursor.executemany(
            "INSERT INTO purse (id, ceiling, held, spent) VALUES (%s, %s, 0, 0)", rows
        )
    return keys


def _take(connection: psycopg.Connection, purses: list[UUID]) -> bool:
    """Take one of each in the one statement; says whether everything was had."""
    bound = {
        "counter_ids": array(purses),
        "source_ids": array(new_id() for _ in purses),
        "amounts": array(1 for _ in purses),
        "hold_ids": array(new_id() for _ in purses),
        "entry_ids": array(new_id() for _ in purses),
        "source": "storm",
        "now": NOW,
        "expires_at": None,
    }
    return len(connection.execute(TAKE.encode(), bound).fetchall()) == len(purses)


def _careless_take(connection: psycopg.Connection, purse: UUID) -> bool:
    """Read, check, write: the control."""
    row = connection.execute("SELECT ceiling - held FROM purse WHERE id = %s", (purse,)).fetchone()
    if row is None or row[0] < 1:
        return False
    connection.execute("UPDATE purse SET held = held + 1 WHERE id = %s", (purse,))
    return True


def _storm(dsn: str, attempts: int, act: Callable[[psycopg.Connection], bool]) -> int:
    """Let all buyers attempt at once, so many times together; gives how many had their way."""
    barrier = threading.Barrier(BUYERS)
    won = [0] * BUYERS

    def buyer(number: int) -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            barrier.wait()
            for _ in range(attempts // BUYERS):
                won[number] += act(connection)

    threads = [threading.Thread(target=buyer, args=(number,)) for number in range(BUYERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(won)


def _held(dsn: str, purse: UUID) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT held FROM purse WHERE id = %s", (purse,)).fetchone()
    assert row is not None
    return int(row[0])


def test_a_hundred_thousand_attempts_sell_exactly_what_there_is(dsn: str) -> None:
    (purse,) = _purses(dsn, 1, STOCK)
    assert _storm(dsn, ATTEMPTS, lambda connection: _take(connection, [purse])) == STOCK
    assert _held(dsn, purse) == STOCK
    with psycopg.connect(dsn) as connection:
        counted = connection.execute(
            "SELECT count(*), sum(held) FROM purse_entry WHERE counter_id = %s", (purse,)
        ).fetchone()
    assert counted == (STOCK, STOCK)


def test_without_the_gate_the_storm_sells_more(dsn: str) -> None:
    (purse,) = _purses(dsn, 1, CARELESS_STOCK)
    sold = _storm(dsn, CARELESS_ATTEMPTS, lambda connection: _careless_take(connection, purse))
    assert sold > CARELESS_STOCK


def test_orders_of_many_lots_in_any_order_never_deadlock(dsn: str) -> None:
    lots = _purses(dsn, LOTS, ORDERS * LINES)
    taken = _storm(dsn, ORDERS, lambda connection: _take(connection, random.sample(lots, LINES)))
    assert taken == ORDERS
    assert sum(_held(dsn, lot) for lot in lots) == ORDERS * LINES


def test_locks_taken_in_any_order_deadlock(dsn: str) -> None:
    lots = _purses(dsn, LOTS, ORDERS * LINES)
    deadlocks = threading.Semaphore(0)

    def unsorted(connection: psycopg.Connection) -> bool:
        try:
            with connection.transaction():
                connection.execute("SET LOCAL deadlock_timeout = '5ms'")
                for lot in random.sample(lots, LINES):
                    connection.execute("UPDATE purse SET held = held + 1 WHERE id = %s", (lot,))
        except psycopg.errors.DeadlockDetected:
            deadlocks.release()
        return True

    _storm(dsn, 320, unsorted)
    assert deadlocks.acquire(blocking=False)
