"""Databases with many rows, on which the planner chooses as it does on large ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import create_engine

from benchmarks.flat import Question, plans_of
from benchmarks.world import Size, build
from kernel import clock
from kernel.database import db, engine_options
from kernel.unit_of_work import run
from tests.conftest import swap

SMALL = Size(units=1, buyers_per_unit=1, cooperatives=1, listings_per_cooperative=1)
Fill = Callable[[psycopg.Connection[Any]], None]


@contextmanager
def filled(app: Flask, url: str, *, fill: Fill) -> Iterator[None]:
    """Give an application context on a database of its own, filled, counted and committed."""
    engine = create_engine(url, **engine_options(pool_size=2))
    before = swap(app, engine)
    try:
        with app.app_context():
            db.session.remove()
            run(lambda: build(SMALL, now=clock.now()))
            plain = engine.url.set(drivername="postgresql")
            with psycopg.connect(
                plain.render_as_string(hide_password=False), autocommit=True
            ) as connection:
                fill(connection)
                connection.execute("VACUUM ANALYZE")
            yield
            db.session.remove()
    finally:
        swap(app, before)
        engine.dispose()


def query(statement: str) -> Sequence[Sequence[Any]]:
    """Run a statement as it stands."""
    plain = db.engine.url.set(drivername="postgresql")
    with psycopg.connect(plain.render_as_string(hide_password=False)) as connection:
        return connection.execute(statement.encode()).fetchall()


def plan_of(question: Question) -> str:
    """Give the plans of all that a question asks."""
    return "\n".join(plans_of(question))


def scanned(plan: str, tables: Collection[str]) -> set[str]:
    """Name the tables that a plan reads from end to end."""
    return {one for one in tables if f"Seq Scan on {one} " in plan}
