"""Stripe: what is asked of it, by the official library, and what it says of money.

Nothing here knows the database, and nothing in the database is held while Stripe is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar, cast

import orjson
import stripe
from flask import Request, current_app
from stripe import StripeClient

from kernel.config import Settings
from kernel.errors import Busy
from marketplace.errors.stripe import EventRefused
from marketplace.settlement.models.stripe import StripeWay
from marketplace.settlement.rules.stripe import (
    CURRENCY,
    Errand,
    ErrandKind,
    Notice,
    SeenMovement,
    Standing,
)
from marketplace.settlement.rules.stripe_objects import (
    dispute_of,
    intent_of,
    movement_of,
    notice_of,
)

LIBRARY = "16.1.0"
API_VERSION = "2026-10-28.endive"
"""The version that this library speaks; the webhook endpoint at Stripe is set to the same."""
SECONDS = (2.0, 5.0)
"""To connect, and for each piece of an answer; a call without one is made again by the timer."""
WHOLE_SECONDS = 6.0
"""For all of an errand: an answer may come in very small pieces."""
AT_ONCE = 8
"""Errands of this process that are under way, those included that nobody waits for any more."""
TOLERANCE = 300
"""Seconds that an event's signature may be old, or ahead."""
MOST = 100
"""Refunds and disputes of one payment that are looked at."""
LIVE = ("sk_live_", "rk_live_")
PAYMENT_KINDS = ("payment_intent.", "charge.", "refund.", "transfer.")
T = TypeVar("T")


class Unanswered(Busy):
    """Stripe did not answer, or not now: what was asked may have happened."""

    code = "stripe_unanswered"
    zh = "暂时无法联系 Stripe，系统会自动重试。"
    en = "Stripe does not answer; it is asked again."


class Declined(Exception):
    """Stripe answered that it will not; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Gateway:
    """Stripe under the keys of this installation."""

    client: StripeClient
    webhook_secret: str
    return_url: str
    is_live: bool
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE))

    def ask(self, errand: Errand) -> Standing | SeenMovement:
        """Run an errand (Unanswered, Declined); the same errand has one effect."""
        asks: Mapping[ErrandKind, Callable[[Errand], Standing | SeenMovement]] = {
            ErrandKind.OPEN: self._open,
            ErrandKind.CLOSE: self._close,
            ErrandKind.LOOK: self._look,
            ErrandKind.REFUND: self._refund,
            ErrandKind.TRANSFER: self._transfer,
            ErrandKind.REVERSAL: self._reverse,
        }
        under_way = self.threads.submit(_asked, lambda: asks[errand.kind](errand))
        try:
            return under_way.result(WHOLE_SECONDS)
        except TimeoutError as error:
            under_way.cancel()
            raise Unanswered from error

    def read_event(self, body: bytes, *, header: str) -> Notice:
        """Read an event that is proved to be Stripe's, for us, of now and of our version.

        Raises EventRefused with the check that failed.
        """
        _check_signature(body, header=header, secret=self.webhook_secret)
        try:
            event = orjson.loads(body)
            about = event["data"]["object"]
            checks = {
                "object": event["object"] == "event" and isinstance(about, dict),
                "api_version": event["api_version"] == API_VERSION,
                "livemode": event["livemode"] is self.is_live,
                "account": event.get("account") is None,
                "type": str(event["type"]).startswith(PAYMENT_KINDS),
            }
            failed = next((name for name, holds in checks.items() if not holds), None)
            if failed is None:
                return notice_of(event, about)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise EventRefused(reason="body") from error
        raise EventRefused(reason=failed)

    def _open(self, errand: Errand) -> Standing:
        asked: dict[str, Any] = {
            "amount": errand.amount_fen,
            "currency": CURRENCY,
            "payment_method_types": [errand.way],
            "metadata": _marks(errand),
            "transfer_group": str(errand.payment_id),
        }
        if errand.way is not StripeWay.CARD:
            asked |= {
                "confirm": True,
                "payment_method_data": {"type": errand.way},
                "return_url": self.return_url,
            }
        if errand.way is StripeWay.WECHAT_PAY:
            asked["payment_method_options"] = {"wechat_pay": {"client": "web"}}
        intents = self.client.v1.payment_intents
        return Standing(intent_of(intents.create(cast("Any", asked), _keyed(errand)).to_dict()))

    def _close(self, errand: Errand) -> Standing:
        """Take an intent back, and look what became of it: it may have been paid meanwhile."""
        try:
            self.client.v1.payment_intents.cancel(str(errand.about), {}, _keyed(errand))
        except stripe.InvalidRequestError as error:
            if error.code != "payment_intent_unexpected_state":
                raise
        return self._look(errand)

    def _look(self, errand: Errand) -> Standing:
        key = str(errand.about)
        intent = self.client.v1.payment_intents.retrieve(key)
        refunds = self.client.v1.refunds.list({"payment_intent": key, "limit": MOST})
        disputes = self.client.v1.disputes.list({"payment_intent": key, "limit": MOST})
        return Standing(
            intent_of(intent.to_dict()),
            [movement_of(one.to_dict()) for one in refunds.data],
            [dispute_of(one.to_dict()) for one in disputes.data],
        )

    def _refund(self, errand: Errand) -> SeenMovement:
        asked: Any = {
            "payment_intent": errand.about,
            "amount": errand.amount_fen,
            "metadata": _marks(errand),
        }
        return movement_of(self.client.v1.refunds.create(asked, _keyed(errand)).to_dict())

    def _transfer(self, errand: Errand) -> SeenMovement:
        asked: Any = {
            "amount": errand.amount_fen,
            "currency": CURRENCY,
            "destination": errand.destination,
            "source_transaction": errand.about,
            "transfer_group": str(errand.payment_id),
            "metadata": _marks(errand),
        }
        return movement_of(self.client.v1.transfers.create(asked, _keyed(errand)).to_dict())

    def _reverse(self, errand: Errand) -> SeenMovement:
        asked: Any = {"amount": errand.amount_fen, "metadata": _marks(errand)}
        reversals = self.client.v1.transfers.reversals
        made = reversals.create(str(errand.about), asked, _keyed(errand))
        return movement_of(made.to_dict())


def find_gateway() -> Gateway | None:
    """Give Stripe as the settings know it, or None: then it is not offered."""
    settings: Settings = current_app.extensions["bangfu.settings"]
    if settings.stripe_secret_key is None or settings.stripe_webhook_secret is None:
        return None
    return gateway_of(
        settings.stripe_secret_key,
        settings.stripe_webhook_secret,
        settings.stripe_api_url,
        settings.public_url or "http://127.0.0.1:8000",
    )


def is_offered() -> bool:
    """Say whether this installation has Stripe's keys."""
    return find_gateway() is not None


