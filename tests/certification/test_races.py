"""Two at once: exactly one wins, and counters equal entries; without the gate, too much is sold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from certification.certificates.commands import capacities, changes, grants
from certification.certificates.commands.capacities import CapacityWant
from certification.certificates.models.capacities import Capacity, CapacityHold, CapacityId
from certification.certificates.models.certificates import Certificate, CertificateId, ChangeKind
from certification.certificates.tasks import expire_due_certificates
from certification.errors.certificates import CapacityExceeded, CertificateNotInForce
from certification.wiring import INVARIANTS
from kernel import clock
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import WrongState
from kernel.identity import new_id
from kernel.unit_of_work import run
from tests import promises
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOTICE_OVER, NOW
from tests.racing import race, rival

Taker = Callable[[CapacityId, CertificateId, Decimal], None]


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


def broken() -> list[str]:
    return run(partial(promises.broken, INVARIANTS))


def reviewers(level: str, count: int) -> list[Actor]:
    return run(lambda: [registry.actor_of(build.reviewer_of(level)) for _ in range(count)])


def capacity(declared: int) -> tuple[CapacityId, CertificateId]:
    def unit() -> tuple[CapacityId, CertificateId]:
        made = build.certificate(yearly_quantity=str(declared))
        return build.capacity_of(made).id, made.id

    return run(unit)


def figures(capacity_id: CapacityId) -> tuple[Decimal | int, Decimal | int]:
    """Give the counter, and what was promised to takers."""

    def unit() -> tuple[Decimal, Decimal]:
        row = db.session.get_one(Capacity, capacity_id, populate_existing=True)
        mine = CapacityHold.counter_id == capacity_id
        promised = db.session.scalar(select(func.sum(CapacityHold.amount)).where(mine))
        return row.held, promised or Decimal()

    return run(unit)


def take(capacity_id: CapacityId, certificate_id: CertificateId, quantity: Decimal) -> None:
    want = CapacityWant(new_id(), certificate_id, quantity, capacity_id)
    capacities.hold_capacity([want], expires_at=None, now=NOTICE_OVER)


def careless_take(
    capacity_id: CapacityId, certificate_id: CertificateId, quantity: Decimal
) -> None:
    """Take with the gate replaced by read, then write: the control."""
    row = db.session.get_one(Capacity, capacity_id, populate_existing=True)
    db.session.execute(text("SELECT pg_sleep(0.01)"))
    if not row.is_open or row.held + row.sold + quantity > row.declared:
        raise CapacityExceeded(wanted=quantity, certificate_id=certificate_id)
    year = update(Capacity).where(Capacity.id == capacity_id)
    db.session.execute(year.values(held=row.held + quantity))
    db.session.add(
        CapacityHold(
            id=new_id(),
            counter_id=capacity_id,
            source="order_line",
            source_id=new_id(),
            amount=quantity,
            held_at=NOTICE_OVER,
        )
    )


def sell_the_last(
    app: Flask, declared: int, takers: int, taker: Taker
) -> tuple[int, Decimal | int]:
    """Let takers want one unit each at once; tell how many got it, and what was promised."""
    capacity_id, certificate_id = capacity(max(declared, 1))
    if not declared:
        run(lambda: take(capacity_id, certificate_id, Decimal(1)))
    act = partial(taker, capacity_id, certificate_id, Decimal(1))
    outcomes = race(app, [act] * takers)
    assert set(outcomes) <= {"done", "capacity_exceeded"}
    return outcomes.count("done"), figures(capacity_id)[1]


@pytest.mark.parametrize("declared", [0, 1, 2, 7])
def test_the_last_units_go_to_exactly_as_many(app: Flask, declared: int) -> None:
    for _ in range(3):
        won, promised = sell_the_last(app, declared, declared + 16, take)
        assert won == declared
        assert promised == max(declared, 1)
    assert broken() == []


def test_without_the_gate_more_is_promised_than_there_is(app: Flask) -> None:
    won, promised = sell_the_last(app, 7, 23, careless_take)
    assert won > 7
    assert promised > 7
    assert "C1_capacity" in broken()


def test_lines_of_two_certificates_in_any_order_do_not_block_each_other(app: Flask) -> None:
    rice, oil = capacity(20), capacity(20)

    def buy(first: tuple[CapacityId, CertificateId], then: Any) -> Callable[[], Any]:
        wants = [
            CapacityWant(new_id(), certificate_id, Decimal(1), capacity_id)
            for capacity_id, certificate_id in (first, then)
        ]
        return lambda: capacities.hold_capacity(wants, expires_at=None, now=NOTICE_OVER)

    acts = [buy(rice, oil) if i % 2 else buy(oil, rice) for i in range(24)]
    assert sorted(race(app, acts)) == ["capacity_exceeded"] * 4 + ["done"] * 20
    assert figures(rice[0]) == figures(oil[0]) == (20, 20)
    assert broken() == []


def test_of_many_reviewers_at_once_one_decides(app: Flask) -> None:
    people = run(build.cast)
    application_id = run(lambda: build.passed(people, "town").id)
    acts = [partial(build.review, application_id, by) for by in reviewers("county", 8)]
    outcomes = sorted(race(app, acts))
    assert outcomes == ["done"] + ["wrong_state"] * 7
    assert broken() == []


def test_a_certificate_is_granted_once_by_many_at_once(app: Flask) -> None:
    people = run(build.cast)
    application_id = run(lambda: build.in_notice(people, NOW).id)
    acts = [
        partial(grants.grant_certificate, application_id, by=by, now=NOTICE_OVER)
        for by in reviewers("province", 8)
    ]
    outcomes = sorted(race(app, acts))
    assert outcomes == ["done"] + ["wrong_state"] * 7
    found = run(lambda: db.session.scalars(select(Certificate)).all())
    assert [one.number for one in found] == ["BF-C-2026-440203-000001"]
    assert broken() == []


def revoke(certificate_id: UUID, by: Actor) -> None:
    changes.change_certificate(
        certificate_id, ChangeKind.REVOKED, reason="虚假材料", by=by, now=NOTICE_OVER
    )


def test_a_hold_that_was_first_stays_through_the_revocation(app: Flask) -> None:
    capacity_id, certificate_id = capacity(10)
    (county,) = reviewers("county", 1)
    outcome = rival(
        app,
        partial(take, capacity_id, certificate_id, Decimal(4)),
        partial(revoke, certificate_id, county),
    )
    assert outcome == "done"
    assert figures(capacity_id) == (4, 4)
    assert broken() == []


@pytest.mark.parametrize("named", [True, False])
def test_a_revocation_that_was_first_stops_the_hold(app: Flask, *, named: bool) -> None:
    capacity_id, certificate_id = capacity(10)
    (county,) = reviewers("county", 1)
    want = CapacityWant(new_id(), certificate_id, Decimal(4), capacity_id if named else None)
    outcome = rival(
        app,
        partial(revoke, certificate_id, county),
        lambda: capacities.hold_capacity([want], expires_at=None, now=NOTICE_OVER),
    )
    assert outcome == "certificate_not_in_force"
    assert figures(capacity_id) == (0, 0)
    assert broken() == []


def test_without_the_gates_condition_the_hold_gets_through(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    careless = replace(capacities.CAPACITY_GATE, when=":today IS NOT NULL")
    monkeypatch.setattr(capacities, "CAPACITY_GATE", careless)
    capacity_id, certificate_id = capacity(10)
    (county,) = reviewers("county", 1)
    outcome = rival(
        app,
        partial(revoke, certificate_id, county),
        partial(take, capacity_id, certificate_id, Decimal(4)),
    )
    assert outcome == "done"


def test_whoever_meets_a_revocation_is_wholly_before_or_refused(app: Flask) -> None:
    (county,) = reviewers("county", 1)
    for _ in range(3):
        capacity_id, certificate_id = capacity(100)
        one = partial(take, capacity_id, certificate_id, Decimal(1))
        outcomes = race(app, [one] * 15 + [partial(revoke, certificate_id, county)])
        sold = outcomes.count("done") - 1
        assert outcomes.count("certificate_not_in_force") == 15 - sold
        assert outcomes[-1] == "done"
        assert figures(capacity_id) == (sold, sold)
        with pytest.raises(CertificateNotInForce):
            run(one)
    assert broken() == []


def test_two_timers_end_each_certificate_once(app: Flask) -> None:
    for _ in range(5):
        capacity(10)
    over = NOTICE_OVER + timedelta(days=365)
    acts = [lambda: changes.expire_certificates(now=over)] * 4
    assert race(app, acts) == ["done"] * 4
    with clock.stopped(over):
        expire_due_certificates()
    states = run(lambda: db.session.scalars(select(Certificate.status)).all())
    assert states == ["expired"] * 5
    ended = run(
        lambda: db.session.scalar(
            text("SELECT count(*) FROM certificate_change WHERE kind = 'expired'")
        )
    )
    assert ended == 5
    assert broken() == []


@pytest.mark.usefixtures("app")
def test_a_late_reviewer_is_told_the_state() -> None:
    people = run(build.cast)
    application_id = run(lambda: build.passed(people, "town").id)
    first, second = reviewers("county", 2)
    run(lambda: build.review(application_id, first))
    with pytest.raises(WrongState) as caught:
        run(lambda: build.review(application_id, second))
    assert caught.value.figures == {"state": "county_checked", "level": "county"}
