"""P7: the double says what Stripe's published description says, and refuses what Stripe refuses.

`tests/data/stripe_schemas.json` is an excerpt of Stripe's own OpenAPI description.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import stripe
from jsonschema_rs import Draft202012Validator

from demo.stripe_double import connect, returns
from demo.stripe_double.events import emit
from demo.stripe_double.state import API_VERSION as DOUBLES_VERSION
from demo.stripe_double.state import Object, State
from kernel.money import Fen
from marketplace.settlement import gateway
from marketplace.settlement.gateway import Declined, Gateway
from marketplace.settlement.models.payments import PaymentId
from marketplace.settlement.models.stripe import StripeWay
from marketplace.settlement.rules.stripe import Errand, ErrandKind, Standing, key_of
from tests.builders.settlement import NOW
from tests.builders.stripe import KEY, SECRET, Double

ROOT = Path(__file__).parents[4]
SCHEMAS = json.loads((ROOT / "tests" / "data" / "stripe_schemas.json").read_text(encoding="utf-8"))
PAYMENT = UUID(int=7)
TYPES: dict[str, type] = {
    "payment_intent": stripe.PaymentIntent,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "dispute": stripe.Dispute,
    "transfer": stripe.Transfer,
    "account": stripe.Account,
    "event": stripe.Event,
}


def differences(told: Object, kind: str | None = None) -> list[str]:
    """Say where an object is not what Stripe publishes of its kind."""
    schema = {"$defs": SCHEMAS["$defs"], "$ref": f"#/$defs/{kind or told['object']}"}
    return [error.message for error in Draft202012Validator(schema).iter_errors(told)]


@pytest.fixture
def asks(double: Double) -> Gateway:
    return gateway.gateway_of(KEY, SECRET, double.running.url, "https://bangfu.example")


def opened(asks: Gateway, way: StripeWay, number: int = 7) -> str:
    errand = Errand(
        kind=ErrandKind.OPEN,
        payment_id=UUID(int=number),
        movement_id=None,
        key=key_of(ErrandKind.OPEN, UUID(int=number)),
        amount_fen=Fen(3_000),
        due_at=NOW,
        way=way,
    )
    answer = asks.ask(errand)
    assert isinstance(answer, Standing)
    return answer.intent.id


def history(double: Double, asks: Gateway) -> State:
    """Let everything happen once that the double can do."""
    state = double.state
    for number, way in enumerate(StripeWay):
        opened(asks, way, number)
        double.pay(PaymentId(UUID(int=number)))
    first, second, third = state.of("charge")
    refund = returns.create_refund(state, {"charge": first["id"], "amount": "100"})
    returns.settle_refund(state, refund, fails=True)
    returns.close_dispute(state, returns.open_dispute(state, second))
    account = connect.create_account(state, {})
    asked = {"destination": account["id"], "source_transaction": third["id"], "amount": "5"}
    connect.reverse_transfer(state, connect.create_transfer(state, asked), {"amount": "2"})
    opened(asks, StripeWay.ALIPAY, 9)
    httpx.post(
        f"{double.running.url}/_pay/{double.intent(PaymentId(UUID(int=9)))['id']}?result=fail"
    )
    return state


def test_the_library_and_the_api_are_pinned_together() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"stripe=={gateway.LIBRARY}"' in project
    assert stripe.VERSION == gateway.LIBRARY
    assert stripe.api_version == gateway.API_VERSION == DOUBLES_VERSION
    told = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert gateway.API_VERSION in told


def test_every_object_and_event_of_the_double_is_as_stripe_publishes_it(
    double: Double, asks: Gateway
) -> None:
    state = history(double, asks)
    told = [
        *state.objects.values(),
        *state.events,
        *(one["data"]["object"] for one in state.events),
    ]
    assert {one["object"] for one in told} >= TYPES.keys()
    assert [(one["object"], wrong) for one in told for wrong in differences(one)] == []
    kinds = {one["type"] for one in state.events}
    assert len(kinds) >= 12
    for one in (one for one in told if one["object"] in TYPES):
        assert one.keys() <= set(TYPES[one["object"]].__annotations__), one["object"]


def test_negative_control_another_field_or_type_is_found(double: Double, asks: Gateway) -> None:
    opened(asks, StripeWay.CARD)
    (intent,) = double.state.of("payment_intent")
    assert differences(intent) == []
    assert differences({**intent, "paid": True})
    assert differences({**intent, "status": "paid"})
    assert differences({name: value for name, value in intent.items() if name != "created"})


Call = Callable[[stripe.StripeClient, str], object]
REFUSED: dict[str, tuple[Call, str | None, str]] = {
    "no amount": (
        lambda at, _: at.v1.payment_intents.create({"currency": "cny"}),  # type: ignore[typeddict-item]
        "parameter_invalid_integer",
        "greater than or equal to 1",
    ),
    "no currency": (
        lambda at, _: at.v1.payment_intents.create({"amount": 1}),  # type: ignore[typeddict-item]
        "parameter_missing",
        "currency",
    ),
    "alipay without a way back": (
        lambda at, key: at.v1.payment_intents.confirm(
            key, {"payment_method_data": {"type": "alipay"}}
        ),
        "parameter_missing",
        "return_url",
    ),
    "wechat without a client": (
        lambda at, key: at.v1.payment_intents.confirm(
            key, {"payment_method_data": {"type": "wechat_pay"}}
        ),
        "parameter_missing",
        "client",
    ),
    "a card that declines": (
        lambda at, key: at.v1.payment_intents.confirm(
            key, {"payment_method": "pm_card_chargeDeclined"}
        ),
        "card_declined",
        "declined",
    ),
    "nothing of the kind": (
        lambda at, _: at.v1.payment_intents.retrieve("pi_none"),
        "resource_missing",
        "pi_none",
    ),
    "a refund before the money": (
        lambda at, key: at.v1.refunds.create({"payment_intent": key}),
        "payment_intent_unexpected_state",
        "successful charge",
    ),
    "no such address": (lambda at, _: at.v1.customers.list(), None, "Unrecognized"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_the_double_refuses_what_stripe_refuses(double: Double, asks: Gateway, case: str) -> None:
    call, code, words = REFUSED[case]
    key = opened(asks, StripeWay.CARD)
    with pytest.raises(stripe.StripeError) as refused:
        call(asks.client, key)
    assert refused.value.code == code
    assert words in str(refused.value)
    assert isinstance(refused.value.json_body, dict)
    assert differences(refused.value.json_body, "error") == []
    assert double.state.of("charge") == []


def test_refunds_beyond_the_charge_and_changed_requests_are_refused(
    double: Double, asks: Gateway
) -> None:
    key = opened(asks, StripeWay.CARD)
    double.pay(PaymentId(PAYMENT))
    refunds = asks.client.v1.refunds
    once = {"idempotency_key": "once"}
    first = refunds.create({"payment_intent": key, "amount": 2_000}, once)  # type: ignore[arg-type]
    again = refunds.create({"payment_intent": key, "amount": 2_000}, once)  # type: ignore[arg-type]
    assert first.id == again.id
    with pytest.raises(stripe.IdempotencyError):
        refunds.create({"payment_intent": key, "amount": 1}, once)  # type: ignore[arg-type]
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        refunds.create({"payment_intent": key, "amount": 1_001})
    refunds.create({"payment_intent": key, "amount": 1_000})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refunds.create({"payment_intent": key})
    assert refused.value.code == "charge_already_refunded"
    with pytest.raises(stripe.InvalidRequestError):
        asks.client.v1.payment_intents.cancel(key)
    assert double.charge(PaymentId(PAYMENT))["amount_refunded"] == 3_000


def test_a_wrong_key_is_turned_away_and_asked_again_later(double: Double) -> None:
    stranger = gateway.gateway_of("sk_test_other", SECRET, double.running.url, "https://b.example")
    with pytest.raises(gateway.Unanswered):
        opened(stranger, StripeWay.CARD)
    assert double.state.objects == {}


def test_what_stripe_declines_says_why(asks: Gateway) -> None:
    errand = Errand(
        kind=ErrandKind.LOOK,
        payment_id=PAYMENT,
        movement_id=None,
        key="look",
        amount_fen=Fen(1),
        due_at=NOW,
        about="pi_none",
    )
    with pytest.raises(Declined) as declined:
        asks.ask(errand)
    assert declined.value.code == "resource_missing"


def test_an_event_says_what_was_so_when_it_happened(double: Double, asks: Gateway) -> None:
    opened(asks, StripeWay.CARD)
    (intent,) = double.state.of("payment_intent")
    event = emit(double.state, "payment_intent.created", intent)
    double.pay(PaymentId(PAYMENT))
    assert event["data"]["object"]["status"] == "requires_payment_method"
    assert re.fullmatch(r"evt_[0-9a-f]{24}", event["id"])
