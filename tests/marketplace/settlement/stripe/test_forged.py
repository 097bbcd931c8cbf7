"""P2: what is not proved to be an event of Stripe about a payment of ours is refused."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog
from sqlalchemy import func, select
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from demo.stripe_double.events import body_of, signature
from demo.stripe_double.state import Object, seconds
from kernel.audit import AuditRow
from kernel.database import db
from kernel.events import EventRow
from marketplace.settlement.models.payments import Allocation, Payment, Refund
from marketplace.settlement.models.stripe import (
    StripeDispute,
    StripeEvent,
    StripeIntent,
    StripeMovement,
)
from tests.builders.settlement import market
from tests.builders.stripe import SECRET, Double, opened, payment_of, signed
from tests.conftest import Client

HOOK = "/api/v1/webhooks/stripe"
TABLES = (StripeEvent, StripeIntent, StripeMovement, StripeDispute, Payment, Refund, Allocation,
          EventRow, AuditRow)  # fmt: skip


def counts() -> list[int]:
    return [db.session.scalar(select(func.count()).select_from(one)) or 0 for one in TABLES]


@contextmanager
def overheard() -> Iterator[list[Any]]:
    """Listen to what is logged from INFO on."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    try:
        with capture_logs() as logs:
            yield logs
    finally:
        structlog.configure(wrapper_class=before)


def code_of(answer: TestResponse) -> str:
    assert answer.json is not None
    return str(answer.json["code"])


def changed(event: Object, **values: Any) -> Object:
    return {**event, **values}


def about(event: Object, **values: Any) -> Object:
    return {**event, "data": {"object": {**event["data"]["object"], **values}}}


def posted(body: bytes, header: str | None) -> dict[str, Any]:
    return {"data": body, "headers": {} if header is None else {"Stripe-Signature": header}}


def resigned(event: Object) -> str:
    return signature(body_of(event), secret=SECRET)


Forge = Callable[[Object], dict[str, Any]]
SIGNATURES: dict[str, Forge] = {
    "no signature": lambda e: posted(body_of(e), None),
    "an empty signature": lambda e: posted(body_of(e), ""),
    "no scheme": lambda e: posted(body_of(e), f"t={seconds()}"),
    "no time": lambda e: posted(body_of(e), resigned(e).split(",")[1]),
    "a word for time": lambda e: posted(body_of(e), "t=now," + resigned(e).split(",")[1]),
    "another secret": lambda e: posted(body_of(e), signature(body_of(e), secret="whsec_other")),
    "an empty secret": lambda e: posted(body_of(e), signature(body_of(e), secret="")),
    "the scheme of tests": lambda e: posted(body_of(e), resigned(e).replace("v1=", "v0=")),
    "a shorter signature": lambda e: posted(body_of(e), resigned(e)[:-1]),
    "another letter": lambda e: posted(body_of(e), resigned(e)[:-1] + "g"),
    "nonsense": lambda e: posted(body_of(e), "nonsense"),
    "another event's": lambda e: posted(body_of(e), resigned(changed(e, id="evt_2"))),
    "301 seconds old": lambda e: signed(e, at=seconds() - 301),
    "a year old": lambda e: signed(e, at=seconds() - 31_536_000),
    "ahead of time": lambda e: signed(e, at=seconds() + 302),
    "another time": lambda e: posted(body_of(e), resigned(e).replace("t=", "t=1")),
    "written anew": lambda e: posted(json.dumps(e).encode(), resigned(e)),
    "a byte more": lambda e: posted(body_of(e) + b" ", resigned(e)),
    "a byte less": lambda e: posted(body_of(e)[:-1], resigned(e)),
    "no body": lambda e: posted(b"", resigned(e)),
}
CONTENTS: dict[str, Forge] = {
    "not JSON": lambda _: posted(b"{", signature(b"{", secret=SECRET)),
    "not text": lambda _: posted(b"\xff\xfe", "t=1,v1=0"),
    "a list": lambda _: posted(b"[]", signature(b"[]", secret=SECRET)),
    "no object": lambda e: signed(changed(e, data={})),
    "another kind of thing": lambda e: signed(changed(e, object="charge")),
    "a live event": lambda e: signed(changed(e, livemode=True)),
    "another version": lambda e: signed(changed(e, api_version="2024-06-20")),
    "no version": lambda e: signed({k: v for k, v in e.items() if k != "api_version"}),
    "another account's": lambda e: signed(changed(e, account="acct_other")),
    "a kind nobody asked for": lambda e: signed(changed(e, type="customer.created")),
    "another amount": lambda e: signed(about(e, amount=1)),
    "no whole amount": lambda e: signed(about(e, amount="3000.5")),
    "another currency": lambda e: signed(about(e, currency="usd")),
    "an unknown payment": lambda e: signed(about(e, id="pi_none", metadata={})),
    "an unknown payment of ours": lambda e: signed(
        about(e, id="pi_none", metadata={"payment_id": "0192d3a0-0000-7000-8000-000000000000"})
    ),
    "a payment that is no key": lambda e: signed(about(e, metadata={"payment_id": "1"})),
    "another's intent under our key": lambda e: signed(about(e, id="pi_other")),
}
FORGED = {**SIGNATURES, **CONTENTS}


def test_what_is_not_proved_is_refused_writes_nothing_and_is_logged_once(
    double: Double, client: Client
) -> None:
    payment_id = opened(market())
    double.pay(payment_id)
    event = next(e for e in double.state.events if e["type"] == "payment_intent.succeeded")
    before = counts()
    assert len(FORGED) >= 30
    for name, forge in FORGED.items():
        with overheard() as logs:
            answer = client.post(HOOK, **forge(event))
        assert (answer.status_code, code_of(answer)) == (400, "event_refused"), name
        assert [one["event"] for one in logs] == ["refused"], name
        assert "whsec" not in str(logs) + answer.text, name
        assert double.intent(payment_id)["id"] not in str(logs), name
        assert counts() == before, name
    with overheard() as logs:
        assert client.post(HOOK, data=b"x" * 10_000_000).status_code == 413
    assert [one["event"] for one in logs] == ["refused"]
    assert counts() == before
    assert client.post(HOOK, **signed(event)).status_code == 204
    assert counts() != before


def test_control_without_the_signatures_check_a_forged_event_is_heard(
    double: Double, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.settlement.gateway._check_signature", lambda *_, **__: None)
    payment_id = opened(market())
    event = next(e for e in double.state.events if e["type"] == "payment_intent.created")
    heard = [client.post(HOOK, **forge(event)).status_code for forge in SIGNATURES.values()]
    assert 204 in heard
    assert payment_of(payment_id).status == "pending"


def test_where_stripe_is_not_offered_nobody_listens(client: Client) -> None:
    answer = client.post(HOOK, data=b"{}", headers={"Stripe-Signature": "t=1,v1=0"})
    assert (answer.status_code, code_of(answer)) == (400, "event_refused")
