"""R6 for quotas: a move and its rival, the second injected before each statement of the first.

Allocation, cut and merger against reserving, closing and re-binding against a late payment,
expiry against payment and closing, a refund against itself: whatever the moment, what comes
out is what one of the two orders of the acts gives. With locks and gates taken away, it is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, text

from kernel.database import db
from kernel.errors import HoldSpent
from kernel.gates import Gate, Move
from kernel.holds import EntryKind
from kernel.identity import new_id
from kernel.money import Fen
from kernel.unit_of_work import run
from procurement.quotas.commands import shifts
from procurement.quotas.commands.shifts import Shift
from procurement.quotas.commands.transfers import transfer
from procurement.quotas.models import MoveId, QuotaId
from procurement.wiring import INVARIANTS
from tests.builders import procurement, registry
from tests.builders.procurement import NOW
from tests.procurement.quotas.rivalries import RIVALRIES, Rivalry, look, reserve
from tests.promises import broken
from tests.racing import Act, interleave, outcome, race

LONGEST = 40
"""More statements than any act has."""
ROUNDS = 5


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


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


@pytest.mark.parametrize("make", RIVALRIES)
def test_whatever_the_moment_one_of_the_two_orders_comes_out(
    app: Flask, make: Callable[[], Rivalry]
) -> None:
    for turned in (False, True):
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


_READ = text("SELECT ceiling_fen, floor_fen, held_fen, spent_fen FROM quota WHERE id = :id")
_WRITE = text("""
UPDATE quota SET ceiling_fen = :ceiling, floor_fen = :floor, held_fen = :held, spent_fen = :spent
WHERE id = :id
""")
_READ_HOLD = text("""
SELECT counter_id, amount, posted, released FROM quota_hold WHERE source_id = :source_id
""")
_WRITE_HOLD = text("""
UPDATE quota_hold SET posted = :posted, released = :released WHERE source_id = :source_id
""")


def write_what_was_seen(quota_id: Any, change: Shift) -> None:
    """Change a counter the wrong way: look, then write what was seen and the difference."""
    seen = db.session.execute(_READ, {"id": quota_id}).one()
    changed = {
        "ceiling": seen.ceiling_fen + change.ceiling,
        "floor": seen.floor_fen + change.floor,
        "held": seen.held_fen + change.held,
        "spent": seen.spent_fen + change.spent,
    }
    db.session.execute(_WRITE, {"id": quota_id, **changed})


def careless_shift(moves: Sequence[Shift], *, move_id: MoveId, now: datetime) -> set[QuotaId]:
    """Shift without the gate."""
    del move_id, now
    for one in moves:
        write_what_was_seen(one.quota_id, one)
    return set()


def careless_end(
    gate: Gate, source: str, moves: Sequence[Move], kind: EntryKind, *, now: datetime
) -> None:
    """Post, give back or refund without the gate: look at the hold, then write what was seen."""
    del gate, source, now
    for one in moves:
        seen = db.session.execute(_READ_HOLD, {"source_id": one.source_id}).one()
        refunds = kind is EntryKind.REFUND
        left = int(seen.posted if refunds else seen.amount - seen.posted - seen.released)
        amount = left if one.amount is None else int(one.amount)
        if amount > left:
            raise HoldSpent
        sign = {EntryKind.POST: 1, EntryKind.REFUND: -1}.get(kind, 0)
        posted, released = seen.posted + sign * amount, seen.released
        ended = {"posted": posted, "released": released + (0 if sign > 0 else amount)}
        db.session.execute(_WRITE_HOLD, {"source_id": one.source_id, **ended})
        change = Shift(
            seen.counter_id, held=Fen(0 if refunds else -amount), spent=Fen(sign * amount)
        )
        write_what_was_seen(seen.counter_id, change)


def test_without_locks_and_gates_no_order_of_the_acts_explains_what_comes_out(app: Flask) -> None:
    """The negative control of each pair, by the same judgement."""
    for make in RIVALRIES:
        expected = serial(make, turned=False)
        with pytest.MonkeyPatch.context() as unguarded:
            unguarded.setattr(Select, "with_for_update", lambda query, **_: query)
            unguarded.setattr(shifts, "shift_quotas", careless_shift)
            unguarded.setattr(Gate, "_end", careless_end)
            assert any(one not in expected for one in interleaved(app, make, turned=False)), make
