"""A gate lets through exactly what fits, whoever races; without it, more gets through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import ForeignKey, MetaData, Uuid, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from kernel.database import NAMING, Base, db
from kernel.errors import HoldSpent
from kernel.gates import Gate, Move, Want
from kernel.holds import FenEntry, FenHold
from kernel.identity import new_id
from kernel.money import Fen
from kernel.unit_of_work import run
from tests.racing import at_once

NOW = datetime(2026, 5, 4, tzinfo=UTC)


class Probe(DeclarativeBase):
    """Tables of this test only."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)
    type_annotation_map = Base.type_annotation_map


class Purse(Probe):
    """A counter."""

    __tablename__ = "purse"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    ceiling: Mapped[Fen]
    held: Mapped[Fen]
    spent: Mapped[Fen]


class PurseHold(FenHold, Probe):
    """Its holds."""

    __tablename__ = "purse_hold"
    counter_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("purse.id"))


class PurseEntry(FenEntry, Probe):
    """Its entries."""

    __tablename__ = "purse_entry"
    counter_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("purse.id"))
    hold_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("purse_hold.id"))


GATE = Gate(
    counter=Purse,  # type: ignore[arg-type]
    limit=Purse.ceiling,
    held=Purse.held,
    spent=Purse.spent,
    hold=PurseHold,  # type: ignore[arg-type]
    entry=PurseEntry,  # type: ignore[arg-type]
)


@pytest.fixture
def purses(fresh: Flask) -> Iterator[Callable[..., UUID]]:
    """Give a function that makes a purse with a ceiling."""
    with fresh.app_context():
        Probe.metadata.create_all(db.engine)

        def make(ceiling: int) -> UUID:
            key = new_id()
            purse = Purse(id=key, ceiling=Fen(ceiling), held=Fen(0), spent=Fen(0))
            run(lambda: db.session.add(purse))
            return key

        yield make


def _figures(purse: UUID) -> tuple[int, int]:
    statement = select(Purse.held, Purse.spent).where(Purse.id == purse)
    held, spent = run(lambda: db.session.execute(statement).one())
    return held, spent


def _take(purse: UUID, amount: int, source_id: UUID | None = None) -> bool:
    want = Want(purse, source_id or new_id(), amount)
    return not run(lambda: GATE.take("test", [want], expires_at=None, now=NOW))


def _careless_take(purse: UUID, amount: int) -> bool:
    """Take with the gate replaced by read, then write: the control."""

    def unit() -> bool:
        row = db.session.execute(select(Purse).where(Purse.id == purse)).scalar_one()
        db.session.execute(text("SELECT pg_sleep(0.01)"))
        if row.held + row.spent + amount > row.ceiling:
            return False
        change = text("UPDATE purse SET held = held + :amount WHERE id = :id")
        db.session.execute(change, {"amount": amount, "id": purse})
        return True

    return run(unit)


def _race(app: Flask, racers: int, act: Callable[[], bool]) -> int:
    """Let racers act at once; returns how many succeeded."""
    return sum(at_once(app, [act] * racers))


def test_exactly_what_fits_gets_through_a_race(fresh: Flask, purses: Callable[..., UUID]) -> None:
    for places in (0, 1, 2, 7):
        for _ in range(5):
            purse = purses(places)
            assert _race(fresh, 16, lambda purse=purse: _take(purse, 1)) == places  # type: ignore[misc]
            assert _figures(purse) == (places, 0)
    assert run(lambda: db.session.execute(GATE.differences()).all()) == []


def test_without_the_gate_more_gets_through(fresh: Flask, purses: Callable[..., UUID]) -> None:
    purse = purses(2)
    assert _race(fresh, 16, lambda: _careless_take(purse, 1)) > 2


def test_a_refusal_of_one_counter_holds_nothing_of_the_others(
    purses: Callable[..., UUID],
) -> None:
    rich, poor = purses(10), purses(1)
    wants = [Want(rich, new_id(), 5), Want(poor, new_id(), 2)]
    assert run(lambda: GATE.take("test", wants, expires_at=None, now=NOW)) == {poor}
    assert (_figures(rich), _figures(poor)) == ((0, 0), (0, 0))
    absent = new_id()
    missing = [Want(rich, new_id(), 5), Want(absent, new_id(), 1)]
    assert run(lambda: GATE.take("test", missing, expires_at=None, now=NOW)) == {absent}
    assert _figures(rich) == (0, 0)


def test_wants_of_one_counter_are_one_demand(purses: Callable[..., UUID]) -> None:
    purse = purses(10)
    wants = [Want(purse, new_id(), 6), Want(purse, new_id(), 5)]
    assert run(lambda: GATE.take("test", wants, expires_at=None, now=NOW)) == {purse}
    assert _figures(purse) == (0, 0)
    wants = [Want(purse, new_id(), 6), Want(purse, new_id(), 4)]
    assert run(lambda: GATE.take("test", wants, expires_at=None, now=NOW)) == set()
    assert _figures(purse) == (10, 0)


