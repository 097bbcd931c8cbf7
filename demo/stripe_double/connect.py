"""Connected accounts of the double, and money transferred to them."""

from __future__ import annotations

from demo.stripe_double.events import emit
from demo.stripe_double.forms import whole
from demo.stripe_double.state import Object, Problem, State, new_key, seconds


def create_account(state: State, asked: Object) -> Object:
    """Open a connected account that may be paid."""
    return state.put(
        {
            "id": new_key("acct"),
            "object": "account",
            "charges_enabled": True,
            "country": asked.get("country", "CN"),
            "created": seconds(),
            "default_currency": "cny",
            "details_submitted": True,
            "metadata": asked.get("metadata", {}),
            "payouts_enabled": True,
            "type": asked.get("type", "express"),
        }
    )


def create_transfer(state: State, asked: Object) -> Object:
    """Pay a connected account out of a charge, never more than is left of it."""
    amount = whole(asked.get("amount"))
    if amount is None:
        message = "Invalid positive integer"
        raise Problem(message, code="parameter_invalid_integer", parameter="amount")
    account = state.get(asked.get("destination"), "account")
    if not account["payouts_enabled"]:
        message = f"The account {account['id']} cannot receive transfers."
        raise Problem(message, code="account_invalid", parameter="destination")
    charge = state.get(asked.get("source_transaction"), "charge")
    sent = state.of("transfer", source_transaction=charge["id"])
    left = charge["amount"] - sum(one["amount"] for one in sent)
    if amount > left:
        message = f"Transfers from {charge['id']} must not exceed its amount: {left} is left."
        raise Problem(message, code="balance_insufficient", parameter="amount")
    key = new_key("tr")
    transfer = state.put(
        {
            "id": key,
            "object": "transfer",
            "amount": amount,
            "amount_reversed": 0,
            "balance_transaction": new_key("txn"),
            "created": seconds(),
            "currency": asked.get("currency", charge["currency"]),
            "description": None,
            "destination": account["id"],
            "destination_payment": new_key("py"),
            "livemode": False,
            "metadata": asked.get("metadata", {}),
            "reversals": {
                "object": "list",
                "data": [],
                "has_more": False,
                "url": f"/v1/transfers/{key}/reversals",
            },
            "reversed": False,
            "source_transaction": charge["id"],
            "source_type": "card",
            "transfer_group": asked.get("transfer_group", charge["transfer_group"]),
        }
    )
    emit(state, "transfer.created", transfer)
    return transfer


def reverse_transfer(state: State, transfer: Object, asked: Object) -> Object:
    """Take money of a transfer back, never more than is left of it."""
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = whole(asked.get("amount", left))
    if amount is None or amount > left:
        message = f"The reversal exceeds what is left of the transfer: {left}."
        raise Problem(message, parameter="amount")
    reversal = state.put(
        {
            "id": new_key("trr"),
            "object": "transfer_reversal",
            "amount": amount,
            "balance_transaction": new_key("txn"),
            "created": seconds(),
            "currency": transfer["currency"],
            "destination_payment_refund": None,
            "metadata": asked.get("metadata", {}),
            "source_refund": None,
            "transfer": transfer["id"],
        }
    )
    transfer["reversals"]["data"].insert(0, reversal)
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    emit(state, "transfer.reversed", transfer)
    return reversal
