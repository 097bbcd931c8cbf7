"""Facts: announced in the transaction that made them true, delivered once in effect."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar, Self, cast
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Table, Uuid, insert, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base, db
from kernel.identity import new_id
from kernel.logs import request_id
from kernel.unit_of_work import before_commit

PENDING = "bangfu_events"


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


EVENTS = cast("Table", EventRow.__table__)
DELIVERIES = cast("Table", Delivery.__table__)


def record(event: Event, *, now: datetime) -> UUID:
    """Announce a fact: its row and a delivery per subscriber, in this transaction."""
    pending = db.session.info.get(PENDING)
    if pending is None:
        pending = db.session.info[PENDING] = []
        before_commit(flush_events)
    event_id = new_id()
    pending.append(
        {
            "id": event_id,
            "kind": type(event).__name__,
            "payload": {name: str(value) for name, value in asdict(event).items()},
            "recorded_at": now,
            "request_id": request_id.get(),
        }
    )
    return event_id


def flush_events() -> None:
    """Write the facts of this transaction that are still in memory."""
    pending = db.session.info.pop(PENDING, None)
    if not pending:
        return
    db.session.execute(insert(EVENTS), pending)
    deliveries = [
        {"event_id": row["id"], "handler": one.name, "due_at": row["recorded_at"]}
        for row in pending
        for one in _Subscriptions.by_kind.get(row["kind"], ())
    ]
    if deliveries:
        db.session.execute(insert(DELIVERIES), deliveries)
