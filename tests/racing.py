"""Races of real threads over real commits: all at once, or stopped at an exact statement."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from kernel.database import constraint_of, db
from kernel.errors import Refusal
from kernel.gates import Gate, Want
from kernel.unit_of_work import run, unit_of_work

Act = Callable[[], Any]
Told = TypeVar("Told")
PATIENCE = 0.3
"""Seconds given to the second of two acts before it counts as waiting for the first."""
LONG = 10.0


def outcome(act: Act) -> str:
    """Run an act as a unit of work; tell what became of it.

    Gives "done", the refusal's code, the constraint's name, or the defect's.
    """
    try:
        run(act)
    except Refusal as refusal:
        return refusal.code
    except IntegrityError as error:
        return constraint_of(error)
    except Exception as error:  # noqa: BLE001 - a defect is an outcome that no order explains
        return type(error).__name__
    return "done"


def at_once(app: Flask, acts: Sequence[Callable[[], Told]]) -> list[Told]:
    """Let all acts begin at once, each with its own session; give what they give, in order."""
    barrier = threading.Barrier(len(acts))

    def runner(act: Callable[[], Told]) -> Told:
        with app.app_context():
            barrier.wait()
            try:
                return act()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(runner, acts))


def race(app: Flask, acts: Sequence[Act]) -> list[str]:
    """Let all acts begin at once as units of work; give their outcomes in their order."""
    return at_once(app, [partial(outcome, act) for act in acts])


def rival(app: Flask, first: Act, second: Act, *, waits: bool = True) -> str:
    """Begin the second while the first is not committed; tell what became of the second.

    The second waits for the first, or, where it does not, ends before it.
    """
    told: list[str] = []
    thread = threading.Thread(target=lambda: told.extend(race(app, [second])))
    with unit_of_work():
        first()
        db.session.flush()
        thread.start()
        thread.join(PATIENCE if waits else LONG)
        assert thread.is_alive() is waits
    thread.join(LONG)
    return told[0]


@contextmanager
def _before_statements(seen: Callable[[], None]) -> Iterator[None]:
    """Call back before every statement of this thread."""
    me = threading.get_ident()

    def listener(*_: object) -> None:
        if threading.get_ident() == me:
            seen()

    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)


_WAITING = text("""
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
""")


def _wait_for(second: threading.Thread) -> None:
    """Wait until the second act has ended, or somebody waits for a lock: that is it."""
    patience = time.monotonic() + LONG
    with db.engine.connect() as connection:
        while second.is_alive() and time.monotonic() < patience:
            second.join(0.005)
            if connection.execute(_WAITING).scalar_one():
                return
            connection.rollback()


def interleave(
    app: Flask, first: Act, second: Act, *, at: int, tell: Callable[[Act], str] = outcome
) -> tuple[str, str] | None:
    """Stop the first act before its statement number `at`, let the second run, then go on.

    Gives both outcomes, or None when the first act has no such statement (the second is then
    run after it). `tell` runs an act and says what became of it.
    """
    stopped, go_on = threading.Event(), threading.Event()
    count, outcomes = [0], {"first": "", "second": ""}

    def pause() -> None:
        if count[0] == at:
            stopped.set()
            go_on.wait()
        count[0] += 1

    def run_first() -> None:
        with app.app_context(), _before_statements(pause):
            outcomes["first"] = tell(first)
            db.session.remove()
        stopped.set()

    def run_second() -> None:
        with app.app_context():
            outcomes["second"] = tell(second)
            db.session.remove()

    one, two = threading.Thread(target=run_first), threading.Thread(target=run_second)
    one.start()
    stopped.wait()
    two.start()
    with app.app_context():
        _wait_for(two)
    go_on.set()
    one.join()
    two.join()
    return (outcomes["first"], outcomes["second"]) if count[0] > at else None


_READ = "SELECT {held} AS held, {spent} AS spent, {limit} AS top FROM {counter} WHERE id = :id"
_WRITE = "UPDATE {counter} SET {held} = :held WHERE id = :id"


def careless(
    gate: Gate, wants: Sequence[Want], *, parameters: Mapping[str, Any] | None
) -> set[UUID]:
    """Take with a gate replaced by read, then write: the control."""
    del parameters
    names = gate._names  # noqa: SLF001 - the control stands in for the gate itself
    read, write = text(_READ.format(**names)), text(_WRITE.format(**names))
    wanted: dict[UUID, Decimal] = {}
    for want in wants:
        wanted[want.counter_id] = wanted.get(want.counter_id, Decimal(0)) + want.amount
    rows = {key: db.session.execute(read, {"id": key}).one() for key in wanted}
    time.sleep(0.05)
    refused = {key for key, row in rows.items() if row.held + row.spent + wanted[key] > row.top}
    if not refused:
        for key, row in rows.items():
            db.session.execute(write, {"id": key, "held": row.held + wanted[key]})
    return refused


Take = Callable[..., set[UUID]]


def only(gate: Gate, *, guarded: bool) -> Take:
    """Give a `Gate.take` under which this gate alone decides, or under which it is careless."""
    real = Gate.take

    def take(
        self: Gate,
        source: str,
        wants: Sequence[Want],
        *,
        expires_at: datetime | None,
        now: datetime,
        parameters: Mapping[str, Any] | None = None,
        again: bool = False,
    ) -> set[UUID]:
        if self is not gate:
            return set()
        if not guarded:
            return careless(self, wants, parameters=parameters)
        return real(
            self,
            source,
            wants,
            expires_at=expires_at,
            now=now,
            parameters=parameters,
            again=again,
        )

    return take
