"""What Stripe's objects say, in the words of the house."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from kernel.money import Fen
from marketplace.settlement.rules.stripe import Notice, SeenDispute, SeenIntent, SeenMovement


def notice_of(event: Mapping[str, Any], about: Mapping[str, Any]) -> Notice:
    """Read what an event is about; raises what reading a map can raise."""
    is_intent = about["object"] == "payment_intent"
    names_amount = is_intent or about["object"] == "charge"
    marked = (about.get("metadata") or {}).get("payment_id")
    return Notice(
        event_id=str(event["id"]),
        kind=str(event["type"]),
        stripe_id=str(about["id"] if is_intent else about.get("payment_intent")),
        payment_id=UUID(marked) if marked else None,
        amount_fen=Fen(int(about["amount"])) if names_amount else None,
        currency=about.get("currency"),
    )


def intent_of(told: Mapping[str, Any]) -> SeenIntent:
    """Read a PaymentIntent."""
    return SeenIntent(
        id=told["id"],
        status=told["status"],
        amount_fen=Fen(told["amount"]),
        received_fen=Fen(told.get("amount_received") or 0),
        currency=told["currency"],
        client_secret=told.get("client_secret"),
        next_step=_next_step(told.get("next_action") or {}),
        charge_id=told.get("latest_charge"),
        trouble=(told.get("last_payment_error") or {}).get("code"),
    )


def _next_step(action: Mapping[str, Any]) -> str | None:
    """Give where Alipay is gone on with, or the code that WeChat scans."""
    if "alipay_handle_redirect" in action:
        return cast("str | None", action["alipay_handle_redirect"].get("url"))
    shown: Mapping[str, Any] = action.get("wechat_pay_display_qr_code") or {}
    return shown.get("data")


def movement_of(told: Mapping[str, Any]) -> SeenMovement:
    """Read a refund, a transfer or a reversal."""
    return SeenMovement(
        id=told["id"],
        amount_fen=Fen(told["amount"]),
        status=told.get("status") or "succeeded",
        movement_id=(told.get("metadata") or {}).get("movement_id"),
    )


def dispute_of(told: Mapping[str, Any]) -> SeenDispute:
    """Read a dispute."""
    return SeenDispute(
        id=told["id"],
        amount_fen=Fen(told["amount"]),
        status=told["status"],
        reason=told["reason"],
    )
