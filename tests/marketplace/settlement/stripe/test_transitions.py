"""Every state × every act × everybody of payments at Stripe and of what it moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest
from werkzeug.test import TestResponse

from demo.stripe_double import returns
from kernel import clock
from kernel.identity import new_id
from kernel.money import Fen
from marketplace.settlement.commands.parked import return_parked
from marketplace.settlement.commands.payments import cancel_payment
from marketplace.settlement.commands.refunds import NewRefund, refund_payment
from marketplace.settlement.models.payments import PaymentId
from registry.accounts.models import Role
from tests.builders import registry
from tests.builders.settlement import NOW, Market, market, ordered, paid
from tests.builders.stripe import (
    Double,
    ask_at,
    collected,
    intent_of,
    movements_of,
    paid_by_stripe,
    ring,
)
from tests.conftest import Client
from tests.transitions import Deed, Token, strangers, walk


@dataclass(frozen=True)
class Stage:
    """A market, its Stripe, and everybody."""

    there: Market
    double: Double
    people: Mapping[str, Token]


@pytest.fixture
def stage(client: Client, double: Double) -> Iterator[Stage]:
    del client
    with clock.stopped(NOW):
        there = market()
        second = registry.user(there.unit, [Role.UNIT_FINANCE])
        names = {"finance": there.finance, "second": second, "manager": there.manager}
        own = {name: registry.token_of(user) for name, user in names.items()}
        yield Stage(there, double, strangers() | own)


def post(path: str, body: object = None) -> Deed:
    def send(client: Client, token: Token) -> TestResponse:
        headers = {"Idempotency-Key": str(new_id())}
        return client.post(f"/api/v1{path}", json=body, token=token, headers=headers)

    return send


def wanted(stage: Stage) -> PaymentId:
    return collected(stage.there, ordered(stage.there, "1"), 3_000).id


def opened(stage: Stage) -> PaymentId:
    payment_id = wanted(stage)
    ask_at(NOW)
    return payment_id


def closing(stage: Stage) -> PaymentId:
    payment_id = opened(stage)
    cancel_payment(payment_id, reason="填错", by=stage.there.by("finance"), now=NOW)
    return payment_id


def cancelled(stage: Stage) -> PaymentId:
    payment_id = closing(stage)
    ask_at(NOW)
    return payment_id


def succeeded(stage: Stage) -> PaymentId:
    return paid_by_stripe(stage.double, stage.there, ordered(stage.there, "1"), 3_000)


def parked(stage: Stage) -> PaymentId:
    """Let money lie apart because the order was to be paid otherwise, which then was not."""
    order_id = ordered(stage.there, "1")
    payment_id = collected(stage.there, order_id, 3_000).id
    ask_at(NOW)
    by = stage.there.by("finance")
    cancel_payment(payment_id, reason="改用转账", by=by, now=NOW)
    other = paid(stage.there, order_id, 1, confirm=False)
    stage.double.pay(payment_id)
    ask_at(NOW)
    cancel_payment(other.id, reason="未转", by=by, now=NOW)
    return payment_id


def returned(stage: Stage) -> PaymentId:
    payment_id = parked(stage)
    return_parked(payment_id, by=stage.there.by("finance"), now=NOW)
    return payment_id


Make = Callable[[Stage], PaymentId]
INTENTS: Mapping[str, Make] = {
    "wanted": wanted,
    "open": opened,
    "closing": closing,
    "cancelled": cancelled,
    "succeeded": succeeded,
    "parked": parked,
    "returned": returned,
}


def test_a_payment_at_stripe_moves_only_as_its_table_says(client: Client, stage: Stage) -> None:
    for state, make in INTENTS.items():
        payment_id = make(stage)
        at = f"/payments/{payment_id}"
        acts = {
            "confirm": post(f"{at}/confirm"),
            "cancel": post(f"{at}/cancel", {"reason": "填错"}),
            "place": post(f"{at}/stripe/place"),
            "return": post(f"{at}/stripe/return"),
        }
        walk(
            client,
            "stripe_intent",
            state,
            people=stage.people,
            acts=acts,
            state_now=lambda key=payment_id: intent_of(key).status.value,  # type: ignore[misc]
            shown_in=("stripe_intent", "stripe_movement", "payment"),
        )


def movement(stage: Stage, state: str) -> PaymentId:
    payment = collected(stage.there, ordered(stage.there, "1"), 3_000)
    ask_at(NOW)
    stage.double.pay(payment.id)
    ring(payment.id)
    ask_at(NOW)
    if state == "failed":
        stage.double.charge(payment.id)["disputed"] = True
    if state == "done":
        stage.double.charge(payment.id)["payment_method_details"] = {"type": "card"}
    by = stage.there.by("manager")
    refund_payment(NewRefund(Fen(1), "渗漏"), payment_id=payment.id, by=by, now=NOW)
    if state == "covered":
        whole = {"payment_intent": stage.double.intent(payment.id)["id"], "amount": "3000"}
        returns.create_refund(stage.double.state, whole)
        ring(payment.id)
    if state != "wanted":
        ask_at(NOW)
    return payment.id


@pytest.mark.parametrize("state", ["wanted", "sent", "done", "failed", "covered"])
def test_a_movement_is_sent_anew_only_as_its_table_says(
    client: Client, stage: Stage, state: str
) -> None:
    payment_id = movement(stage, state)
    moved = movements_of(payment_id)[0]
    walk(
        client,
        "stripe_movement",
        state,
        people=stage.people,
        acts={"again": post(f"/stripe/movements/{moved.id}/again")},
        state_now=lambda: movements_of(payment_id)[0].status.value,
        shown_in=("stripe_movement",),
    )
