"""What every test stands on: a real PostgreSQL, a template database, a rolled-back transaction."""

from __future__ import annotations

import base64
import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from bootstrap import MIGRATIONS, PACKAGES, create_app
from kernel import clock, schema
from kernel.audit import AuditRow
from kernel.config import Settings
from kernel.database import db, engine_options
from kernel.demo_clock import create_installation
from kernel.journal import write_journal
from kernel.numbers import forget_spare_numbers
from kernel.servers import PostgresServer, ValkeyServer, create_database
from kernel.unit_of_work import run

TEMPLATE = "bangfu_template"
KEY = base64.b64encode(bytes(range(32))).decode()
POOL = 40
STATEMENTS = 10_000
"""So many compiled statements are kept: more than there are, and for all databases together."""
PREPARED = {"prepare_threshold": 0}
"""What one test sends another sends again, on the same connection: a statement is read once."""
OBJECTS = 20_000
"""So many new objects the garbage collector waits for."""
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
OURS = "bangfu-tests-"
ROOM = 6 * 2**30
LONG = ("tests/journeys/", "tests/architecture/test_doors.py", "tests/registry/imports/")
Clone = Callable[..., str]
_names = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files, so that none of them is left to one process at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """Give a folder that the server's own account can reach, removed at the end."""
    for left in MEMORY.glob(f"{OURS}[0-9]*-*"):
        if not Path("/proc", left.name.split("-")[2]).exists():  # who was killed tidied nothing up
            shutil.rmtree(left, ignore_errors=True)
    place = MEMORY if _has_room() else None
    folder = Path(tempfile.mkdtemp(prefix=f"{OURS}{os.getpid()}-", dir=place))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _has_room() -> bool:
    """Say whether databases fit into memory, where a clone costs a tenth."""
    if not MEMORY.is_dir():
        return False
    there = os.statvfs(MEMORY)
    return not there.f_flag & os.ST_NOEXEC and there.f_bavail * there.f_frsize > ROOM


@pytest.fixture(scope="session")
def postgres(home: Path) -> Iterator[str]:
    """Start a PostgreSQL without fsync; tests that kill it start their own."""
    server = PostgresServer(home / "pg", fast=True)
    yield server.start()
    server.stop()


@pytest.fixture(scope="session")
def redis_url(home: Path) -> Iterator[str]:
    """Start a Valkey."""
    server = ValkeyServer(home / "valkey", persist=False)
    yield server.start()
    server.stop()


@pytest.fixture(scope="session")
def settings(home: Path, postgres: str, redis_url: str) -> Settings:
    """Give settings of a fast test installation; its database is the first clone."""
    return Settings(
        database_url=create_database(postgres, name=TEMPLATE),
        redis_url=redis_url,
        environment="test",
        secret_key=KEY,
        field_keys={1: bytes(range(32))},
        blind_index_key=bytes(range(32, 64)),
        signing_keys={"1": bytes(range(64, 96))},
        home=home,
        files=home / "files",
        web_threads=POOL,
        log_level="ERROR",
        argon2_profile="test",
        address_failures=1_000,
    )


@pytest.fixture(scope="session")
def clone(settings: Settings, postgres: str) -> Clone:
    """Give a function that makes a new database like another: like one with reference data."""
    application = create_app(settings)
    with application.app_context():
        schema.upgrade(db.engine, MIGRATIONS)
        now = clock.now()
        run(lambda: create_installation(is_demo=False, now=now))
        schema.load_reference_data(PACKAGES, now=now)
        db.session.remove()
        with _engine(settings.database_url, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))
        db.engine.dispose()

    def make(of: str | None = None) -> str:
        name = f"clone_{next(_names)}"
        source = TEMPLATE if of is None else make_url(of).database
        with _engine(postgres, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY file_copy"))
            for setting, value in schema.SETTINGS.items():  # they are not cloned with it
                connection.execute(text(f"ALTER DATABASE {name} SET {setting} = '{value}'"))
        return make_url(postgres).set(database=name).render_as_string(hide_password=False)

    return make


def _engine(url: str, **options: Any) -> Engine:
    return create_engine(url, poolclass=NullPool, **options)


@pytest.fixture(scope="session")
def app(settings: Settings, clone: Clone) -> Iterator[Flask]:
    """Give the application on a clone of its own."""
    application = create_app(settings)
    options = engine_options(pool_size=POOL)
    engine = create_engine(clone(), query_cache_size=STATEMENTS, connect_args=PREPARED, **options)
    with engine.connect():
        pass  # its dialect knows the server from here on
    swap(application, engine)
    clock.follow_offset(None)
    gc.collect()
    gc.freeze()  # what is there by now is there to the end
    gc.set_threshold(OBJECTS)
    yield application
    engine.dispose()


def engine_beside(application: Flask, url: str) -> Engine:
    """Make an engine on one more database, which knows what was compiled for the others."""
    known = db._app_engines[application][None].engine  # noqa: SLF001 - as in `swap`
    engine = create_engine(url, **engine_options(pool_size=POOL))
    engine.dialect, engine._compiled_cache = known.dialect, known._compiled_cache  # noqa: SLF001
    return engine


def swap(application: Flask, bind: Any) -> Any:
    engines = db._app_engines[application]  # noqa: SLF001 - the documented way is a second app
    before, engines[None] = engines[None], bind
    return before


@pytest.fixture
def db_session(app: Flask) -> Iterator[Session]:
    """Give the session inside a transaction that is rolled back after the test."""
    with app.app_context():
        engine: Engine = db.engine
        with engine.connect() as connection:
            outer = connection.begin()
            swap(app, connection)
            db.session.remove()
            db.session.configure(join_transaction_mode="create_savepoint")
            try:
                yield db.session()
            finally:
                db.session.remove()
                db.session.configure(join_transaction_mode="conditional_savepoint")
                swap(app, engine)
                outer.rollback()
                forget_spare_numbers()


@pytest.fixture
def fresh(app: Flask, clone: Clone, postgres: str) -> Iterator[Flask]:
    """Give the application on a database of its own, with real commits, for races and crashes."""
    url = clone()
    engine = engine_beside(app, url)
    before = swap(app, engine)
    forget_spare_numbers()
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
        swap(app, before)
        engine.dispose()
        forget_spare_numbers()
        with _engine(postgres, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text(f"DROP DATABASE {make_url(url).database} WITH (FORCE)"))


class Client(FlaskClient):
    """A client whose every request sees what the test wrote, and as a new session would."""

    def open(self, *args: Any, token: str | None = None, **kwargs: Any) -> TestResponse:
        """Send a request, with a bearer token where one is given."""
        if token is not None:
            kwargs["headers"] = {**kwargs.get("headers", {}), "Authorization": f"Bearer {token}"}
        db.session.commit()
        db.session.expunge_all()
        try:
            return super().open(*args, **kwargs)
        finally:
            db.session.expire_all()


@pytest.fixture
def client(app: Flask, db_session: Session) -> Client:
    """Give a client on the rolled-back database."""
    del db_session
    return Client(app)


@pytest.fixture
def clock_at() -> Callable[[datetime], Any]:
    """Give a context manager that stops the clock at an instant."""
    return clock.stopped


@pytest.fixture
def written() -> Callable[[], list[AuditRow]]:
    """Give a function that writes pending audit rows and events, and lists the audit rows."""

    def rows() -> list[AuditRow]:
        write_journal()
        return list(db.session.query(AuditRow).order_by(AuditRow.position))

    return rows


@contextmanager
def in_app(application: Flask) -> Iterator[None]:
    """Give a thread its own application context, and so its own session."""
    with application.app_context():
        yield
