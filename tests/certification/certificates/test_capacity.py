"""What a capacity takes, gives back, and refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from certification.certificates.commands import capacities
from certification.certificates.commands.capacities import CapacityMove, CapacityWant
from certification.certificates.models.capacities import (
    Capacity,
    CapacityEntry,
    CapacityHold,
    CapacityId,
)
from certification.certificates.models.certificates import Certificate
from certification.errors.certificates import CapacityExceeded, CertificateNotInForce
from certification.wiring import INVARIANTS
from kernel.errors import HoldSpent
from kernel.identity import new_id
from tests.builders import certification as build
from tests.builders.certification import NOTICE_OVER
from tests.promises import broken

pytestmark = pytest.mark.usefixtures("db_session")


@pytest.fixture
def granted() -> Certificate:
    return build.certificate()


def want(certificate: Certificate, quantity: str, line: UUID | None = None) -> CapacityWant:
    return CapacityWant(line or new_id(), certificate.id, Decimal(quantity))


def hold(*wants: CapacityWant) -> dict[UUID, CapacityId]:
    return capacities.hold_capacity(wants, expires_at=None, now=NOTICE_OVER)


def counters(certificate: Certificate) -> tuple[Decimal | int, Decimal | int]:
    capacity = build.capacity_of(certificate)
    return capacity.held, capacity.sold


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(*arguments: Any) -> None:
        seen.append(arguments[2])

    bind = session.connection()
    event.listen(bind, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(bind, "before_cursor_execute", note)


def test_a_certificate_written_for_tests_holds_all_promises(
    granted: Certificate,
) -> None:
    assert granted.status == "in_force"
    assert broken(INVARIANTS) == []


def test_a_certificate_with_no_year_today_is_not_in_force() -> None:
    later = build.certificate(granted_on=date(2026, 11, 14))
    over = build.certificate(granted_on=date(2025, 11, 13))
    for one in (later, over):
        with pytest.raises(CertificateNotInForce) as caught:
            hold(want(one, "1"))
        assert caught.value.figures["number"] == one.number
        named = CapacityWant(new_id(), one.id, Decimal(1), build.capacity_of(one).id)
        with pytest.raises(CertificateNotInForce):
            hold(named)


def test_a_hold_tells_the_capacity_of_each_line() -> None:
    rice, oil = build.certificate(), build.certificate()
    one, other = want(rice, "1"), want(oil, "2")
    assert hold(one, other) == {
        one.order_line_id: build.capacity_of(rice).id,
        other.order_line_id: build.capacity_of(oil).id,
    }


def test_a_capacity_takes_to_the_last_gram_and_says_what_is_left(
    granted: Certificate, db_session: Session
) -> None:
    one, other = new_id(), new_id()
    hold(want(granted, "990.499", one))
    with pytest.raises(CapacityExceeded) as caught:
        hold(want(granted, "5", other), want(granted, "4.502"))
    assert caught.value.figures == {
        "number": granted.number,
        "available": Decimal("9.501"),
        "wanted": Decimal("9.502"),
        "unit": "kg",
    }
    assert counters(granted) == (Decimal("990.499"), 0)
    hold(want(granted, "5", other), want(granted, "4.501"))
    assert counters(granted) == (Decimal(1000), 0)
    assert len(db_session.scalars(select(CapacityHold)).all()) == 3
    assert broken(INVARIANTS) == []


def test_a_hold_is_posted_released_and_restored_each_once(
    granted: Certificate, db_session: Session
) -> None:
    line = new_id()
    capacity_id = build.capacity_of(granted).id
    hold(want(granted, "10", line))
    capacities.post_capacity([CapacityMove(line, capacity_id, Decimal(7))], now=NOTICE_OVER)
    assert counters(granted) == (3, 7)
    capacities.release_capacity([CapacityMove(line, capacity_id)], now=NOTICE_OVER)
    assert counters(granted) == (0, 7)
    with pytest.raises(HoldSpent):
        capacities.release_capacity([CapacityMove(line, capacity_id, Decimal(1))], now=NOTICE_OVER)
    capacities.restore_capacity([CapacityMove(line, capacity_id, Decimal(2))], now=NOTICE_OVER)
    assert counters(granted) == (0, 5)
    with pytest.raises(HoldSpent):
        capacities.restore_capacity([CapacityMove(line, capacity_id, Decimal(6))], now=NOTICE_OVER)
    kinds = db_session.scalars(select(CapacityEntry.kind).order_by(CapacityEntry.position)).all()
    assert kinds == ["hold", "post", "release", "refund"]
    assert broken(INVARIANTS) == []


def test_an_expired_hold_is_told_from_a_released_one(
    granted: Certificate, db_session: Session
) -> None:
    line = new_id()
    hold(want(granted, "10", line))
    move = CapacityMove(line, build.capacity_of(granted).id)
    capacities.release_capacity([move], now=NOTICE_OVER, expired=True)
    assert db_session.scalars(select(CapacityEntry.kind)).all()[-1] == "expire"


def test_a_holding_of_a_named_capacity_is_one_statement(
    granted: Certificate, db_session: Session
) -> None:
    capacity = build.capacity_of(granted)
    wants = [
        CapacityWant(new_id(), granted.id, Decimal(1), capacity.id),
        CapacityWant(new_id(), granted.id, Decimal(2), capacity.id),
    ]
    with counted(db_session) as statements:
        hold(*wants)
    assert len(statements) == 1
    assert counters(granted) == (3, 0)
    assert isinstance(db_session.get(Capacity, capacity.id), Capacity)
