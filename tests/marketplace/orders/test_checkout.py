"""A checkout: one order with each supplier, all of them or none, in one decision."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from kernel import clock
from kernel.database import db
from kernel.identity import new_id
from kernel.unit_of_work import run
from marketplace.catalogue.models.listings import ListingId
from marketplace.orders.commands.placing import place_checkout, place_order
from marketplace.orders.models.orders import PurchaseOrder
from procurement.approvals.models import ApprovalThreshold
from registry.accounts.models import Role
from tests.builders import certification, marketplace, registry
from tests.builders.marketplace import (
    NOW,
    PRICE,
    Scene,
    body_of,
    counts,
    figures,
    held,
    new_order,
    wishes,
)
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of
from tests.racing import race


def second_supplier(stock: str = "50") -> ListingId:
    """Put another cooperative's rice on sale."""
    cooperative = registry.organisation()
    by = registry.actor_of(registry.user(cooperative, [Role.COOP_CLERK]))
    listing_id = marketplace.listing(certification.certificate(cooperative), by=by)
    marketplace.lot(listing_id, stock, by=by)
    return listing_id


@pytest.fixture
def there(client: Client) -> Iterator[Scene]:
    del client  # it brings the transaction
    with clock.stopped(NOW):
        yield marketplace.scene()


def basket(there: Scene, other: ListingId, first: str, second: str) -> dict[str, Any]:
    lines = wishes((there.listing_id, first), (other, second))
    return body_of(new_order(there, lines=lines))


def test_each_supplier_gets_an_order_and_they_are_found_together(
    client: Client, there: Scene
) -> None:
    other, buyer = second_supplier(), Door(client, there.buyer)
    body = basket(there, other, "4", "3")
    body["lines"].append({"listing_id": str(there.listing_id), "quantity": "2"})
    made = json_of(buyer.post("/checkouts", body), 201)
    by_lines = sorted(len(one["lines"]) for one in made["orders"])
    assert by_lines == [1, 2]
    assert {one["checkout_id"] for one in made["orders"]} == {made["id"]}
    assert len({one["supplier_id"] for one in made["orders"]}) == 2
    assert sum(one["total_fen"] for one in made["orders"]) == 9 * PRICE
    assert figures(there) == held(9 * PRICE, "6", "6")
    found = json_of(buyer.get("/orders", checkout_id=made["id"]))["items"]
    assert {one["id"] for one in found} == {one["id"] for one in made["orders"]}


def test_one_short_supplier_undoes_the_whole(client: Client, there: Scene) -> None:
    other = second_supplier(stock="2")
    before = counts(PurchaseOrder)
    answer = Door(client, there.buyer).post("/checkouts", basket(there, other, "4", "3"))
    assert code_of(answer) == (409, "stock_short")
    assert counts(PurchaseOrder) == before
    assert figures(there) == held()


def test_a_basket_that_passes_a_band_as_a_whole_waits_for_approval(
    client: Client, there: Scene
) -> None:
    limit = ApprovalThreshold(
        id=new_id(),
        unit_id=there.unit.id,
        amount_fen=6 * PRICE,
        from_on=date(2026, 1, 1),
        source="test",
        created_at=NOW,
    )
    db.session.add(limit)
    db.session.flush()
    body = basket(there, second_supplier(), "4", "3")
    made = json_of(Door(client, there.buyer).post("/checkouts", body), 201)
    assert [one["order_status"] for one in made["orders"]] == ["pending_approval"] * 2


def test_baskets_in_any_order_beside_orders_come_to_no_deadlock(fresh: Flask) -> None:
    with fresh.app_context():
        there = run(lambda: marketplace.scene(stock="100"))
        other = run(second_supplier)
        pair = [(there.listing_id, "1"), (other, "1")]
        buys = {
            "basket": partial(new_order, there, lines=wishes(*pair)),
            "turned": partial(new_order, there, lines=wishes(*reversed(pair))),
        }
        one = new_order(there, lines=wishes((other, "1")))
        by = there.by("buyer")
        acts: list[Any] = [
            partial(place_checkout, buys["turned" if n % 2 else "basket"](), by=by, now=NOW)
            for n in range(12)
        ] + [partial(place_order, one, by=by, now=NOW)] * 4
        assert race(fresh, acts) == ["done"] * 16
        statement = select(PurchaseOrder.checkout_id, PurchaseOrder.total_fen)
        rows = run(lambda: db.session.execute(statement).all())
        assert len(rows) == 12 * 2 + 4
        assert sum(row.total_fen for row in rows) == 28 * PRICE
        left = run(lambda: [one.held for one in marketplace.lots_of(other)])
        assert left == [Decimal(16)]
