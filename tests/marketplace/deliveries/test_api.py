"""The doors to shipments and receipts: each status, body and code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kernel import clock
from kernel.identity import new_id
from tests.builders import marketplace
from tests.builders.marketplace import NOW, PRICE, Scene, figures, held, lines_of, lots_of
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of, problem_of


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOW):
        yield


@pytest.fixture
def there(client: Client) -> Scene:
    del client  # it brings the transaction
    return marketplace.scene()


class Order:
    """A confirmed order of 10 with its doors."""

    def __init__(self, client: Client, there: Scene) -> None:
        view = marketplace.confirmed(there, "10")
        self.path = f"/orders/{view.order.id}"
        [line] = lines_of(view.order.id)
        self.line_id = str(line.id)
        self.clerk, self.buyer = Door(client, there.clerk), Door(client, there.buyer)

    def ship(self, quantity: str, *, key: str = "new", **changes: Any) -> Any:
        """Send so much of the line."""
        line = {"order_line_id": self.line_id, "quantity": quantity}
        body = {"carrier": "演示冷链", "lines": [line], **changes}
        return self.clerk.post(f"{self.path}/shipments", body, key=key)

    def receive(self, accepted: str, rejected: str = "0", **changes: Any) -> Any:
        """Take in and turn away so much of the line."""
        line = {
            "order_line_id": self.line_id,
            "accepted_quantity": accepted,
            "rejected_quantity": rejected,
            **changes,
        }
        return self.buyer.post(f"{self.path}/receipts", {"lines": [line]})


@pytest.fixture
def order(client: Client, there: Scene) -> Order:
    return Order(client, there)


def test_goods_are_sent_and_taken_in(there: Scene, order: Order) -> None:
    sent = json_of(order.ship("4"), 201)
    [lot] = lots_of(there.listing_id)
    assert (sent["fulfilment_status"], sent["final"]) == ("partly_shipped", False)
    assert [(one["lot_id"], one["quantity"]) for one in sent["lines"]] == [(str(lot.id), "4.000")]
    rest = json_of(order.ship("6", tracking_number="YD-1"), 201)
    assert (rest["fulfilment_status"], rest["final"]) == ("shipped", True)
    taken = json_of(order.receive("9", "1", reason="烂果"), 201)
    assert (taken["order_status"], taken["fulfilment_status"]) == ("confirmed", "accepted")
    assert taken["accepted_fen"] == 9 * PRICE
    assert {one["reason"] for one in taken["lines"]} == {None, "烂果"}
    shown = json_of(order.buyer.get(order.path))
    [line] = shown["lines"]
    quantities = ("shipped_quantity", "accepted_quantity", "rejected_quantity")
    assert [line[name] for name in quantities] == ["10.000", "9.000", "1.000"]
    assert len(json_of(order.buyer.get(f"{order.path}/shipments"))["items"]) == 2
    assert len(json_of(order.clerk.get(f"{order.path}/receipts"))["items"]) == 1


def test_the_same_key_sends_once(there: Scene, order: Order) -> None:
    first, again = (order.ship("4", key="k1") for _ in range(2))
    assert first.json == again.json
    assert figures(there).stock[1] == 4
    without = order.clerk.post(f"{order.path}/shipments", {"carrier": "x", "lines": []}, key=None)
    assert code_of(without) == (400, "idempotency_key_required")


@pytest.mark.parametrize(
    ("quantity", "changes", "code", "pointer"),
    [
        ("10.5", {}, "over_shipped", "/lines/0/quantity"),
        ("0", {}, "invalid", "/lines/0/quantity"),
        ("1", {"carrier": ""}, "invalid", "/carrier"),
        ("1", {"lines": []}, "invalid", "/lines"),
        ("1", {"final": "yes"}, "invalid", "/final"),
        ("1", {"weight": "1"}, "unknown_field", "/weight"),
    ],
)
def test_a_shipment_that_does_not_fit_is_refused(
    order: Order, quantity: str, changes: dict[str, Any], code: str, pointer: str
) -> None:
    assert problem_of(order.ship(quantity, **changes)) == (422, code, pointer)


@pytest.mark.parametrize(
    ("accepted", "rejected", "code", "pointer"),
    [
        ("4.5", "0", "over_received", "/lines/0/accepted_quantity"),
        ("3", "1", "reason_missing", "/lines/0/reason"),
        ("0", "0", "invalid", "/lines/0/accepted_quantity"),
        ("-1", "0", "invalid", "/lines/0/accepted_quantity"),
    ],
)
def test_a_receipt_that_does_not_fit_is_refused(
    order: Order, accepted: str, rejected: str, code: str, pointer: str
) -> None:
    json_of(order.ship("4"), 201)
    assert problem_of(order.receive(accepted, rejected)) == (422, code, pointer)


def test_states_and_lots_stand_against_it(client: Client, there: Scene, order: Order) -> None:
    assert code_of(order.receive("1")) == (409, "wrong_state")
    named = [{"order_line_id": order.line_id, "quantity": "1", "lot_id": str(new_id())}]
    assert problem_of(order.ship("1", lines=named)) == (422, "invalid", "/lines/0/lot_id")
    small = marketplace.lot(there.listing_id, "2", by=there.by("clerk"))
    named = [{"order_line_id": order.line_id, "quantity": "3", "lot_id": str(small)}]
    assert code_of(order.ship("3", lines=named)) == (409, "stock_short")
    assert figures(there) == held(10 * PRICE, "10", "10")
    stale = {"carrier": "x", "lines": [{"order_line_id": order.line_id, "quantity": "1"}]}
    answer = order.clerk.post(f"{order.path}/shipments", stale, version=1)
    assert code_of(answer) == (412, "version_stale")
    pending = marketplace.placed(there, "1").order.id
    body = {"carrier": "x", "lines": [{"order_line_id": order.line_id, "quantity": "1"}]}
    answer = Door(client, there.clerk).post(f"/orders/{pending}/shipments", body)
    assert code_of(answer) == (409, "wrong_state")


def test_each_side_has_its_own_doors(client: Client, order: Order) -> None:
    wrong_way = order.buyer.post(f"{order.path}/shipments", {})
    assert code_of(wrong_way) == (403, "forbidden")
    assert code_of(order.clerk.post(f"{order.path}/receipts", {})) == (403, "forbidden")
    assert code_of(Door(client).get(f"{order.path}/shipments")) == (401, "unauthenticated")
    stranger = marketplace.scene()
    line = {"order_line_id": order.line_id, "quantity": "1"}
    body = {"carrier": "x", "lines": [line]}
    foreign = Door(client, stranger.clerk)
    assert code_of(foreign.post(f"{order.path}/shipments", body)) == (404, "not_found")
    taking = {"order_line_id": order.line_id, "accepted_quantity": "1", "rejected_quantity": "0"}
    answer = Door(client, stranger.buyer).post(f"{order.path}/receipts", {"lines": [taking]})
    assert code_of(answer) == (404, "not_found")
    assert code_of(foreign.get(f"{order.path}/receipts")) == (404, "not_found")
