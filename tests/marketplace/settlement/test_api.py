"""The doors of payments and refunds: each status, body and code."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from kernel import clock
from kernel.database import db
from marketplace.orders.models.orders import OrderId
from marketplace.settlement.models.payments import Payment
from registry.accounts.models import AppUser, Role
from tests.builders import registry
from tests.builders.settlement import NOW, Market, lines_of, market, order_of, ordered, quota_of
from tests.conftest import Client

NOBODY = UUID(int=99)
_keys = count(1)


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOW):
        yield


@pytest.fixture
def there(client: Client) -> Market:
    del client  # it brings the transaction
    return market()


@pytest.fixture
def order_id(there: Market) -> OrderId:
    return ordered(there, "10")


class Door:
    """Requests of anybody, with a new Idempotency-Key each."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def post(
        self, user: AppUser, path: str, body: Any = None, *, key: str | None = "new"
    ) -> TestResponse:
        """Post JSON as a user."""
        fresh = f"key-{next(_keys)}" if key == "new" else key
        headers = {} if fresh is None else {"Idempotency-Key": fresh}
        token = registry.token_of(user)
        return self.client.post(f"/api/v1{path}", json=body, token=token, headers=headers)

    def get(self, user: AppUser, path: str) -> TestResponse:
        """Read as a user."""
        return self.client.get(f"/api/v1{path}", token=registry.token_of(user))

    def pay(self, there: Market, order_id: OrderId, **changes: Any) -> TestResponse:
        """Register a payment by finance."""
        body = {"method": "bank_transfer", "amount_fen": 30_000, "reference": "流水 1", **changes}
        return self.post(there.finance, f"/orders/{order_id}/payments", body)

    def registered(self, there: Market, order_id: OrderId, amount: int = 30_000) -> str:
        """Register a payment by finance; give its id."""
        answer = self.pay(there, order_id, amount_fen=amount).json
        assert answer is not None
        return str(answer["id"])

    def paid(self, there: Market, order_id: OrderId, amount: int = 30_000) -> str:
        """Register and confirm a payment; give its id."""
        payment_id = self.registered(there, order_id, amount)
        assert self.post(there.manager, f"/payments/{payment_id}/confirm").status_code == 200
        return payment_id


@pytest.fixture
def door(client: Client) -> Door:
    return Door(client)


def code_of(answer: TestResponse) -> tuple[int, str]:
    assert answer.json is not None
    return answer.status_code, answer.json["code"]


def test_a_payment_is_registered_shown_and_listed(
    door: Door, there: Market, order_id: OrderId
) -> None:
    answer = door.pay(there, order_id)
    assert answer.status_code == 201
    payment = answer.json
    assert payment is not None
    assert {**payment, "id": "", "number": ""} == {
        "id": "",
        "number": "",
        "order_id": str(order_id),
        "method": "bank_transfer",
        "amount_fen": 30_000,
        "refunded_fen": 0,
        "reference": "流水 1",
        "status": "pending",
        "registered_by": str(there.finance.id),
        "registered_at": "2026-06-01T04:00:00+00:00",
        "decided_by": None,
        "decided_at": None,
        "cancel_reason": None,
        "lines": [],
        "refunds": [],
        "client_secret": None,
        "next_step": None,
    }
    assert door.get(there.buyer, f"/payments/{payment['id']}").json == payment
    listed = door.get(there.clerk, f"/orders/{order_id}/payments").json
    assert listed == {"items": [payment], "next_cursor": None}


