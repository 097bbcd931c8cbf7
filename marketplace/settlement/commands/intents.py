"""What is asked of Stripe when people pay, cancel and refund: rows that the timer carries out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert

from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from marketplace.settlement.models.payments import Payment, PaymentId, PaymentMethod, Refund
from marketplace.settlement.models.stripe import (
    IntentStatus,
    MovementId,
    MovementKind,
    MovementStatus,
    StripeIntent,
    StripeMovement,
    StripeWay,
)
from marketplace.settlement.queries import stripe as queries
from marketplace.settlement.rules import stripe as rules
from registry.accounts.models import UserId


def open_intent(payment: Payment, *, way: StripeWay | None, now: datetime) -> None:
    """Want a payment to be collected by Stripe; of other methods nothing is wanted."""
    if way is None:
        return
    intent = StripeIntent(
        payment_id=payment.id,
        way=way,
        status=IntentStatus.WANTED,
        received_fen=Fen(0),
        wanted_at=now,
        due_at=now,
        attempts=0,
    )
    db.session.flush()
    db.session.add(intent)


def close_intent(payment: Payment, *, by: Actor, now: datetime) -> None:
    """Want a payment that was cancelled to be taken back at Stripe, too."""
    if payment.method is not PaymentMethod.STRIPE:
        return
    intent = queries.lock_intent(by, payment.id)
    if intent.status in rules.ASKED:
        intent.status, intent.due_at = IntentStatus.CLOSING, now


def send_back(refund: Refund, *, payment: Payment, by: Actor, now: datetime) -> None:
    """Want a refund to be made by Stripe, and the seller to give back what it got too much."""
    if payment.method is not PaymentMethod.STRIPE:
        return
    move(
        payment.id,
        MovementKind.REFUND,
        amount=refund.amount_fen,
        refund=refund,
        by=by,
        now=now,
    )
    take_back(payment, now=now)


def take_back(payment: Payment, *, now: datetime) -> None:
    """Want transfers reversed as far as the seller holds more than stayed of the payment."""
    movements = queries.list_movements(SYSTEM, payment.id)
    for transfer, amount in rules.take_back(payment, movements=movements):
        move(
            payment.id, MovementKind.REVERSAL, amount=amount, reverses=transfer, by=SYSTEM, now=now
        )


def move(
    payment_id: PaymentId,
    kind: MovementKind,
    *,
    amount: Fen,
    by: Actor,
    now: datetime,
    refund: Refund | None = None,
    reverses: StripeMovement | None = None,
    destination: str | None = None,
) -> MovementId:
    """Want money of a payment to be moved; it is asked for as soon as this stands."""
    movement_id = MovementId(new_id())
    row = {
        "id": movement_id,
        "payment_id": payment_id,
        "kind": kind,
        "refund_id": None if refund is None else refund.id,
        "reverses_id": None if reverses is None else reverses.id,
        "amount_fen": amount,
        "destination": destination,
        "status": MovementStatus.WANTED,
        "wanted_by": None if by is SYSTEM else UserId(by.user_id),
        "wanted_at": now,
        "due_at": now,
        "attempts": 0,
        "again": 0,
    }
    db.session.flush()
    db.session.execute(insert(StripeMovement).values(row))
    return movement_id
