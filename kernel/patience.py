"""How long a request waits for the database: on the wire, to connect, and in all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import ConnectionTimeout
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

T = TypeVar("T")
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
    def since(cls, began: float) -> Patience:
        """Give what is left of a request that came then, though it had to wait for a thread."""
        left = PATIENCE_SECONDS - (time.monotonic() - began)
        return cls(left if left > WORTH_TRYING_SECONDS else 0.0)

    @contextmanager
    def spent(self) -> Iterator[None]:
        """Count what passes inside, a refusal too; whoever waited in vain has nothing left."""
        began = time.monotonic()
        try:
            yield
        except (ConnectionTimeout, OutOfPatience):
            self.left = 0.0
            raise
        finally:
            if not self.reads_long:
                self.left = max(0.0, self.left - (time.monotonic() - began))


patience: ContextVar[Patience | None] = ContextVar("patience", default=None)
"""Of the request under way; tasks and commands have none, and a time limit of their own."""


class OutOfPatience(psycopg.OperationalError):
    """The database did not answer in time, or was not to be reached a moment ago."""


class Wire(psycopg.Connection[Any]):
    """A connection that a request waits on no longer than its patience, and closes then.

    A refusal costs it nothing that it has prepared.
    """

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

    def rollback(self) -> None:
        """Take back what was done, and keep the statements that are prepared.

        psycopg forgets all of them, for the sake of tables that were made in between. No request
        makes any, many end in a refusal, and to plan the gates costs more than to run them. After
        an error of the server it still begins anew: a statement may be what was wrong.
        """
        if self.info.transaction_status is not TransactionStatus.INTRANS:
            super().rollback()
            return
        kept, self._prepared = self._prepared, type(self._prepared)()
        try:
            super().rollback()
        finally:
            self._prepared = kept


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
