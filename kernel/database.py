"""The tables' common ground: types, constraint names, the session, and how long one waits."""

import enum
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from threading import Lock
from typing import Any, ClassVar, TypeVar

import psycopg
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from psycopg.abc import PQGen
from psycopg.errors import ConnectionTimeout
from sqlalchemy import (
    BigInteger,
    Connection,
    Date,
    DateTime,
    Engine,
    Enum,
    Integer,
    MetaData,
    Numeric,
    Text,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, scoped_session

from kernel.money import Fen

T = TypeVar("T")
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def _values(kind: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in kind]


class Base(DeclarativeBase):
    """The parent of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[Mapping[Any, Any]] = {
        Fen: BigInteger,
        int: Integer,
        str: Text,
        Decimal: Numeric(14, 3),
        datetime: DateTime(timezone=True),
        date: Date,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: JSONB,
        enum.StrEnum: Enum(enum.StrEnum, native_enum=False, length=32, values_callable=_values),
    }


REPLICA = "bangfu_replica"
"""The key in `session.info` that sends a unit of work to the replica."""


class RoutedSession(Session):
    """The session of a unit of work: on the primary, or on the replica for a report."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """Choose the engine by what the unit of work said it is."""
        if self.info.get(REPLICA) and REPLICA in db.engines:
            return db.engines[REPLICA]
        return super().get_bind(*args, **kwargs)


db = SQLAlchemy(
    metadata=Base.metadata,
    disable_autonaming=True,
    session_options={"class_": RoutedSession, "expire_on_commit": False, "autoflush": False},
)


WIRE: dict[str, Any] = {
    "connect_timeout": 10,
    # a host that is gone is noticed by the system itself: idle within 45 s, at work within 10
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""How a connection is reached and watched; what DATABASE_URL says of the same holds instead."""
OF_REQUESTS: dict[str, Any] = {"connect_timeout": 3}
PATIENCE_SECONDS = 10.0
"""As long as a request waits for a thread and the database in all; and 3 more to connect."""
WORTH_TRYING_SECONDS = 0.5
"""Who has less left would only break a connection off."""


@dataclass
class Patience:
    """What a request has left of the seconds in which it waits for the database.

    A system between may keep a dead connection looking alive, so the wire's own time-outs are not
    enough. Who reads long, as of one instant, has all of them for each statement.
    """

    left: float
    reads_long: bool = False

    @classmethod
    def since(cls, began: float) -> "Patience":
        """Give what is left of a request that came then, though it had to wait for a thread."""
        left = PATIENCE_SECONDS - (time.monotonic() - began)
        return cls(left if left > WORTH_TRYING_SECONDS else 0.0)

    @contextmanager
    def spent(self) -> Iterator[None]:
        """Count what passes inside; whoever waited in vain has nothing left."""
        began = time.monotonic()
        try:
            yield
        except (ConnectionTimeout, OutOfPatience):
            self.left = 0.0
            raise
        if not self.reads_long:
            self.left = max(0.0, self.left - (time.monotonic() - began))


patience: ContextVar[Patience | None] = ContextVar("patience", default=None)
"""Of the request under way; tasks and commands have none, and a time limit of their own."""


class OutOfPatience(psycopg.OperationalError):
    """The database did not answer in time, or was not to be reached a moment ago."""


class Wire(psycopg.Connection[Any]):
    """A connection that a request waits on no longer than its patience, and closes then."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for an answer; a request's patience is a limit like any other."""
        held = patience.get()
        if held is None or timeout is not None:
            return super().wait(gen, interval, timeout)
        with held.spent():
            try:
                return super().wait(gen, interval, held.left)
            except psycopg.errors._WaitTimeout as error:  # noqa: SLF001 - there is no other name
                self.close()
                raise OutOfPatience("no answer in time") from error


@dataclass
class Reach:
    """Whether a server was reached when it was last tried; until it is, one request tries it.

    The others are refused at once, so that a server that is away holds one thread and not all.
    """

    lost: bool = False
    _trying: Lock = field(default_factory=Lock)

    def reached(self, connect: Callable[[], T]) -> T:
        """Connect for a request (ConnectionTimeout, OutOfPatience)."""
        if not self.lost:
            return self._try(connect)
        if not self._trying.acquire(blocking=False):
            raise OutOfPatience("was not to be reached a moment ago")
        try:
            return self._try(connect)
        finally:
            self._trying.release()

    def _try(self, connect: Callable[[], T]) -> T:
        try:
            connection = connect()
        except ConnectionTimeout:
            self.lost = True
            raise
        self.lost = False
        return connection


_reaches: dict[str, Reach] = {}


@event.listens_for(Engine, "do_connect")
def _connect(_: object, __: object, cargs: list[Any], cparams: dict[str, Any]) -> Wire:
    """Connect with our time-outs, unless the address brings its own."""
    held = patience.get()

    def connect() -> Wire:
        ours = WIRE if held is None else WIRE | OF_REQUESTS
        return Wire.connect(*cargs, **{**ours, **cparams})

    if held is None:
        return connect()
    with held.spent():
        if not held.left:
            raise OutOfPatience("no patience is left to connect")
        reach = _reaches.setdefault(f"{cparams.get('host')}:{cparams.get('port')}", Reach())
        return reach.reached(connect)


@contextmanager
def planned_anew() -> Iterator[None]:
    """Have statements planned for the values they are given, each time.

    psycopg has PostgreSQL keep a statement that is often executed, and a kept one may be planned
    once for all values: as if hardly a row began with the prefix of a region, whichever it is.
    """
    held: Any = db.session.connection().connection.driver_connection
    before, held.prepare_threshold = held.prepare_threshold, None
    try:
        yield
    finally:
        held.prepare_threshold = before


PATIENT = text("SET LOCAL idle_in_transaction_session_timeout = 0")
"""A long file is read, or closed, inside a transaction that the database must not end meanwhile."""
SERIALIZATION_FAILURE = "40001"
DEADLOCK = "40P01"
LOCK_NOT_AVAILABLE = "55P03"
STATEMENT_CANCELLED = "57014"
FOREIGN_KEY_VIOLATION = "23503"


def sqlstate(error: DBAPIError) -> str:
    """Read the five-character SQLSTATE of a database error, or an empty string."""
    return str(getattr(error.orig, "sqlstate", "") or "")


def is_connection_lost(error: DBAPIError) -> bool:
    """Say whether the server went away, or could not be reached at all."""
    state = sqlstate(error)
    unreached = isinstance(error, OperationalError) and not state
    return error.connection_invalidated or unreached or state[:2] == "08" or state[:3] == "57P"


def constraint_of(error: IntegrityError) -> str:
    """Read the name of the constraint that spoke, or an empty string."""
    diagnosis = getattr(error.orig, "diag", None)
    return str(getattr(diagnosis, "constraint_name", "") or "")


def engine_options(*, pool_size: int) -> dict[str, Any]:
    """Give the engine's options: one connection a thread and none beyond.

    No ping before use: the edge runs a unit again that lost its connection before commit. What
    was bound to a statement stands in no error, and so in no log.
    """
    return {
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": 5,
        "pool_use_lifo": True,
        "hide_parameters": True,
    }


@contextmanager
def apart() -> Iterator[Connection | scoped_session[Session]]:
    """Give a connection whose every statement is its own transaction.

    For what must stand whatever becomes of the unit of work: the progress of a long task.
    Only tasks ask for it: a thread of the web has one connection, and waiting for another
    while holding one is a deadlock.
    """
    bind = db.session.get_bind()
    if not isinstance(bind, Engine):
        yield db.session
        return
    with bind.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")
