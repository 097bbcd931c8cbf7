"""R6 for quotas: a move and its rival, the second injected before each statement of the first.

Allocation, cut and merger against reserving, closing against a late payment: whatever the
moment, what comes out is what one of the two orders of the acts gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text

from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from kernel.unit_of_work import run
from procurement.quotas.commands import closings, holds, mergers, shifts
from procurement.quotas.commands.allocations import AllocationPart, NewAllocation, allocate
from procurement.quotas.commands.opening import revise_quota
from procurement.quotas.commands.shifts import Shift
from procurement.quotas.commands.transfers import transfer
from procurement.quotas.models import Fund, MoveId, Quota, QuotaId
from procurement.quotas.rules import QuotaTerms
from procurement.wiring import INVARIANTS
from tests.builders import procurement, registry
from tests.builders.procurement import NOW
from tests.promises import broken
from tests.racing import Act, interleave, outcome, race

AFTER = datetime(2027, 1, 1, 4, tzinfo=UTC)
LONGEST = 40
"""More statements than any act has."""
ROUNDS = 10


@dataclass(frozen=True)
class Rivalry:
    """Two acts on something new, and the quotas to look at afterwards."""

    first: Act
    second: Act
    quotas: Sequence[QuotaId]


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


def reserve(quota_id: QuotaId, amount: int, order_id: UUID | None = None) -> Act:
    return partial(
        holds.hold,
        order_id=order_id or new_id(),
        quota_id=quota_id,
        parts=[procurement.part(amount)],
        expires_at=None,
        now=NOW,
    )


def allocation_and_reserve() -> Rivalry:
    people = procurement.cast_of()
    top = procurement.quota(people.superior, 100).id
    below = procurement.quota(people.unit, 100).id
    new = NewAllocation([AllocationPart(people.unit.id, Fen(60), Fen(0))], "分配")
    by = registry.actor_of(people.superior_admin)
    return Rivalry(partial(allocate, top, new, by=by, now=NOW), reserve(top, 60), [top, below])


def cut_and_reserve() -> Rivalry:
    people = procurement.cast_of()
    quota_id = procurement.quota(people.unit, 100).id
    terms = QuotaTerms(Fund.CANTEEN, Fen(50), Fen(0))
    by = registry.actor_of(people.supervisor)
    cut = partial(revise_quota, quota_id, terms, source="修订", by=by, now=NOW)
    return Rivalry(cut, reserve(quota_id, 60), [quota_id])


def merger_and_reserve() -> Rivalry:
    people = procurement.cast_of()
    gone = procurement.quota(people.unit, 100).id
    heir = procurement.quota(people.superior, 100).id
    reserve(gone, 30)()
    merge = partial(
        mergers.carry_to_successor, people.unit.id, successor_id=people.superior.id, now=NOW
    )
    return Rivalry(merge, reserve(gone, 60), [gone, heir])


def merger_and_release() -> Rivalry:
    people = procurement.cast_of()
    gone = procurement.quota(people.unit, 100).id
    heir = procurement.quota(people.superior, 100).id
    order_id = new_id()
    reserve(gone, 30, order_id)()
    merge = partial(
        mergers.carry_to_successor, people.unit.id, successor_id=people.superior.id, now=NOW
    )
    release = partial(holds.release, order_id=order_id, amounts=None, now=NOW)
    return Rivalry(merge, release, [gone, heir])


def close_and_late_payment() -> Rivalry:
    people = procurement.cast_of()
    quota_id = procurement.quota(people.unit, 100).id
    order_id = new_id()
    reserve(quota_id, 60, order_id)()
    pay = partial(holds.post, order_id=order_id, amounts={"national_832": Fen(60)}, now=AFTER)
    office = registry.actor_of(people.supervisor)
    close = partial(closings.close_year, 2026, by=office, now=AFTER)
    return Rivalry(close, pay, [quota_id])


RIVALRIES = (
    allocation_and_reserve,
    cut_and_reserve,
    merger_and_reserve,
    merger_and_release,
    close_and_late_payment,
)


def look(quotas: Sequence[QuotaId]) -> list[tuple[int, ...]]:
    """Give ceiling, floor, held and spent of each, and whether it is closed."""
    rows = [db.session.get_one(Quota, one, populate_existing=True) for one in quotas]
    return [
        (
            int(row.ceiling_fen),
            int(row.floor_fen),
            int(row.held_fen),
            int(row.spent_fen),
            int(row.closed_at is not None),
        )
        for row in rows
    ]


def set_up(make: Callable[[], Rivalry], *, turned: bool) -> Rivalry:
    made = run(make)
    return Rivalry(made.second, made.first, made.quotas) if turned else made


def serial(make: Callable[[], Rivalry], *, turned: bool) -> list[Any]:
    """Give what comes out of the two orders of the acts, outcomes as (first, second)."""
    found = []
    for swapped in (False, True):
        rivals = set_up(make, turned=turned)
        acts = [rivals.first, rivals.second]
        came = [outcome(act) for act in (reversed(acts) if swapped else acts)]
        said = tuple(reversed(came)) if swapped else tuple(came)
        found.append((said, run(partial(look, rivals.quotas))))
    return found


def interleaved(app: Flask, make: Callable[[], Rivalry], *, turned: bool) -> Iterator[Any]:
    """Give what comes out with the second act injected before each statement of the first."""
    for at in range(LONGEST):
        rivals = set_up(make, turned=turned)
        came = interleave(app, rivals.first, rivals.second, at=at)
        if came is None:
            return
        yield came, run(partial(look, rivals.quotas))
    raise AssertionError("an act has more statements than were tried")


@pytest.mark.parametrize("turned", [False, True], ids=["stopped-first", "stopped-second"])
@pytest.mark.parametrize("make", RIVALRIES)
def test_whatever_the_moment_one_of_the_two_orders_comes_out(
    app: Flask,
    make: Callable[[], Rivalry],
    turned: bool,  # noqa: FBT001 - a switch of the test
) -> None:
    expected = serial(make, turned=turned)
    found = list(interleaved(app, make, turned=turned))
    assert found
    for one in found:
        assert one in expected
    assert run(partial(broken, INVARIANTS)) == []


def crossing() -> tuple[QuotaId, QuotaId, list[Act]]:
    """Give two quotas, and orders that go from each of them to the other at once."""
    people = procurement.cast_of()
    units = (people.unit, people.superior)
    one, two = (procurement.quota(unit, 1_000).id for unit in units)
    by = registry.actor_of(people.superior_admin)
    acts: list[Act] = []
    for _ in range(4):
        for quota_id, to in ((one, units[1]), (two, units[0])):
            order_id = new_id()
            reserve(quota_id, 10, order_id)()
            acts.append(
                partial(
                    transfer, order_id=order_id, to_unit_id=to.id, source="改绑", by=by, now=NOW
                )
            )
    return one, two, acts


def test_orders_that_cross_do_not_lock_each_other_out(app: Flask) -> None:
    for _ in range(ROUNDS):
        one, two, acts = run(crossing)
        assert race(app, acts) == ["done"] * 8
        assert run(partial(look, [one, two])) == [(1_000, 0, 40, 0, 0)] * 2
    assert run(partial(broken, INVARIANTS)) == []


_WRITE = text("UPDATE quota SET ceiling_fen = :ceiling WHERE id = :id")


def careless(moves: Sequence[Shift], *, move_id: MoveId, now: datetime) -> set[QuotaId]:
    """Shift without the gate: read, then write what was seen."""
    del move_id, now
    for one in moves:
        seen = db.session.scalar(select(Quota.ceiling_fen).where(Quota.id == one.quota_id))
        db.session.execute(_WRITE, {"ceiling": (seen or 0) + one.ceiling, "id": one.quota_id})
    return set()


def test_without_the_gate_of_moves_money_is_made(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: unlocked and ungated, two allocations of one quota break it."""

    def unlocked(actor: object, quota_ids: Any) -> dict[QuotaId, Quota]:
        del actor
        found = db.session.scalars(select(Quota).where(Quota.id.in_(quota_ids)))
        return {quota.id: quota for quota in found}

    def make() -> tuple[QuotaId, list[Act]]:
        people = procurement.cast_of()
        top = procurement.quota(people.superior, 100).id
        procurement.quota(people.unit, 0)
        new = NewAllocation([AllocationPart(people.unit.id, Fen(10), Fen(0))], "分配")
        by = registry.actor_of(people.superior_admin)
        return top, [partial(allocate, top, new, by=by, now=NOW)] * 6

    monkeypatch.setattr(shifts, "shift_quotas", careless)
    monkeypatch.setattr("procurement.quotas.queries.quotas.lock_quotas", unlocked)
    lost = False
    for _ in range(ROUNDS):
        top, acts = run(make)
        done = race(app, acts).count("done")
        ((ceiling, *_),) = run(partial(look, [top]))
        lost = lost or ceiling != 100 - 10 * done
    assert lost
    assert "P8_moves" in run(partial(broken, INVARIANTS))
