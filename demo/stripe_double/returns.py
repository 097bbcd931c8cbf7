"""What takes money back at the double: refunds and disputes."""

from __future__ import annotations

from demo.stripe_double.events import emit
from demo.stripe_double.forms import whole
from demo.stripe_double.state import Object, Problem, State, new_key, seconds

CLOSED = ("won", "lost", "warning_closed", "prevented")


def create_refund(state: State, asked: Object) -> Object:
    """Give money of a charge back, never more than is left of it."""
    charge = _charge_of(state, asked)
    left = charge["amount"] - charge["amount_refunded"]
    if charge["refunded"]:
        message = f"Charge {charge['id']} has already been refunded."
        raise Problem(message, code="charge_already_refunded")
    if charge["disputed"]:
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise Problem(message, code="charge_disputed")
    amount = whole(asked.get("amount", left))
    if amount is None:
        message = "Invalid positive integer"
        raise Problem(message, code="parameter_invalid_integer", parameter="amount")
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise Problem(message, parameter="amount")
    _take(charge, amount)
    refund = state.put(
        {
            "id": new_key("re"),
            "object": "refund",
            "amount": amount,
            "balance_transaction": new_key("txn"),
            "charge": charge["id"],
            "created": seconds(),
            "currency": charge["currency"],
            "metadata": asked.get("metadata", {}),
            "payment_intent": charge["payment_intent"],
            "reason": asked.get("reason"),
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "pending" if _is_slow(charge) else "succeeded",
            "transfer_reversal": None,
        }
    )
    emit(state, "refund.created", refund)
    emit(state, "charge.refunded", charge)
    return refund


def settle_refund(state: State, refund: Object, *, fails: bool = False) -> Object:
    """Let a wallet's refund arrive, or fail and come back to the charge."""
    if fails:
        _take(state.get(refund["charge"], "charge"), -refund["amount"])
        refund.update(status="failed", failure_reason="expired_or_canceled_card")
        emit(state, "refund.failed", refund)
    else:
        refund["status"] = "succeeded"
        emit(state, "refund.updated", refund)
    return refund


def open_dispute(state: State, charge: Object) -> Object:
    """Let a shopper dispute a charge."""
    charge["disputed"] = True
    dispute = state.put(
        {
            "id": new_key("dp"),
            "object": "dispute",
            "amount": charge["amount"] - charge["amount_refunded"],
            "balance_transactions": [],
            "charge": charge["id"],
            "created": seconds(),
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": {},
            "evidence_details": {
                "due_by": seconds() + 7 * 86_400,
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": False,
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": "product_not_received",
            "status": "needs_response",
        }
    )
    emit(state, "charge.dispute.created", dispute)
    return dispute


def close_dispute(state: State, dispute: Object, *, status: str = "lost") -> Object:
    """End a dispute; whoever closes it loses it."""
    if dispute["status"] in CLOSED:
        raise Problem(f"This dispute is already closed: {dispute['status']}.")
    dispute["status"] = status
    if status == "won":
        state.get(dispute["charge"], "charge")["disputed"] = False
    emit(state, "charge.dispute.closed", dispute)
    return dispute


def _charge_of(state: State, asked: Object) -> Object:
    if "payment_intent" not in asked:
        return state.get(asked.get("charge"), "charge")
    intent = state.get(asked["payment_intent"], "payment_intent")
    if intent["latest_charge"] is None:
        message = (
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        )
        raise Problem(message, code="payment_intent_unexpected_state")
    return state.get(intent["latest_charge"], "charge")


def _take(charge: Object, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]


def _is_slow(charge: Object) -> bool:
    """Say whether the money goes back to a wallet, which takes its time."""
    return bool(charge["payment_method_details"]["type"] != "card")
