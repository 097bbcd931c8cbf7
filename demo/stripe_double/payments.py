"""PaymentIntents of the double: made, confirmed, paid by a shopper, cancelled."""

from __future__ import annotations

from typing import Any

from demo.stripe_double.events import emit
from demo.stripe_double.forms import whole
from demo.stripe_double.state import DECLINED, Object, Problem, State, new_key, seconds

WALLETS = ("alipay", "wechat_pay")
DECLINES = "pm_card_chargeDeclined"
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELLABLE = (*CONFIRMABLE, "requires_capture", "processing")
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def create_intent(state: State, asked: Object) -> Object:
    """Make a PaymentIntent; `confirm` begins the payment at once."""
    amount = whole(asked.get("amount"))
    if amount is None:
        message = "This value must be greater than or equal to 1."
        raise Problem(message, code="parameter_invalid_integer", parameter="amount")
    if not asked.get("currency"):
        missing = "Missing required param: currency."
        raise Problem(missing, code="parameter_missing", parameter="currency")
    key = new_key("pi")
    intent = state.put(
        {
            "id": key,
            "object": "payment_intent",
            "amount": amount,
            "amount_capturable": 0,
            "amount_received": 0,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic",
            "client_secret": f"{key}_secret_{new_key('s')[2:]}",
            "confirmation_method": "automatic",
            "created": seconds(),
            "currency": asked["currency"],
            "description": asked.get("description"),
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": asked.get("metadata", {}),
            "next_action": None,
            "payment_method": asked.get("payment_method"),
            "payment_method_types": asked.get("payment_method_types") or ["card"],
            "status": "requires_payment_method",
            "transfer_group": asked.get("transfer_group"),
        }
    )
    emit(state, "payment_intent.created", intent)
    return confirm_intent(state, intent, asked) if asked.get("confirm") is True else intent


def confirm_intent(state: State, intent: Object, asked: Object) -> Object:
    """Begin the payment: a wallet waits for its shopper, a card is charged or declined."""
    if intent["status"] not in CONFIRMABLE:
        raise _unexpected(intent, "confirmed")
    way = (asked.get("payment_method_data") or {}).get("type") or intent["payment_method_types"][0]
    if way in WALLETS:
        intent.update(
            status="requires_action", next_action=_next_action(state.shop_url, way, intent, asked)
        )
        emit(state, "payment_intent.requires_action", intent)
        return intent
    if asked.get("payment_method", intent["payment_method"]) == DECLINES:
        raise fail_payment(state, intent)
    return pay_intent(state, intent)


def pay_intent(state: State, intent: Object) -> Object:
    """Let the shopper's money come."""
    charge = state.put(_charge(intent))
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        next_action=None,
        last_payment_error=None,
    )
    emit(state, "charge.succeeded", charge)
    emit(state, "payment_intent.succeeded", intent)
    return intent


def fail_payment(state: State, intent: Object) -> Problem:
    """Let the shopper's payment fail; the intent waits for another try."""
    message = "Your card was declined."
    told = {"type": "card_error", "code": "card_declined", "message": message}
    intent.update(
        status="requires_payment_method",
        next_action=None,
        last_payment_error={**told, "decline_code": "generic_decline"},
    )
    emit(state, "payment_intent.payment_failed", intent)
    return Problem(
        message,
        code="card_declined",
        kind="card_error",
        status=DECLINED,
        decline_code="generic_decline",
        payment_intent=intent,
    )


def cancel_intent(state: State, intent: Object, asked: Object) -> Object:
    """Take an unpaid intent back."""
    if intent["status"] not in CANCELLABLE:
        raise _unexpected(intent, "canceled")
    intent.update(
        status="canceled",
        canceled_at=seconds(),
        cancellation_reason=asked.get("cancellation_reason"),
        next_action=None,
    )
    emit(state, "payment_intent.canceled", intent)
    return intent


def _next_action(shop_url: str, way: str, intent: Object, asked: Object) -> Object:
    """Say what the shopper does next: follow Alipay's address or scan WeChat's code."""
    where = f"{shop_url}/_pay/{intent['id']}"
    if way == "alipay":
        if not asked.get("return_url"):
            missing = "Missing required param: return_url."
            raise Problem(missing, code="parameter_missing", parameter="return_url")
        redirect = {
            "native_data": None,
            "native_url": None,
            "return_url": asked["return_url"],
            "url": where,
        }
        return {"type": "alipay_handle_redirect", "alipay_handle_redirect": redirect}
    options: Any = (asked.get("payment_method_options") or {}).get("wechat_pay") or {}
    if options.get("client") not in {"web", "android", "ios"}:
        name = "payment_method_options[wechat_pay][client]"
        missing = f"Missing required param: {name}."
        raise Problem(missing, code="parameter_missing", parameter=name)
    code = {
        "data": f"weixin://wxpay/bizpayurl?pr={intent['id']}",
        "hosted_instructions_url": where,
        "image_data_url": PIXEL,
        "image_url_png": f"{where}.png",
        "image_url_svg": f"{where}.svg",
    }
    return {"type": "wechat_pay_display_qr_code", "wechat_pay_display_qr_code": code}


def _charge(intent: Object) -> Object:
    amount = intent["amount"]
    return {
        "id": new_key("ch"),
        "object": "charge",
        "amount": amount,
        "amount_captured": amount,
        "amount_refunded": 0,
        "balance_transaction": new_key("txn"),
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "captured": True,
        "created": seconds(),
        "currency": intent["currency"],
        "disputed": False,
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method_details": {"type": intent["payment_method_types"][0]},
        "refunded": False,
        "status": "succeeded",
        "transfer_group": intent["transfer_group"],
    }


def _unexpected(intent: Object, act: str) -> Problem:
    message = (
        f"This PaymentIntent could not be {act} because it has a status of {intent['status']}."
    )
    return Problem(message, code="payment_intent_unexpected_state")
