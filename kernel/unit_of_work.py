"""Where a transaction begins and ends: the only commit and the only rollback."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from kernel.database import (
    DEADLOCK,
    LOCK_NOT_AVAILABLE,
    REPLICA,
    SERIALIZATION_FAILURE,
    STATEMENT_CANCELLED,
    db,
    is_connection_lost,
    sqlstate,
)
from kernel.errors import Busy
from kernel.patience import patience

T = TypeVar("T")

ATTEMPTS = 3
BEFORE_COMMIT = "bangfu_before_commit"
AFTER_COMMIT = "bangfu_after_commit"


class OutcomeUnknown(Exception):
    """The connection was lost during COMMIT: the unit may or may not have taken effect."""


@contextmanager
def unit_of_work(*, report: bool = False, snapshot: bool = False) -> Iterator[None]:
    """Commit what was done inside, or roll back and raise again.

    A `report` only reads, and reads from the replica where there is one. A `snapshot` sees
    the database as of one instant (REPEATABLE READ).
    Raises OutcomeUnknown when the answer to COMMIT is lost; such a unit is never run again
    blindly, its idempotency key tells what became of it.
    """
    session = db.session
    session.info.clear()
    session.info[REPLICA] = report
    if snapshot and (held := patience.get()) is not None:
        held.reads_long = True
    if snapshot and isinstance(session.get_bind(), Engine):
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield
        for act in session.info.pop(BEFORE_COMMIT, ()):
            act()
        session.flush()
    except BaseException:
        session.rollback()
        raise
    acts = session.info.pop(AFTER_COMMIT, ())
    try:
        session.commit()
    except DBAPIError as error:
        session.rollback()
        if is_connection_lost(error):
            raise OutcomeUnknown from error
        raise
    for act in acts:
        act()


def before_commit(act: Callable[[], None]) -> None:
    """Do something as the last thing of this transaction."""
    db.session.info.setdefault(BEFORE_COMMIT, []).append(act)


def after_commit(act: Callable[[], None]) -> None:
    """Do something in memory once this transaction is committed; never called otherwise."""
    db.session.info.setdefault(AFTER_COMMIT, []).append(act)


def run(unit: Callable[[], T], *, report: bool = False, snapshot: bool = False) -> T:
    """Run a unit of work, again where the database asks for it, at most three times.

    Serialization failures, deadlocks and a connection lost before COMMIT are run again;
    a lock not had in time, the last failure, and a request's lost patience become Busy.
    """
    held = patience.get()
    if held is not None and not held.left:
        raise Busy
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with unit_of_work(report=report, snapshot=snapshot):
                return unit()
        except DBAPIError as error:
            state = sqlstate(error)
            again = state in {SERIALIZATION_FAILURE, DEADLOCK} or is_connection_lost(error)
            if again and attempt < ATTEMPTS:
                time.sleep(random.uniform(0, 0.02) * attempt)  # noqa: S311 - jitter, no secret
                continue
            if again or state in {LOCK_NOT_AVAILABLE, STATEMENT_CANCELLED}:
                raise Busy from error
            raise
        except PoolTimeout as error:
            raise Busy from error
    raise AssertionError("unreachable")
