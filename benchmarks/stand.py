"""A whole installation of its own for a measurement: durable PostgreSQL, Valkey, gunicorn."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import psycopg
from flask import Flask
from sqlalchemy.engine import make_url

from benchmarks import http_load
from benchmarks.clients import elsewhere
from benchmarks.world import Size, World, build
from bootstrap import MIGRATIONS, PACKAGES, create_app
from kernel import clock, schema
from kernel.config import from_environment, new_secrets
from kernel.database import db
from kernel.processes import Program
from kernel.servers import PostgresServer, ValkeyServer, create_database
from kernel.unit_of_work import run

DATABASE = "bangfu"
SOURCE = Path(__file__).resolve().parents[1]
READY_SECONDS = 240.0
"""Two workers import the whole program, on a machine that others may be using; who dies is told."""
LISTENING_PORTS = range(21_000, 32_000)
"""Below the ports that outgoing connections take."""
PATIENCE_SECONDS = 35.0


class Stand:
    """Servers of one measurement in a folder of their own; everything ends with the block."""

    def __init__(
        self,
        *,
        workers: int = 2,
        threads: int = 8,
        postgres_port: int | None = None,
        persist: bool = True,
    ) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="bangfu-stand-"))
        self.home.chmod(0o755)  # PostgreSQL may run under another account
        self.postgres = PostgresServer(self.home, port=postgres_port)
        self.valkey = ValkeyServer(self.home, persist=persist)
        self.programs: list[Program] = []
        self.environ = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            **new_secrets(),
            "PYTHONPATH": str(SOURCE),
            "BANGFU_HOME": str(self.home),
            "BANGFU_ENVIRONMENT": "test",
            "BANGFU_ARGON2_PROFILE": "test",
            "BANGFU_LOG_LEVEL": "WARNING",
            "BANGFU_WEB_WORKERS": str(workers),
            "BANGFU_WEB_THREADS": str(threads),
        }

    def __enter__(self) -> Self:
        try:
            url = create_database(self.postgres.start(), name=DATABASE)
            self.environ["DATABASE_URL"] = url
            self.environ["REDIS_URL"] = self.valkey.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for program in reversed(self.programs):
            program.stop()
        self.valkey.stop()
        self.postgres.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def dsn(self) -> str:
        """The database's address for psycopg."""
        url = make_url(self.environ["DATABASE_URL"]).set(drivername="postgresql")
        return url.render_as_string(hide_password=False)

    def settle(self, size: Size) -> World:
        """Migrate the database and write a trading world into it, by a process of its own."""
        world = elsewhere(_settle, self, size)
        self.query("VACUUM ANALYZE")
        return world

    def app(self) -> Flask:
        """Make the application in this process, which can serve no other stand after it."""
        return create_app(from_environment(self.environ))

    def query(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement and give its rows."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def program(self, name: str, *argv: str, environ: Mapping[str, str] | None = None) -> Program:
        """Start a program of the installation."""
        program = Program(
            name,
            argv=(sys.executable, "-m", *argv),
            env={**self.environ, **(environ or {})},
            log=self.home / "log" / f"{name}.log",
            patience=PATIENCE_SECONDS,
        )
        self.programs.append(program)
        program.start()
        return program

    def web(
        self, port: int, *, module: str = "wsgi:app", environ: Mapping[str, str] | None = None
    ) -> Program:
        """Start gunicorn and wait until both workers answer."""
        configuration = str(SOURCE / "gunicorn_config.py")
        program = self.program(
            f"web-{port}",
            *("gunicorn", "--chdir", str(SOURCE), "-c", configuration),
            *("-b", f"{http_load.HOST}:{port}", module),
            environ=environ,
        )
        wait_until_ready(port, program)
        return program


def _settle(stand: Stand, size: Size) -> World:
    now = clock.now()
    with stand.app().app_context():
        schema.upgrade(db.engine, MIGRATIONS)
        schema.load_reference_data(PACKAGES, now=now)
        return run(lambda: build(size, now=now))


def wait_until_ready(port: int, program: Program) -> None:
    """Wait until the web server answers that it is ready."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        if not program.alive:
            raise RuntimeError(f"{program.name} ended:\n{program.output}")
        try:
            if httpx.get(f"http://{http_load.HOST}:{port}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{program.name} is not ready:\n{program.output}")
