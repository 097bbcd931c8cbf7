"""Facts: announced in the transaction that made them true, delivered once in effect."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

import orjson
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


class _Subscriptions:
    """Who reacts to what; filled by the assembly from the wiring of the rooms."""

    by_kind: ClassVar[dict[str, list[Subscription]]] = {}
    by_name: ClassVar[dict[str, Subscription]] = {}


def subscribe(subscriptions: list[Subscription]) -> None:
    """Set who reacts to what, once for the process."""
    _Subscriptions.by_kind.clear()
    _Subscriptions.by_name.clear()
    for one in subscriptions:
        _Subscriptions.by_kind.setdefault(one.event.__name__, []).append(one)
        _Subscriptions.by_name[f"{one.event.__name__}:{one.name}"] = one


def find_subscription(kind: str, handler: str) -> Subscription | None:
    """Find the reaction of a handler to a kind of fact, if it is still plugged in."""
    return _Subscriptions.by_name.get(f"{kind}:{handler}")


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
    for one in _Subscriptions.by_kind.get(kind, ()):
        noted.deliveries.append({"event_id": event_id, "handler": one.name, "due_at": now})
    return event_id
