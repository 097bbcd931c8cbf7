"""What the double tells: events as Stripe writes, signs and sends them."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
from threading import Thread

import httpx

from demo.stripe_double.state import API_VERSION, Object, State, new_key, seconds

TRIES = 5
PATIENCE = 5.0


def emit(state: State, kind: str, about: Object) -> Object:
    """Keep an event about an object as it is now, and send it where that was asked for."""
    told = {
        "id": new_key("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": seconds(),
        "data": {"object": copy.deepcopy(about)},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": new_key("req"), "idempotency_key": None},
        "type": kind,
    }
    state.events.append(told)
    if state.webhook_url is not None:
        Thread(target=_send, args=(state, told), daemon=True).start()
    return told


def body_of(event: Object) -> bytes:
    """Write an event as it goes over the wire."""
    return json.dumps(event, indent=2).encode()


def signature(body: bytes, *, secret: str, at: int | None = None) -> str:
    """Sign a body for the header `Stripe-Signature`, as of now or another second."""
    when = seconds() if at is None else at
    signed = hmac.new(secret.encode(), f"{when}.".encode() + body, hashlib.sha256)
    return f"t={when},v1={signed.hexdigest()}"


def _send(state: State, event: Object) -> None:
    """Send an event until it is taken, a few times."""
    body = body_of(event)
    for _ in range(TRIES):
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(body, secret=state.webhook_secret),
        }
        try:
            answer = httpx.post(
                str(state.webhook_url), content=body, headers=headers, timeout=PATIENCE
            )
        except httpx.HTTPError:
            continue
        if answer.is_success:
            return
