"""The doors of payments by Stripe: what they answer, to whom, and how often they act."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest
from flask import Flask

from demo.stripe_double import connect
from kernel import clock
from kernel.database import db
from kernel.unit_of_work import run
from marketplace.orders.models.orders import OrderId
from marketplace.settlement.commands.payments import cancel_payment
from marketplace.settlement.models.payments import PaymentId
from tests.builders import registry
from tests.builders.settlement import NOW, Market, market, ordered, paid, received, shipped
from tests.builders.stripe import (
    Double,
    ask_at,
    collected,
    movements_of,
    paid_by_stripe,
    payment_of,
    signed,
)
from tests.conftest import Client
from tests.marketplace.doors import Door, code_of, json_of
from tests.racing import at_once

HOOK = "/api/v1/webhooks/stripe"
BODY = {"method": "stripe", "amount_fen": 3_000, "way": "alipay"}


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOW):
        yield


@pytest.fixture
def there(client: Client) -> Market:
    del client  # it brings the transaction
    return market()


def test_registering_says_how_to_go_on_and_the_shoppers_money_counts(
    double: Double, client: Client, there: Market
) -> None:
    order_id = ordered(there, "1")
    finance = Door(client, there.finance)
    payment = json_of(finance.post(f"/orders/{order_id}/payments", BODY), 201)
    at_stripe = double.intent(PaymentId(UUID(payment["id"])))
    assert (payment["status"], payment["client_secret"]) == ("pending", at_stripe["client_secret"])
    assert payment["next_step"] == f"{double.running.url}/_pay/{at_stripe['id']}"
    ask_at(NOW)
    assert len(double.state.of("payment_intent")) == 1
    page = json_of(finance.get(f"/payments/{payment['id']}/stripe"))
    assert (page["status"], page["client_secret"]) == ("open", at_stripe["client_secret"])
    httpx.post(f"{double.running.url}/_pay/{at_stripe['id']}")
    for event in double.state.events:
        assert client.post(HOOK, **signed(event)).status_code == 204
    ask_at(NOW)
    shown = json_of(finance.get(f"/payments/{payment['id']}"))
    assert (shown["status"], shown["decided_by"], shown["client_secret"]) == (
        "confirmed", None, None,
    )  # fmt: skip
    assert json_of(finance.get(f"/payments/{payment['id']}/stripe"))["next_step"] is None


def test_where_stripe_is_away_the_payment_is_registered_and_told_later(
    double: Double, client: Client, there: Market
) -> None:
    double.state.faults.append("before")
    finance = Door(client, there.finance)
    payment = json_of(finance.post(f"/orders/{ordered(there, '1')}/payments", BODY), 201)
    assert (payment["client_secret"], payment["next_step"]) == (None, None)
    assert json_of(finance.get(f"/payments/{payment['id']}/stripe"))["status"] == "wanted"
    ask_at(NOW)
    assert json_of(finance.get(f"/payments/{payment['id']}/stripe"))["status"] == "open"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"method": "bank_transfer", "amount_fen": 1, "way": "card"}, (422, "invalid")),
        ({"method": "stripe", "amount_fen": 1, "way": "paypal"}, (422, "invalid")),
        ({"method": "stripe", "amount_fen": 3_001}, (409, "amount_exceeds_due")),
    ],
)
def test_a_payment_that_cannot_be_is_refused_and_stripe_hears_nothing(
    double: Double,
    client: Client,
    there: Market,
    body: dict[str, object],
    code: tuple[int, str],
) -> None:
    refused = Door(client, there.finance).post(f"/orders/{ordered(there, '1')}/payments", body)
    assert code_of(refused) == code
    assert double.state.requests == []


def test_without_keys_the_method_is_refused(client: Client, there: Market) -> None:
    refused = Door(client, there.finance).post(f"/orders/{ordered(there, '1')}/payments", BODY)
    assert code_of(refused) == (422, "payment_method_unavailable")


def test_parked_money_is_listed_placed_and_given_back(
    double: Double, client: Client, there: Market
) -> None:
    ids = []
    for _ in range(2):
        order_id = ordered(there, "1")
        payment = collected(there, order_id, 3_000)
        ask_at(NOW)
        cancel_payment(payment.id, reason="改用转账", by=there.by("finance"), now=NOW)
        other = paid(there, order_id, 1, confirm=False)
        double.pay(payment.id)
        ask_at(NOW)
        cancel_payment(other.id, reason="未转", by=there.by("finance"), now=NOW)
        ids.append(payment.id)
    finance, manager = Door(client, there.finance), Door(client, there.manager)
    first, second = ids
    listed = json_of(finance.get("/stripe/parked", limit=1))
    assert [one["payment_id"] for one in listed["items"]] == [str(first)]
    assert json_of(manager.get("/stripe/parked", cursor=listed["next_cursor"]))["items"][0] == {
        **listed["items"][0],
        "payment_id": str(second),
        "order_id": str(payment_of(second).order_id),
    }
    assert json_of(finance.post(f"/payments/{first}/stripe/place"))["status"] == "succeeded"
    assert json_of(finance.post(f"/payments/{second}/stripe/return"))["status"] == "returned"
    assert json_of(finance.get("/stripe/parked"))["items"] == []


def test_sellers_are_paid_at_the_account_that_the_platform_names(
    double: Double, client: Client, there: Market
) -> None:
    order_id, cooperative_id = ordered(there, "1"), there.cooperative.id
    payment_id = paid_by_stripe(double, there, order_id, 3_000)
    shipped(there, order_id, (1, None))
    received(there, order_id, "1")
    manager, path = Door(client, there.manager), f"/payments/{payment_id}/stripe/transfers"
    wish = {"amount_fen": 3_000}
    assert code_of(manager.post(path, wish, key=None)) == (400, "idempotency_key_required")
    assert code_of(manager.post(path, wish)) == (409, "account_missing")
    account_id = connect.create_account(double.state, {})["id"]
    admin = registry.token_of(registry.administrator())
    named = {"organisation_id": str(cooperative_id), "account_id": account_id}
    at = "/api/v1/stripe/accounts"
    assert client.put(at, json=named, token=admin).json == named
    assert client.put(at, json=named, token=admin).status_code == 200
    other = {**named, "organisation_id": str(market().cooperative.id)}
    assert code_of(client.put(at, json=other, token=admin)) == (409, "account_taken")
    assert code_of(client.put(at, json={**named, "account_id": "x"}, token=admin))[0] == 422
    sent = json_of(manager.post(path, wish), 201)
    assert (sent["kind"], sent["status"]) == ("transfer", "wanted")
    assert code_of(manager.post(path, wish)) == (409, "transfer_exceeds_kept")
    double.state.get(account_id, "account")["payouts_enabled"] = False
    ask_at(NOW)
    (failed,) = json_of(manager.get("/stripe/failed-movements"))["items"]
    assert (failed["id"], failed["trouble"]) == (sent["id"], "account_invalid")
    double.state.get(account_id, "account")["payouts_enabled"] = True
    assert json_of(manager.post(f"/stripe/movements/{sent['id']}/again"))["status"] == "wanted"
    ask_at(NOW)
    assert [one.status for one in movements_of(payment_id)] == ["done"]


def test_a_hundred_posts_of_one_key_have_one_effect(double: Double, fresh: Flask) -> None:
    def world() -> tuple[OrderId, str]:
        there = market()
        return ordered(there, "1"), registry.token_of(there.finance)

    def post() -> tuple[int, bool]:
        at = f"/api/v1/orders/{order_id}/payments"
        answer = fresh.test_client().post(at, json=BODY, headers=headers)
        return answer.status_code, "Idempotency-Replayed" in answer.headers

    with fresh.app_context():
        order_id, token = run(world)
        headers = {"Idempotency-Key": "one", "Authorization": f"Bearer {token}"}
        told = at_once(fresh, [post] * 100)
        assert told.count((201, False)) == 1
        assert {status for status, _ in told} <= {201, 409}
        assert len(double.state.of("payment_intent")) == 1
        db.session.rollback()
        ask_at(NOW)
        assert len(double.state.of("payment_intent")) == 1
        assert len(set(double.posts("/v1/payment_intents"))) == 1
