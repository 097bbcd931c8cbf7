"""A request waits for the database, Redis and Stripe so long and no longer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg.errors import ConnectionTimeout
from sqlalchemy import URL, NullPool, create_engine, text

from kernel.database import db
from kernel.errors import Busy
from kernel.patience import OutOfPatience, Patience, Reach, patience
from kernel.unit_of_work import run
from kernel.visits import limiter

SLOWLY = text("SELECT pg_sleep(:seconds)")
REFUSED_AT_LAST = text("DO $$ BEGIN PERFORM pg_sleep(0.3); RAISE lock_not_available; END $$")


@pytest.fixture
def held(fresh: Flask) -> Iterator[Patience]:
    """Give the patience of a request, which is short here."""
    held = Patience(0.2)
    with fresh.app_context():
        sleep(0)
        patience.set(held)
        yield held
        patience.set(None)


def sleep(seconds: float) -> None:
    """Let the database take its time."""
    db.session.execute(SLOWLY, {"seconds": seconds})


def test_who_waited_in_vain_is_told_to_come_again_and_waits_no_more(held: Patience) -> None:
    began = time.monotonic()
    with pytest.raises(Busy):
        run(lambda: sleep(30))
    assert 0.2 <= time.monotonic() - began < 5
    assert held.left == 0
    with pytest.raises(Busy):
        run(lambda: sleep(0))
    patience.set(None)
    run(lambda: sleep(0))


def test_patience_is_for_all_statements_of_a_request_but_for_each_of_a_long_reader(
    held: Patience,
) -> None:
    held.left = 1.5

    def thrice() -> None:
        for _ in range(3):
            sleep(0.6)

    with pytest.raises(Busy):
        run(thrice)
    held.left = 1.5
    run(thrice, snapshot=True)
    assert held.left == 1.5


def test_what_a_refusal_took_is_spent_as_well(held: Patience) -> None:
    held.left = 10
    with pytest.raises(Busy):
        run(lambda: db.session.execute(REFUSED_AT_LAST))
    assert held.left <= 9.7


def test_one_tries_to_reach_what_was_lost_and_nobody_waits_behind_them() -> None:
    reach, begun, answers = Reach(), Event(), Event()

    def never() -> str:
        raise ConnectionTimeout

    def at_last() -> str:
        begun.set()
        answers.wait(10)
        return "reached"

    with pytest.raises(ConnectionTimeout):
        reach.reached(never)
    told: list[str] = []
    first = Thread(target=lambda: told.append(reach.reached(at_last)))
    first.start()
    assert begun.wait(10)
    with pytest.raises(OutOfPatience):
        reach.reached(lambda: "too early")
    answers.set()
    first.join()
    assert (told, reach.lost) == (["reached"], False)
    assert reach.reached(lambda: "as before") == "as before"


def test_a_request_has_patience_and_what_comes_after_it_none(client: FlaskClient) -> None:
    client.get("/healthz")
    assert patience.get() is None


def test_what_a_request_waited_for_a_thread_is_part_of_its_patience() -> None:
    now = time.monotonic()
    assert 9 < Patience.since(now).left <= 10
    assert 3 < Patience.since(now - 6).left <= 4
    assert Patience.since(now - 9.9).left == Patience.since(now - 60).left == 0


def test_an_address_may_bring_its_own_time_outs(fresh: Flask) -> None:
    with fresh.app_context():
        own = db.engine.url.update_query_dict({"tcp_user_timeout": "1000"})
    assert given_of(own) == ("10", "1000")
    patience.set(Patience(5))
    assert given_of(own) == ("3", "1000")
    patience.set(None)


def given_of(url: URL) -> tuple[str, str]:
    """Connect; give how long that may take, and what is sent may stay unanswered."""
    with create_engine(url, poolclass=NullPool).connect() as connection:
        held = connection.connection.driver_connection
        assert isinstance(held, psycopg.Connection)
        given = held.info.get_parameters()
    return given["connect_timeout"], given["tcp_user_timeout"]


def test_redis_is_asked_with_time_outs(app: Flask) -> None:
    del app
    storage: Any = limiter.storage
    asked = storage.storage.connection_pool.connection_kwargs
    assert (asked["socket_timeout"], asked["socket_connect_timeout"]) == (1.5, 1.5)
