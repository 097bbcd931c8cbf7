"""A fact reaches its handler once in effect, whatever is lost or fails on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from bootstrap import MIGRATIONS
from kernel import clock, relay
from kernel.actor import SYSTEM
from kernel.assembly import assemble
from kernel.audit import AuditRow, write
from kernel.config import Settings
from kernel.database import db
from kernel.errors import Busy
from kernel.events import Delivery, Event, EventRow, Subscription, Subscriptions, record
from kernel.identity import new_id
from kernel.journal import write_journal
from kernel.package import Package
from kernel.relay import ATTEMPTS, RING_AGAIN_AFTER, run_due_deliveries
from kernel.unit_of_work import run

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("listening")


@dataclass(frozen=True)
class ThingHappened(Event):
    """Something happened to a thing."""

    thing_id: UUID


class Handler:
    """Counts its calls and fails as often as it is told to."""

    failures = 0
    calls = 0


def note_thing(event: ThingHappened, *, now: datetime) -> None:
    """Leave one audit row, or fail."""
    Handler.calls += 1
    write("noted", subject=("thing", event.thing_id), by=SYSTEM, now=now)
    if Handler.failures:
        Handler.failures -= 1
        raise Busy


@pytest.fixture
def listening(fresh: Flask) -> Iterator[Flask]:
    """Plug the handler in, and the house's own reactions back afterwards."""
    house = fresh.extensions["bangfu.subscriptions"]
    fresh.extensions["bangfu.subscriptions"] = Subscriptions(
        [Subscription(ThingHappened, note_thing)]
    )
    Handler.failures = Handler.calls = 0
    with fresh.app_context():
        yield fresh
    fresh.extensions["bangfu.subscriptions"] = house


def _happen() -> UUID:
    thing = new_id()
    run(lambda: record(ThingHappened(thing_id=thing), now=NOW))
    return thing


def _noted() -> int:
    rows = select(AuditRow.id).where(AuditRow.action == "noted")
    return run(lambda: len(db.session.scalars(rows).all()))


def _delivery() -> Delivery:
    return run(lambda: db.session.scalars(select(Delivery)).one())


def test_a_second_application_in_the_process_takes_no_reaction_away(settings: Settings) -> None:
    nobody = Package(name="nobody", authenticate=lambda _token, *, now: None)  # noqa: ARG005
    assemble(settings, [nobody], migrations=MIGRATIONS)
    clock.follow_offset(None)
    _happen()
    with clock.stopped(NOW):
        assert run_due_deliveries() == 1
    assert _noted() == 1


def test_a_fact_is_handled_once() -> None:
    _happen()
    with clock.stopped(NOW):
        assert run_due_deliveries() == 1
        assert run_due_deliveries() == 0
        delivery = _delivery()
        relay.deliver.run(event_id=str(delivery.event_id), handler=delivery.handler)
    assert (_noted(), Handler.calls, _delivery().attempts) == (1, 1, 1)


def test_a_fact_of_a_unit_that_failed_never_happened() -> None:
    def unit() -> None:
        record(ThingHappened(thing_id=new_id()), now=NOW)
        write_journal()
        raise Busy

    with pytest.raises(Busy):
        run(unit)
    assert run(lambda: db.session.scalars(select(EventRow)).all()) == []


def test_a_ring_that_was_lost_is_rung_again_after_a_minute() -> None:
    _happen()
    assert run(lambda: relay._take_due(NOW)) != []  # noqa: SLF001 - and the message is lost
    assert run(lambda: relay._take_due(NOW + RING_AGAIN_AFTER - timedelta(seconds=1))) == []  # noqa: SLF001
    with clock.stopped(NOW + RING_AGAIN_AFTER):
        assert run_due_deliveries() == 1
    assert _noted() == 1


def test_a_failure_undoes_the_handler_and_is_tried_again_later() -> None:
    _happen()
    Handler.failures = 1
    with clock.stopped(NOW):
        run_due_deliveries()
    delivery = _delivery()
    assert (_noted(), delivery.attempts, delivery.last_error) == (0, 1, "busy")
    assert delivery.due_at == NOW + timedelta(seconds=2)
    with clock.stopped(NOW + timedelta(seconds=2)):
        run_due_deliveries()
    assert (_noted(), _delivery().handled_at) == (1, NOW + timedelta(seconds=2))


def test_after_the_last_failure_a_delivery_is_parked() -> None:
    _happen()
    Handler.failures = 100
    at = NOW
    for _ in range(ATTEMPTS + 2):
        with clock.stopped(at):
            run_due_deliveries()
        at += timedelta(hours=1)
    assert _delivery().parked_at is not None
    assert Handler.calls == ATTEMPTS
    assert _noted() == 0


def test_two_relays_do_not_take_the_same() -> None:
    for _ in range(3):
        _happen()
    first = run(lambda: relay._take_due(NOW))  # noqa: SLF001
    assert len(first) == 3
    assert run(lambda: relay._take_due(NOW)) == []  # noqa: SLF001
