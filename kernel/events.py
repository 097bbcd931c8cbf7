"""Facts: announced in the transaction that made them true, delivered once in effect."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

import orjson
from flask import current_app
from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.identity import new_id
from kernel.journal import journal
from kernel.logs import request_id


@dataclass(frozen=True)
class Event:
    """A fact in the past tense; its fields are identifiers only."""

    kinds: ClassVar[dict[str, type["Event"]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Event.kinds[cls.__name__] = cls

    @classmethod
    def read(cls, payload: Mapping[str, Any]) -> Self:
        """Make the fact again from its row; every field is a UUID."""
        return cls(**{name: UUID(value) for name, value in payload.items()})


class EventRow(Base):
    """A fact as it was recorded; never updated, never deleted."""

    __tablename__ = "event_log"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    xid: Mapped[int] = mapped_column(
        BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint")
    )
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]
    request_id: Mapped[str]


class Delivery(Base):
    """What one handler owes one fact: written with the fact, `handled_at` is the receipt."""

    __tablename__ = "event_delivery"
    __table_args__ = (
        Index(
            "ix_event_delivery_due",
            "due_at",
            postgresql_where=text("handled_at IS NULL AND parked_at IS NULL"),
        ),
    )

    event_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey(EventRow.id), primary_key=True)
    handler: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default="0")
    handled_at: Mapped[datetime | None]
    parked_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


@dataclass(frozen=True)
class Subscription:
    """A reaction to a kind of fact; it is known by the handler's module and name."""

    event: type[Event]
    handler: Callable[..., None]

    @property
    def name(self) -> str:
        """Give the name under which deliveries are kept."""
        return f"{self.handler.__module__}.{self.handler.__name__}"


class Subscriptions:
    """Who reacts to what in one application."""

    def __init__(self, subscriptions: Iterable[Subscription] = ()) -> None:
        self._by_kind: dict[str, list[Subscription]] = {}
        for one in subscriptions:
            self._by_kind.setdefault(one.event.__name__, []).append(one)

    def of(self, kind: str) -> Sequence[Subscription]:
        """Give every reaction to a kind of fact."""
        return self._by_kind.get(kind, ())

    def find(self, kind: str, handler: str) -> Subscription | None:
        """Find the reaction of a handler to a kind of fact, if it is still plugged in."""
        return next((one for one in self.of(kind) if one.name == handler), None)


def subscriptions() -> Subscriptions:
    """Give who reacts to what in the application at work."""
    found: Subscriptions = current_app.extensions["bangfu.subscriptions"]
    return found


def record(event: Event, *, now: datetime) -> UUID:
    """Announce a fact: its row and a delivery per subscriber, in this transaction."""
    kind, event_id, noted = type(event).__name__, new_id(), journal()
    payload = {name: str(value) for name, value in vars(event).items()}
    noted.facts.append(
        {
            "id": event_id,
            "kind": kind,
            "payload": orjson.dumps(payload).decode(),
            "recorded_at": now,
            "request_id": request_id.get(),
        }
    )
    for one in subscriptions().of(kind):
        noted.deliveries.append({"event_id": event_id, "handler": one.name, "due_at": now})
    return event_id