def test_the_same_key_pays_once(door: Door, there: Market, order_id: OrderId) -> None:
    body = {"method": "treasury", "amount_fen": 10_000}
    path = f"/orders/{order_id}/payments"
    first = door.post(there.finance, path, body, key="once")
    again = door.post(there.finance, path, body, key="once")
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert order_of(order_id).pending_fen == 10_000
    other = door.post(there.finance, path, {**body, "amount_fen": 1}, key="once")
    assert code_of(other) == (422, "idempotency_key_reused")
    assert code_of(door.post(there.finance, path, body, key=None)) == (
        400, "idempotency_key_required",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"method": "stripe"}, "payment_method_unavailable"),
        ({"method": "cash"}, "invalid"),
        ({"amount_fen": 0}, "invalid"),
        ({"amount_fen": 1.5}, "invalid"),
        ({"amount_fen": "1"}, "invalid"),
        ({"reference": "x" * 101}, "invalid"),
        ({"reference": "卡号 6228480402564890018"}, "identity_in_text"),
        ({"paid": True}, "unknown_field"),
    ],
)
def test_a_payment_that_cannot_be_read_is_named(
    door: Door, there: Market, order_id: OrderId, changes: dict[str, Any], code: str
) -> None:
    answer = door.pay(there, order_id, **changes)
    assert answer.json is not None
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, code)
    assert answer.json["errors"][0]["pointer"] == f"/{next(iter(changes))}"
    assert order_of(order_id).pending_fen == 0


def test_who_may_not_pay(door: Door, there: Market, order_id: OrderId) -> None:
    path, body = f"/orders/{order_id}/payments", {"method": "treasury", "amount_fen": 1}
    assert code_of(door.post(there.buyer, path, body)) == (403, "forbidden")
    stranger = registry.user(market().unit, [Role.UNIT_FINANCE])
    assert code_of(door.post(stranger, path, body)) == (404, "not_found")
    nowhere = f"/orders/{NOBODY}/payments"
    assert code_of(door.post(there.finance, nowhere, body)) == (404, "not_found")
    assert order_of(order_id).pending_fen == 0


def test_the_author_with_both_roles_does_not_pay(door: Door, there: Market) -> None:
    order_id = ordered(there, "10")
    both = registry.user(there.unit, [Role.CANTEEN_BUYER, Role.UNIT_FINANCE])
    order_of(order_id).author_id = both.id
    body = {"method": "treasury", "amount_fen": 1}
    answer = door.post(both, f"/orders/{order_id}/payments", body)
    assert code_of(answer) == (409, "same_person")


def test_more_than_is_due_is_refused_with_both_figures(
    door: Door, there: Market, order_id: OrderId
) -> None:
    door.pay(there, order_id, amount_fen=10_000)
    answer = door.pay(there, order_id, amount_fen=20_001)
    assert code_of(answer) == (409, "amount_exceeds_due")
    assert answer.json is not None
    assert answer.json["figures"] == {"due_fen": 20_000, "wanted_fen": 20_001}
    assert "¥200.00" in answer.json["title"]


def test_an_order_that_was_not_taken_on_is_not_paid(door: Door, there: Market) -> None:
    order_id = ordered(there, "10", confirm=False)
    assert code_of(door.pay(there, order_id)) == (409, "wrong_state")


def test_the_supplier_confirms_once(door: Door, there: Market, order_id: OrderId) -> None:
    payment_id = door.registered(there, order_id)
    path = f"/payments/{payment_id}/confirm"
    assert code_of(door.post(there.finance, path)) == (403, "forbidden")
    assert code_of(door.post(market().manager, path)) == (404, "not_found")
    assert code_of(door.post(there.manager, f"/payments/{NOBODY}/confirm")) == (404, "not_found")
    answer = door.post(there.manager, path)
    line = lines_of(order_id)[0]
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["status"] == "confirmed"
    assert answer.json["decided_by"] == str(there.manager.id)
    assert answer.json["lines"] == [{"order_line_id": str(line.id), "amount_fen": 30_000}]
    assert code_of(door.post(there.manager, path)) == (409, "wrong_state")
    assert quota_of(there) == (0, 30_000)


def test_the_payer_does_not_confirm(door: Door, there: Market, order_id: OrderId) -> None:
    payment_id = door.registered(there, order_id)
    db.session.get_one(Payment, UUID(payment_id)).registered_by = there.manager.id
    answer = door.post(there.manager, f"/payments/{payment_id}/confirm")
    assert code_of(answer) == (409, "same_person")


