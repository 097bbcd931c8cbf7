"""How many statements placing an order takes, all of them: the hot path's budget."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from kernel import clock
from kernel.database import db
from kernel.identity import new_id
from kernel.unit_of_work import run
from tests.builders import marketplace, registry
from tests.builders.marketplace import NOW, body_of, new_order, wishes

BUDGET = 12


@contextmanager
def counted() -> Iterator[list[str]]:
    """List what goes to the database, with BEGIN and COMMIT."""
    seen: list[str] = []
    engine = db.engine

    def statement(*told: object) -> None:
        seen.append(" ".join(str(told[2]).split())[:60])

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


def test_placing_an_order_of_two_products_stays_in_its_budget(fresh: Flask) -> None:
    with fresh.app_context(), clock.stopped(NOW):

        def set_up() -> tuple[marketplace.Scene, str, dict[str, object]]:
            there = marketplace.scene()
            second = marketplace.listing(there.certificate, by=there.by("clerk"))
            marketplace.lot(second, "100", by=there.by("clerk"))
            lines = wishes((there.listing_id, "3"), (second, "2"), (there.listing_id, "1"))
            said = body_of(new_order(there, lines=lines))
            return there, registry.token_of(there.buyer), said

        _, token, said = run(set_up)
        client = fresh.test_client()

        def place() -> int:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(new_id())}
            return client.post("/api/v1/orders", json=said, headers=headers).status_code

        assert place() == 201
        with counted() as seen:
            assert place() == 201
        assert len(seen) <= BUDGET, seen
        assert (seen[0], seen[-1]) == ("BEGIN", "COMMIT")
