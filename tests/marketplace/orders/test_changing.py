"""Changing an order that stands: one extension, less freight, another order in its place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from certification.certificates.models.capacities import CapacityHold
from kernel import clock
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import WrongState
from kernel.identity import new_id
from kernel.money import Fen
from marketplace.catalogue.models.freight import FreightPlan, FreightPlanId
from marketplace.errors.orders import ExtendedBefore, FreightRaised
from marketplace.lots.models import LotHold
from marketplace.orders.commands import changing
from marketplace.orders.commands.deciding import cancel_order, confirm_order, expire_next
from marketplace.orders.models.orders import OrderId, OrderStatus, PayMode, PurchaseOrder
from procurement.quotas.models import QuotaHold
from tests.builders.marketplace import (
    NOW,
    PRICE,
    Scene,
    body_of,
    confirmed,
    figures,
    held,
    lines_of,
    listing_of,
    new_order,
    order_of,
    placed,
    scene,
)
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of

DAY = timedelta(days=1)


@pytest.fixture
def there(client: Client) -> Iterator[Scene]:
    del client  # it brings the transaction
    with clock.stopped(NOW):
        yield scene()


def extend(order_id: OrderId, by: Actor, now: datetime = NOW) -> PurchaseOrder:
    view = changing.extend_order(order_id, expected_version=None, by=by, now=now)
    return view.order


def test_a_pay_first_order_gets_fifteen_days_more_once(there: Scene) -> None:
    order_id = placed(there, "10", pay_mode=PayMode.PAY_FIRST).order.id
    order = extend(order_id, there.by("buyer"))
    assert order.expires_at == NOW + 45 * DAY
    with pytest.raises(ExtendedBefore):
        extend(order_id, there.by("buyer"))
    for hold in (QuotaHold, CapacityHold, LotHold):
        assert set(db.session.scalars(select(hold.expires_at))) == {NOW + 45 * DAY}
    assert expire_next(now=NOW + 44 * DAY) == 0
    assert expire_next(now=NOW + 45 * DAY) == 1
    assert figures(there) == held()


def test_what_does_not_wait_for_money_or_is_over_is_not_extended(there: Scene) -> None:
    goods_first = placed(there, "1").order.id
    called_off = placed(there, "1", pay_mode=PayMode.PAY_FIRST).order.id
    cancel_order(called_off, reason="", expected_version=None, by=there.by("buyer"), now=NOW)
    late = placed(there, "1", pay_mode=PayMode.PAY_FIRST).order.id
    for order_id, now in ((goods_first, NOW), (called_off, NOW), (late, NOW + 30 * DAY)):
        before = order_of(order_id).version
        with pytest.raises(WrongState):
            extend(order_id, there.by("buyer"), now)
        assert (order_of(order_id).version, order_of(order_id).extended_at) == (before, None)


def with_freight(there: Scene) -> OrderId:
    """Place an order of ten whose way costs 30 yuan."""
    bare = dict.fromkeys(("base_kg", "step_kg", "step_fen", "free_from_fen"))
    plan = FreightPlan(
        id=FreightPlanId(new_id()),
        supplier_id=there.cooperative.id,
        name="同城",
        zones=[{**bare, "region_codes": [there.unit.region_code], "base_fen": 3000}],
        created_at=NOW,
    )
    db.session.add(plan)
    db.session.flush()
    listing_of(there.listing_id).freight_plan_id = plan.id
    db.session.flush()
    return placed(there, "10").order.id


def lower(there: Scene, order_id: OrderId, fen: int) -> PurchaseOrder:
    return changing.lower_freight(
        order_id, freight_fen=Fen(fen), expected_version=None, by=there.by("clerk"), now=NOW
    ).order


def test_freight_is_lowered_before_the_supplier_signs_and_the_money_is_free(there: Scene) -> None:
    order_id = with_freight(there)
    assert figures(there).money == (10 * PRICE + 3000, 0)
    order = lower(there, order_id, 1000)
    assert (order.freight_fen, order.total_fen) == (1000, 10 * PRICE + 1000)
    assert figures(there).money == (10 * PRICE + 1000, 0)
    with pytest.raises(FreightRaised):
        lower(there, order_id, 1001)
    confirm_order(order_id, expected_version=None, by=there.by("clerk"), now=NOW)
    with pytest.raises(WrongState):
        lower(there, order_id, 0)
    assert order_of(order_id).freight_fen == 1000


def test_another_order_takes_the_place_of_one_and_of_what_it_held(
    client: Client, there: Scene
) -> None:
    buyer = Door(client, there.buyer)
    old = placed(there, "95").order.id
    body = body_of(new_order(there, "97", pay_mode=PayMode.PAY_FIRST))
    made = json_of(buyer.post(f"/orders/{old}/replace", body), 201)
    assert (made["replaces_id"], made["order_status"]) == (str(old), "placed")
    assert order_of(old).order_status is OrderStatus.CANCELLED
    assert figures(there) == held(97 * PRICE, "97", "97")


def test_a_refused_replacement_leaves_the_order_as_it_was(client: Client, there: Scene) -> None:
    buyer = Door(client, there.buyer)
    old, shipped = placed(there, "95"), confirmed(there, "1")
    body = body_of(new_order(there, "100"))
    assert code_of(buyer.post(f"/orders/{old.order.id}/replace", body)) == (409, "stock_short")
    assert order_of(old.order.id).order_status is OrderStatus.PLACED
    assert figures(there) == held(96 * PRICE, "96", "96")
    cancel_order(shipped.order.id, reason="", expected_version=None, by=there.by("buyer"), now=NOW)
    body = body_of(new_order(there, "1"))
    assert code_of(buyer.post(f"/orders/{shipped.order.id}/replace", body)) == (409, "wrong_state")


def test_the_database_lets_one_order_take_a_place(there: Scene) -> None:
    old = placed(there, "5").order.id
    first, second = placed(there, "1").order, placed(there, "1").order
    order_of(first.id).replaces_id = old
    db.session.flush()
    order_of(second.id).replaces_id = old
    with pytest.raises(IntegrityError, match="uq_purchase_order_replaces"):
        db.session.flush()


def test_doors_are_for_the_side_they_belong_to(client: Client, there: Scene) -> None:
    order_id = placed(there, "5", pay_mode=PayMode.PAY_FIRST).order.id
    buyer, clerk = Door(client, there.buyer), Door(client, there.clerk)
    assert clerk.post(f"/orders/{order_id}/extend").status_code == 403
    assert buyer.post(f"/orders/{order_id}/freight", {"freight_fen": 0}).status_code == 403
    stranger = Door(client, scene().buyer)
    assert stranger.post(f"/orders/{order_id}/extend").status_code == 404
    made = json_of(buyer.post(f"/orders/{order_id}/extend", version=1))
    assert made["extended_at"] is not None
    assert (
        clerk.post(f"/orders/{order_id}/freight", {"freight_fen": 0}, version=1).status_code == 412
    )
    assert [line.quantity for line in lines_of(order_id)] == [Decimal(5)]
