"""How many statements placing an order takes, all of them: the hot path's budget."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event

from kernel import clock
from kernel.database import db
from kernel.identity import new_id
from kernel.unit_of_work import run
from marketplace.orders.commands import placing
from tests.builders import marketplace, registry
from tests.builders.marketplace import NOW, body_of, new_order, wishes

BUDGET = 12
REFUSED = 8
GATES = re.compile(r"_hold AS h \(|FOR NO KEY UPDATE")
"""What only a gate does: locking counters and writing holds."""


@contextmanager
def counted() -> Iterator[list[str]]:
    """List what goes to the database, with BEGIN and COMMIT."""
    seen: list[str] = []
    engine = db.engine

    def statement(*told: object) -> None:
        seen.append(" ".join(str(told[2]).split()))

    def begin(_: object) -> None:
        seen.append("BEGIN")

    def commit(_: object) -> None:
        seen.append("COMMIT")

    listeners = (("before_cursor_execute", statement), ("begin", begin), ("commit", commit))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield seen
    finally:
        for name, listener in listeners:
            event.remove(engine, name, listener)


@contextmanager
def buying(app: Flask, stock: str) -> Iterator[Callable[[], int]]:
    """Give what places an order of two products over HTTP, and tells the status."""
    with app.app_context(), clock.stopped(NOW):

        def set_up() -> tuple[marketplace.Scene, str, dict[str, object]]:
            there = marketplace.scene(stock=stock)
            second = marketplace.listing(there.certificate, by=there.by("clerk"))
            marketplace.lot(second, "100", by=there.by("clerk"))
            lines = wishes((there.listing_id, "3"), (second, "2"), (there.listing_id, "1"))
            said = body_of(new_order(there, lines=lines))
            return there, registry.token_of(there.buyer), said

        _, token, said = run(set_up)
        client = app.test_client()

        def place() -> int:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(new_id())}
            return client.post("/api/v1/orders", json=said, headers=headers).status_code

        yield place


def test_placing_an_order_of_two_products_stays_in_its_budget(fresh: Flask) -> None:
    with buying(fresh, stock="100") as place:
        assert place() == 201
        with counted() as seen:
            assert place() == 201
        assert len(seen) <= BUDGET, seen
        assert (seen[0], seen[-1]) == ("BEGIN", "COMMIT")
        assert sum(1 for one in seen if GATES.search(one)) == 3


def refused(app: Flask) -> list[str]:
    """Order what is sold out; give the statements."""
    with buying(app, stock="4") as place:
        assert place() == 201
        with counted() as seen:
            assert place() == 409
        return seen


def test_what_was_seen_to_be_gone_is_refused_before_any_gate(fresh: Flask) -> None:
    seen = refused(fresh)
    assert [one for one in seen if GATES.search(one)] == []
    assert len(seen) <= REFUSED, seen


def test_control_without_the_look_the_refused_take_the_gates_in_turn(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "refuse_what_is_gone", lambda *_: None)
    seen = refused(fresh)
    assert len([one for one in seen if GATES.search(one)]) >= 3
