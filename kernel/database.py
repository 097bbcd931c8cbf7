"""The tables' common ground: types, constraint names, and the session."""

import enum
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, scoped_session

from kernel.money import Fen

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
