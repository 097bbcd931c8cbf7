"""Questions asked again and again at two sizes: how long each takes, and how it grows."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg
from flask import current_app
from itsdangerous import URLSafeSerializer
from sqlalchemy import Engine, create_engine, event

from benchmarks import report
from benchmarks.stand import Stand
from benchmarks.world import Size
from kernel.database import db, engine_options
from kernel.paging import Page
from kernel.schema import keep_settings
from kernel.unit_of_work import run

LIMIT = 20
PATIENCE_SECONDS = 6.0
"""A question that takes this long in all is not asked again at this size."""
TWICE = 2.0
SHARE = 0.95
Ask = Callable[[str | None], object]
Query = Callable[[str], Sequence[Sequence[Any]]]


class Fill(Protocol):
    """Writes the rows from number `first` to `last`."""

    def __call__(self, connection: psycopg.Connection, *, first: int, last: int) -> object:
        """Write them."""


@dataclass(frozen=True)
class Question:
    """What is asked: with no cursor, or with one that begins behind the row `behind` names.

    `behind` is SQL that gives the values by which the list is ordered, of one row far down.
    """

    name: str
    ask: Ask
    behind: str = ""


@dataclass
class Figures:
    """What one question took at one size: milliseconds of each run, rows, statements."""

    runs: list[float] = field(default_factory=list)
    rows: int = 0
    statements: int = 0

    @property
    def p95(self) -> float:
        """The time below which 95 of 100 runs ended, in milliseconds."""
        ranked = sorted(self.runs)
        return ranked[min(len(ranked) - 1, int(SHARE * len(ranked)))]


def behind(table: str, *keys: str, where: str = "true", descending: bool = False) -> str:
    """Say, in SQL, the keys of the row in the middle of a list."""
    order = ", ".join(f"{key} {'DESC' if descending else 'ASC'}" for key in keys)
    half = f"SELECT count(*) / 2 FROM {table} WHERE {where}"  # noqa: S608 - our own words
    rows = f"SELECT {', '.join(keys)} FROM {table} WHERE {where}"  # noqa: S608 - our own words
    return f"{rows} ORDER BY {order} OFFSET ({half}) LIMIT 1"


def deepen(secret: str, cursor: str, row: Sequence[object]) -> str:
    """Make of a first page's cursor one of the same question that begins behind a row."""
    signer = URLSafeSerializer(secret, salt="cursor")
    question, last = signer.loads(cursor)
    values = [[kind, str(value)] for (kind, _), value in zip(last, row, strict=True)]
    return str(signer.dumps([question, values]))


@dataclass(frozen=True)
class Place:
    """A database of one size: what is asked there, and with which cursors."""

    engine: Engine
    questions: Mapping[str, Question]
    cursors: Mapping[str, str | None]


def measure(places: Mapping[int, Place], *, runs: int) -> dict[int, dict[str, Figures]]:
    """Ask every question so many times, each time at every size in turn; of this application.

    So a machine that grows slower meanwhile does so for all sizes. Each run is one unit of work of
    one connection: the query with all it reads, as rows and views; neither HTTP nor JSON, which
    cost the same at any size.
    """
    found = {size: {name: Figures() for name in one.questions} for size, one in places.items()}
    names = list(next(iter(found.values())))
    for number in range(runs):
        for name in random.Random(number).sample(names, len(names)):
            for size, place in places.items():
                figures = found[size][name]
                if sum(figures.runs) < 1000 * PATIENCE_SECONDS:
                    _serve(place.engine)
                    _ask(place.questions[name], place.cursors[name], figures)
    return found


def _serve(engine: Engine) -> None:
    """Let the application ask this database."""
    db._app_engines[current_app._get_current_object()][None] = engine  # type: ignore[attr-defined] # noqa: SLF001 - the documented way is a second app


def _place(stand: Stand, asked: Sequence[Question], *, keep: bool) -> Place:
    """Make ready what is asked of the database as it is; `keep` goes on with a copy of it."""
    cursors = {one.name: _begin(stand, one) for one in asked}
    engine = _copy() if keep else db.engine
    return Place(engine, {one.name: one for one in asked}, cursors)


def _copy() -> Engine:
    """Copy the database beside itself."""
    db.engine.dispose()
    url = db.engine.url
    copy = url.set(database=f"{url.database}_before")
    server = url.set(drivername="postgresql", database="postgres")
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as one:
        one.execute(f"CREATE DATABASE {copy.database} TEMPLATE {url.database}".encode())
    engine = create_engine(copy, **engine_options(pool_size=1))
    with engine.connect() as connection:
        keep_settings(connection)  # they are not copied with it
    engine.dispose()  # who connected before has none of them
    return engine