def test_a_hold_that_gave_back_takes_again_only_what_fits(purses: Callable[..., UUID]) -> None:
    def again(amount: int) -> bool:
        want = Want(purse, order, amount)
        return not run(lambda: GATE.take("test", [want], expires_at=None, now=NOW, again=True))

    purse, order = purses(10), new_id()
    assert _take(purse, 6, order)
    run(lambda: GATE.release("test", [Move(purse, order)], now=NOW, expired=True))
    assert _take(purse, 5)
    assert not again(6)
    assert again(5)
    assert _figures(purse) == (10, 0)
    hold = select(PurseHold.amount, PurseHold.released).where(PurseHold.source_id == order)
    assert run(lambda: tuple(db.session.execute(hold).one())) == (6, 1)
    run(lambda: GATE.release("test", [Move(purse, order)], now=NOW))
    assert again(5)
    assert run(lambda: db.session.execute(GATE.differences()).all()) == []


def test_a_condition_closes_the_gate(purses: Callable[..., UUID]) -> None:
    purse = purses(10)
    closed = replace(GATE, when=":door = 'open'")
    want = Want(purse, new_id(), 1)
    for door, refused in (("shut", {purse}), ("open", set())):
        found = run(
            lambda door=door: closed.take(  # type: ignore[misc]
                "test", [want], expires_at=None, now=NOW, parameters={"door": door}
            )
        )
        assert found == refused


def test_a_hold_ends_once(purses: Callable[..., UUID]) -> None:
    purse, order = purses(10), new_id()
    assert _take(purse, 10, order)
    run(lambda: GATE.post("test", [Move(purse, order, 6)], now=NOW))
    assert _figures(purse) == (4, 6)
    with pytest.raises(HoldSpent):
        run(lambda: GATE.post("test", [Move(purse, order, 5)], now=NOW))
    run(lambda: GATE.release("test", [Move(purse, order)], now=NOW))
    assert _figures(purse) == (0, 6)
    with pytest.raises(HoldSpent):
        run(lambda: GATE.release("test", [Move(purse, order, 1)], now=NOW))
    run(lambda: GATE.release("test", [Move(purse, order)], now=NOW, expired=True))
    assert _figures(purse) == (0, 6)
    run(lambda: GATE.refund("test", [Move(purse, order, 2)], now=NOW))
    assert _figures(purse) == (0, 4)
    with pytest.raises(HoldSpent):
        run(lambda: GATE.refund("test", [Move(purse, order, 5)], now=NOW))
    kinds = run(lambda: db.session.scalars(select(PurseEntry.kind)).all())
    assert sorted(kinds) == ["hold", "post", "refund", "release"]
    assert run(lambda: db.session.execute(GATE.differences()).all()) == []


def test_two_cannot_end_one_hold(fresh: Flask, purses: Callable[..., UUID]) -> None:
    def release() -> bool:
        try:
            run(lambda: GATE.release("test", [Move(purse, order, 5)], now=NOW))
        except HoldSpent:
            return False
        return True

    purse, order = purses(5), new_id()
    assert _take(purse, 5, order)
    assert _race(fresh, 8, release) == 1
    assert _figures(purse) == (0, 0)


_STEP = st.tuples(
    st.sampled_from(["take", "post", "release", "refund"]), st.integers(0, 2), st.integers(1, 60)
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_STEP, max_size=12))
def test_counters_follow_a_model(
    purses: Callable[..., UUID], steps: list[tuple[str, int, int]]
) -> None:
    purse, orders = purses(100), [new_id() for _ in range(3)]
    held, spent = [0, 0, 0], [0, 0, 0]
    known = [False, False, False]
    for act, index, amount in steps:
        order, move = orders[index], [Move(purse, orders[index], amount)]
        if act == "take":
            if known[index]:
                continue
            fits = sum(held) + sum(spent) + amount <= 100
            assert _take(purse, amount, order) is fits
            if fits:
                known[index], held[index] = True, amount
            continue
        left = spent[index] if act == "refund" else held[index]
        method = getattr(GATE, act)
        if amount > left:
            with pytest.raises(HoldSpent):
                run(lambda method=method, move=move: method("test", move, now=NOW))  # type: ignore[misc]
            continue
        run(lambda method=method, move=move: method("test", move, now=NOW))  # type: ignore[misc]
        if act == "refund":
            spent[index] -= amount
        else:
            held[index] -= amount
            spent[index] += amount if act == "post" else 0
    assert _figures(purse) == (sum(held), sum(spent))
    assert run(lambda: db.session.execute(GATE.differences()).all()) == []
