"""What every test stands on: a real PostgreSQL, a template database, a rolled-back transaction."""

from __future__ import annotations

import base64
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
_names = count(1)


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """Give a folder that the server's own account can reach, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="bangfu-tests-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


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
def clone(settings: Settings, postgres: str) -> Callable[[], str]:
    """Give a function that makes a new database with schema and reference data."""
    application = create_app(settings)
    with application.app_context():
        schema.upgrade(db.engine, MIGRATIONS)
        now = clock.now()
        run(lambda: create_installation(is_demo=False, now=now))
        schema.load_reference_data(PACKAGES, now=now)
        db.session.remove()
        db.engine.dispose()

    def make() -> str:
        name = f"clone_{next(_names)}"
        with _engine(postgres, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(
                text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
            )
        url = make_url(postgres).set(database=name).render_as_string(hide_password=False)
        _keep_settings(url)
        return url

    return make


def _engine(url: str, **options: Any) -> Engine:
    return create_engine(url, poolclass=NullPool, **options)


def _keep_settings(url: str) -> None:
    """Keep the settings of a database that are not cloned with it."""
    with _engine(url).connect() as connection:
        schema.keep_settings(connection)


@pytest.fixture(scope="session")
def app(settings: Settings, clone: Callable[[], str]) -> Iterator[Flask]:
    """Give the application on a clone of its own."""
    application = create_app(settings)
    engine = create_engine(clone(), **engine_options(pool_size=POOL))
    swap(application, engine)
    clock.follow_offset(None)
    yield application
    engine.dispose()


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
def fresh(app: Flask, clone: Callable[[], str]) -> Iterator[Flask]:
    """Give the application on a database of its own, with real commits, for races and crashes."""
    engine = create_engine(clone(), **engine_options(pool_size=POOL))
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