def _begin(stand: Stand, question: Question) -> str | None:
    """Give the cursor with which a question is asked."""
    if not question.behind:
        return None
    first = run(lambda: question.ask(None))
    if not isinstance(first, Page) or first.next_cursor is None:
        raise RuntimeError(f"{question.name}: nothing comes behind the first page")
    row = stand.query(question.behind)[0]
    return deepen(stand.environ["BANGFU_SECRET_KEY"], first.next_cursor, row)


def _ask(question: Question, cursor: str | None, figures: Figures) -> None:
    asked: list[str] = []

    def note(*arguments: Any) -> None:
        asked.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", note)
    began = time.perf_counter()
    answer = run(lambda: question.ask(cursor))
    figures.runs.append(1000 * (time.perf_counter() - began))
    event.remove(db.engine, "before_cursor_execute", note)
    figures.statements = max(figures.statements, len(asked))
    figures.rows = len(answer.items) if isinstance(answer, Page) else _counted(answer)


def _counted(answer: object) -> int:
    return len(answer) if isinstance(answer, list) else int(answer is not None)


def settle(stand: Stand) -> None:
    """Let the server clean up and count, and write what it has not written yet."""
    with psycopg.connect(stand.dsn, autocommit=True) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def grow(
    title: str,
    *,
    sizes: tuple[int, int],
    runs: int,
    fill: Fill,
    questions: Callable[[Query], list[Question]],
) -> None:
    """Ask the questions at two sizes and print the table; status 1 where one more than doubles.

    The command line says otherwise how often, how large, and whose plans are shown.
    """
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--runs", type=int, default=runs)
    parser.add_argument("--sizes", type=int, nargs=2, default=list(sizes))
    parser.add_argument("--plans", default="", help="show the plans of questions that say this")
    options = parser.parse_args()
    places = {}
    with Stand() as stand:
        stand.settle(Size(units=1, cooperatives=1, listings_per_cooperative=1))
        with stand.app().app_context():
            last = 0
            for size in options.sizes:
                began = time.monotonic()
                with psycopg.connect(stand.dsn, autocommit=True) as connection:
                    fill(connection, first=last + 1, last=size)
                settle(stand)
                last = size
                told = f"{size:,} after {time.monotonic() - began:.0f} s"
                print(told, file=sys.stderr, flush=True)
                asked = questions(stand.query)
                places[size] = _place(stand, asked, keep=size < options.sizes[-1])
            found = measure(places, runs=options.runs)
            steep = tell(title, stand, found)
            for one in asked:
                if options.plans and options.plans in one.name:
                    print(f"\n{one.name}\n", *plans_of(one), sep="\n")
    if steep:
        sys.exit(f"more than twice: {', '.join(steep)}")


def tell(title: str, stand: Stand, found: Mapping[int, Mapping[str, Figures]]) -> list[str]:
    """Print p95 by question and size with the ratio; gives the questions that more than double."""
    small, large = min(found), max(found)
    print(f"\n# {title}\n\n{report.machine(stand)}\n")
    print(f"| question | {small:,} | {large:,} | ratio | rows | statements |")
    print("| --- | --: | --: | --: | --: | --: |")
    steep = []
    for name, figures in found[large].items():
        before = found[small][name]
        ratio = figures.p95 / before.p95
        counted = f"{figures.rows} | {figures.statements}"
        print(f"| {name} | {before.p95:.1f} | {figures.p95:.1f} | {ratio:.2f} | {counted} |")
        if ratio > TWICE:
            steep.append(name)
    sys.stdout.flush()
    return steep


def plans_of(question: Question) -> list[str]:
    """Ask a question from its beginning, and give the plan of each statement."""
    return run(lambda: plans(lambda: question.ask(None)))


def plans(act: Callable[[], object]) -> list[str]:
    """Run a query of the program, and give the plan of each statement it sent."""
    asked: list[tuple[str, Any]] = []

    def keep(*arguments: Any) -> None:
        asked.append((arguments[2], arguments[3]))

    event.listen(db.engine, "before_cursor_execute", keep)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", keep)
    connection = db.session.connection()
    return [
        "\n".join(
            row[0]
            for row in connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", values)
        )
        for sql, values in asked
        if sql.lstrip().startswith(("SELECT", "WITH"))
    ]
