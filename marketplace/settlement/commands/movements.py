"""How far Stripe is with what it moves: made, under way, not to be had, or made without us."""

from __future__ import annotations

from datetime import datetime

from kernel import audit
from kernel.actor import SYSTEM
from kernel.database import db
from kernel.money import Fen
from marketplace.settlement.models.payments import Payment
from marketplace.settlement.models.stripe import MovementStatus, StripeIntent, StripeMovement
from marketplace.settlement.queries import stripe as queries
from marketplace.settlement.rules import stripe as rules
from marketplace.settlement.rules.stripe import SeenMovement


def note_movement(movement: StripeMovement, seen: SeenMovement, *, now: datetime) -> None:
    """Write down how far Stripe is with a movement, its intent being locked.

    What failed is shown to people.
    """
    status = rules.movement_status(movement.kind, seen.status)
    if movement.status == status:
        return
    movement.stripe_id = seen.id
    if status is MovementStatus.FAILED:
        fail_movement(movement, code=seen.status, now=now)
        return
    movement.status, movement.due_at, movement.trouble = status, None, None
    tell_movement(movement, now=now)
    if status is MovementStatus.SENT:
        intent = db.session.get_one(StripeIntent, movement.payment_id)
        intent.due_at = intent.due_at or now + rules.LOOK_AGAIN


def fail_movement(movement: StripeMovement, *, code: str, now: datetime) -> None:
    """Leave a movement that Stripe will not make, or never answered, to people."""
    movement.status, movement.due_at, movement.trouble = MovementStatus.FAILED, None, code
    tell_movement(movement, now=now)


def ask_anew(movement: StripeMovement, *, now: datetime) -> None:
    """Have a movement asked for under a new key, as if for the first time."""
    movement.status, movement.stripe_id, movement.trouble = MovementStatus.WANTED, None, None
    movement.wanted_at = movement.due_at = now
    movement.attempts, movement.again = 0, movement.again + 1


def cover(payment: Payment, amount: Fen, *, now: datetime) -> None:
    """Take what went back without us off the refunds that Stripe has not made yet.

    What is left of one is asked for anew; the intent is locked.
    """
    movements = queries.list_movements(SYSTEM, payment.id)
    for movement, part in rules.cover(movements, amount=amount):
        if part == movement.amount_fen:
            movement.status, movement.due_at = MovementStatus.COVERED, None
            movement.trouble = None
        else:
            movement.amount_fen = Fen(movement.amount_fen - part)
            ask_anew(movement, now=now)
        tell_movement(movement, now=now)


def tell_movement(movement: StripeMovement, *, now: datetime) -> None:
    """Leave a trace of how far a movement is."""
    db.session.flush()
    after = {"status": movement.status, "trouble": movement.trouble}
    subject = ("stripe_movement", movement.id)
    audit.write("stripe.move", subject=subject, by=SYSTEM, now=now, after=after)