def try_to_open(errand: Errand) -> dict[str, str | None]:
    """Open a payment at Stripe now, if it answers; give how the buyer goes on."""
    gateway = find_gateway()
    try:
        answer = None if gateway is None else gateway.ask(errand)
    except (Unanswered, Declined):
        answer = None
    if not isinstance(answer, Standing):
        return {}
    return {"client_secret": answer.intent.client_secret, "next_step": answer.intent.next_step}


def read_notice(request: Request) -> Notice:
    """Read the event that a request brings, from its very bytes (EventRefused)."""
    gateway = find_gateway()
    if gateway is None:
        raise EventRefused(reason="not_offered")
    header = request.headers.get("Stripe-Signature", "")
    return gateway.read_event(request.get_data(), header=header)


@cache
def gateway_of(key: str, webhook_secret: str, api_url: str | None, return_url: str) -> Gateway:
    """Give Stripe under these keys, at its own address or another; shoppers come back to ours."""
    addresses: Any = {} if api_url is None else {"api": api_url}
    client = StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses=addresses,
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=SECONDS),
    )
    return Gateway(client, webhook_secret, return_url, key.startswith(LIVE))


def _asked(call: Callable[[], T]) -> T:
    """Ask, and tell what may be asked again from what Stripe will not do."""
    try:
        return call()
    except (stripe.CardError, stripe.InvalidRequestError, stripe.IdempotencyError) as error:
        raise Declined(error.code or type(error).__name__) from error
    except stripe.StripeError as error:
        raise Unanswered from error


def _check_signature(body: bytes, *, header: str, secret: str) -> None:
    """Want a signature of these very bytes, neither old nor ahead (EventRefused)."""
    try:
        stripe.WebhookSignature.verify_header(body.decode(), header, secret, TOLERANCE)
        signed_at = int(dict(part.split("=", 1) for part in header.split(","))["t"])
    except (stripe.SignatureVerificationError, ValueError, KeyError) as error:
        raise EventRefused(reason="signature") from error
    if signed_at > time.time() + TOLERANCE:
        raise EventRefused(reason="timestamp")


def _marks(errand: Errand) -> dict[str, str]:
    """Write on an object at Stripe whose it is."""
    marks = {"payment_id": str(errand.payment_id)}
    return marks if errand.movement_id is None else marks | {"movement_id": str(errand.movement_id)}


def _keyed(errand: Errand) -> Any:
    return {"idempotency_key": errand.key}
