"""Several units buy as one: the price of all together, an order, quota and end for each."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from flask import Flask

from kernel import clock
from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from kernel.unit_of_work import run
from marketplace.catalogue.rules.listings import Tier
from marketplace.orders.commands.consolidating import (
    ConsolidatedPurchase,
    UnitDemand,
    consolidate,
)
from marketplace.orders.commands.placing import place_order
from marketplace.orders.models.orders import PayMode, PurchaseOrder
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund, Quota
from registry.accounts.models import AppUser, Role
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import marketplace, procurement, registry
from tests.builders.marketplace import DELIVERY, NOW, PRICE, YEAR, Scene, counts, wishes
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of
from tests.racing import race


def tiered() -> Scene:
    """Set up a scene with rice that costs less from 10 and from 50 kilograms."""
    there = marketplace.scene()
    tiers = [Tier(Decimal(10), Fen(2_900)), Tier(Decimal(50), Fen(2_500))]
    by = there.by("clerk")
    made = marketplace.listing(there.certificate, by=by, tiers=tiers)
    marketplace.lot(made, "60", by=by)
    object.__setattr__(there, "listing_id", made)
    return there


class Bureau:
    """An office with schools under it, each with its quota, and a buyer of the office."""

    def __init__(self, ceiling: int = 1_000_000_00) -> None:
        kind = OrganisationKind.BUDGET_UNIT
        self.office: Organisation = registry.organisation(kind)
        self.buyer: AppUser = registry.user(self.office, [Role.CANTEEN_BUYER])
        self.schools = [registry.organisation(kind, supervising=self.office) for _ in range(3)]
        self.quotas: list[Quota] = [procurement.quota(one, ceiling=ceiling) for one in self.schools]

    @property
    def by(self) -> Actor:
        """Give the buyer as an actor."""
        return registry.actor_of(self.buyer)


@pytest.fixture
def there(client: Client) -> Iterator[Scene]:
    del client  # it brings the transaction
    with clock.stopped(NOW):
        yield tiered()


def body(bureau: Bureau, there: Scene, *quantities: str) -> dict[str, Any]:
    return {
        "kind": "reserved_share",
        "year": YEAR,
        "fund": "canteen",
        "pay_mode": "goods_first",
        "demands": [
            {
                "bound_unit_id": str(school.id),
                "lines": [{"listing_id": str(there.listing_id), "quantity": quantity}],
                "delivery": {"address": DELIVERY.address},
            }
            for school, quantity in zip(bureau.schools, quantities, strict=False)
        ],
    }


def test_all_pay_the_price_of_the_sum_and_each_has_its_order(client: Client, there: Scene) -> None:
    bureau = Bureau()
    buyer = Door(client, bureau.buyer)
    made = json_of(
        buyer.post("/consolidated-purchases", body(bureau, there, "20", "20", "10")), 201
    )
    by_unit = {one["bound_unit_id"]: one for one in made["orders"]}
    sums = [by_unit[str(school.id)]["total_fen"] for school in bureau.schools]
    assert sums == [20 * 2_500, 20 * 2_500, 10 * 2_500]
    assert {one["checkout_id"] for one in made["orders"]} == {made["id"]}
    assert len({one["number"] for one in made["orders"]}) == 3
    assert [quota.held_fen for quota in _now(bureau)] == sums
    school = registry.user(bureau.schools[0], [Role.CANTEEN_BUYER])
    [own] = json_of(Door(client, school).get("/orders"))["items"]
    assert own["id"] == by_unit[str(bureau.schools[0].id)]["id"]


def test_one_short_unit_undoes_the_whole(client: Client, there: Scene) -> None:
    poor = Bureau(ceiling=20_000)
    before = counts(PurchaseOrder)
    answer = Door(client, poor.buyer).post(
        "/consolidated-purchases", body(poor, there, "1", "1", "9")
    )
    assert code_of(answer) == (409, "quota_exceeded")
    assert counts(PurchaseOrder) == before
    assert [quota.held_fen for quota in _now(poor)] == [0, 0, 0]


def test_a_unit_out_of_reach_is_not_bought_for(client: Client, there: Scene) -> None:
    bureau, other = Bureau(), Bureau()
    asked = body(bureau, there, "1", "1")
    asked["demands"][1]["bound_unit_id"] = str(other.schools[0].id)
    answer = Door(client, bureau.buyer).post("/consolidated-purchases", asked)
    assert code_of(answer) == (404, "not_found")
    alone = body(bureau, there, "1")
    assert code_of(Door(client, bureau.buyer).post("/consolidated-purchases", alone))[0] == 422


def test_purchases_beside_single_orders_come_to_no_deadlock(fresh: Flask) -> None:
    with fresh.app_context():
        there = run(tiered)
        bureau = run(Bureau)
        schools = [school.id for school in bureau.schools]
        by = run(lambda: bureau.by)
        lines = wishes((there.listing_id, "1"))
        common: dict[str, Any] = {
            "kind": OrderKind.RESERVED_SHARE,
            "year": YEAR,
            "fund": Fund.CANTEEN,
            "pay_mode": PayMode.GOODS_FIRST,
        }
        acts: list[Any] = []
        for turn in range(4):
            order = schools if turn % 2 else schools[::-1]
            demands = [UnitDemand(one, lines, DELIVERY) for one in order]
            purchase = ConsolidatedPurchase(**common, demands=demands)
            acts.append(partial(consolidate, purchase, by=by, now=NOW))
            one = marketplace.new_order(
                there, bound_unit_id=schools[turn % 3], lines=lines, **common
            )
            acts.append(partial(place_order, one, by=by, now=NOW))
        assert race(fresh, acts) == ["done"] * 8
        assert sum(run(lambda: [quota.held_fen for quota in _now(bureau)])) == 16 * PRICE


def _now(bureau: Bureau) -> list[Quota]:
    return [db.session.get_one(Quota, quota.id, populate_existing=True) for quota in bureau.quotas]
