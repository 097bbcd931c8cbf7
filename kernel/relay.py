"""From the record of facts to the handlers: rung through Celery, counted by receipts."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from celery import current_app as celery
from sqlalchemy import select, update

from kernel import clock
from kernel.database import db
from kernel.errors import Refusal
from kernel.events import Delivery, Event, EventRow, subscriptions
from kernel.jobs import task
from kernel.logs import request_id
from kernel.package import Schedule
from kernel.unit_of_work import run

log = structlog.get_logger()

BATCH = 500
RING_AGAIN_AFTER = timedelta(seconds=60)
"""A delivery without its receipt this long after it was queued is queued again."""
ATTEMPTS = 8
"""After so many failures a delivery is parked where operators see it."""


@task(name="kernel.relay", time_limit=60)
def relay() -> int:
    """Queue what is due; the same query sends again what was lost on the way."""
    now = clock.now()
    due = run(lambda: _take_due(now))
    for event_id, handler in due:
        deliver.apply_async(kwargs={"event_id": str(event_id), "handler": handler}, retry=False)
    return len(due)


def _take_due(now: datetime) -> list[tuple[UUID, str]]:
    """Take due deliveries in the order of their facts and put the next ring a minute ahead."""
    rows = db.session.execute(
        select(Delivery.event_id, Delivery.handler)
        .join(EventRow, EventRow.id == Delivery.event_id)
        .where(Delivery.handled_at.is_(None), Delivery.parked_at.is_(None), Delivery.due_at <= now)
        .order_by(EventRow.position)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=Delivery)
    ).all()
    for event_id, handler in rows:
        db.session.execute(
            update(Delivery)
            .where(Delivery.event_id == event_id, Delivery.handler == handler)
            .values(due_at=now + RING_AGAIN_AFTER)
        )
    return [(event_id, handler) for event_id, handler in rows]


@task(name="kernel.deliver", time_limit=120)
def deliver(*, event_id: str, handler: str) -> None:
    """Run one handler for one fact, once in effect; a failure is tried again, then parked."""
    key = UUID(event_id)
    try:
        run(lambda: _handle(key, handler))
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is kept on its row
        log.warning("a handler failed", handler=handler, fact=event_id, kind=type(error).__name__)
        name = error.code if isinstance(error, Refusal) else type(error).__name__
        run(lambda: _note_failure(key, handler, name))


def _handle(event_id: UUID, handler: str) -> None:
    now = clock.now()
    row = db.session.execute(
        select(Delivery, EventRow)
        .join(EventRow, EventRow.id == Delivery.event_id)
        .where(Delivery.event_id == event_id, Delivery.handler == handler)
        .with_for_update(of=Delivery)
    ).one_or_none()
    if row is None or row.Delivery.handled_at is not None:
        return
    delivery, recorded = row
    subscription = subscriptions().find(recorded.kind, handler)
    if subscription is None:
        raise LookupError(f"no handler {handler} for {recorded.kind}")
    context = request_id.set(recorded.request_id)
    try:
        subscription.handler(Event.kinds[recorded.kind].read(recorded.payload), now=now)
    finally:
        request_id.reset(context)
    delivery.handled_at = now
    delivery.attempts += 1


def _note_failure(event_id: UUID, handler: str, name: str) -> None:
    """Count the failure; wait longer each time, and park after the last."""
    now = clock.now()
    delivery = db.session.get(Delivery, (event_id, handler), with_for_update=True)
    if delivery is None or delivery.handled_at is not None:
        return
    delivery.attempts += 1
    delivery.last_error = name
    delivery.due_at = now + timedelta(seconds=2**delivery.attempts)
    if delivery.attempts >= ATTEMPTS:
        delivery.parked_at = now


def run_due_deliveries() -> int:
    """Deliver everything that is due in this process, without Celery; returns how many."""
    served = 0
    while due := run(lambda: _take_due(clock.now())):
        for event_id, handler in due:
            deliver.run(event_id=str(event_id), handler=handler)
        served += len(due)
    return served


def is_broker_reachable() -> bool:
    """Say whether the doorbell works; the record does not depend on it."""
    try:
        with celery.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=1)
    except Exception as error:  # noqa: BLE001 - the transport raises what its client raises
        log.warning("broker not reachable", kind=type(error).__name__)
        return False
    return True


SCHEDULE = {"relay": Schedule(task=relay, every=2.0)}