@pytest.mark.parametrize("who", ["finance", "manager"])
def test_a_pending_payment_is_cancelled_by_either_side(
    who: str, door: Door, there: Market, order_id: OrderId
) -> None:
    payment_id = door.registered(there, order_id)
    path = f"/payments/{payment_id}/cancel"
    assert code_of(door.post(getattr(there, who), path, {})) == (422, "invalid")
    answer = door.post(getattr(there, who), path, {"reason": "金额填错"})
    assert answer.json is not None
    assert (answer.status_code, answer.json["status"]) == (200, "cancelled")
    assert answer.json["cancel_reason"] == "金额填错"
    assert code_of(door.post(there.manager, path, {"reason": "x"})) == (409, "wrong_state")
    assert order_of(order_id).pending_fen == 0


def test_a_refund_is_taken_from_the_lines(door: Door, there: Market, order_id: OrderId) -> None:
    payment_id = door.paid(there, order_id)
    body = {"amount_fen": 500, "reason": "渗漏"}
    answer = door.post(there.manager, f"/payments/{payment_id}/refunds", body)
    assert answer.status_code == 201
    refund = answer.json
    assert refund is not None
    line = lines_of(order_id)[0]
    assert {**refund, "id": ""} == {
        "id": "",
        "payment_id": payment_id,
        "order_id": str(order_id),
        "amount_fen": 500,
        "reason": "渗漏",
        "refunded_by": str(there.manager.id),
        "refunded_at": "2026-06-01T04:00:00+00:00",
        "lines": [{"order_line_id": str(line.id), "amount_fen": 500}],
    }
    shown = door.get(there.finance, f"/payments/{payment_id}").json
    assert shown is not None
    assert (shown["refunded_fen"], shown["refunds"]) == (500, [refund])
    assert order_of(order_id).refunded_fen == 500


def test_refunds_that_are_refused(door: Door, there: Market, order_id: OrderId) -> None:
    payment_id = door.paid(there, order_id)
    path = f"/payments/{payment_id}/refunds"
    line = str(lines_of(order_id)[0].id)
    named = [{"order_line_id": line, "amount_fen": 5}]
    too_much = door.post(there.manager, path, {"amount_fen": 30_001, "reason": "x"})
    assert code_of(too_much) == (409, "refund_exceeds_paid")
    uneven = door.post(there.manager, path, {"amount_fen": 6, "reason": "x", "lines": named})
    assert code_of(uneven) == (422, "invalid")
    assert code_of(door.post(there.manager, path, {"amount_fen": 6})) == (422, "invalid")
    keyless = door.post(there.manager, path, {"amount_fen": 6, "reason": "x"}, key=None)
    assert code_of(keyless) == (400, "idempotency_key_required")
    body = {"amount_fen": 6, "reason": "x"}
    assert code_of(door.post(there.buyer, path, body)) == (403, "forbidden")
    assert code_of(door.post(market().manager, path, body)) == (404, "not_found")
    pending = door.registered(there, ordered(there, "10"))
    refused = door.post(there.manager, f"/payments/{pending}/refunds", body)
    assert code_of(refused) == (409, "wrong_state")
    assert order_of(order_id).refunded_fen == 0


def test_out_of_sight_nothing_is_shown(door: Door, there: Market, order_id: OrderId) -> None:
    payment_id = door.registered(there, order_id)
    stranger = market().finance
    assert code_of(door.get(stranger, f"/payments/{payment_id}")) == (404, "not_found")
    assert code_of(door.get(stranger, f"/orders/{order_id}/payments")) == (404, "not_found")
    assert code_of(door.get(stranger, f"/payments/{NOBODY}")) == (404, "not_found")


def test_payments_come_in_pages_the_newest_first(
    door: Door, there: Market, order_id: OrderId
) -> None:
    made = [door.registered(there, order_id, amount) for amount in (1, 2, 3)]
    path = f"/orders/{order_id}/payments?limit=2"
    first = door.get(there.finance, path).json
    assert first is not None
    second = door.get(there.finance, f"{path}&cursor={first['next_cursor']}").json
    assert second is not None
    shown = [one["id"] for one in [*first["items"], *second["items"]]]
    assert shown == made[::-1]
    assert second["next_cursor"] is None
