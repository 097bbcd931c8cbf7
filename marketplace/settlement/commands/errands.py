"""The calls that Stripe is to be asked: taken from their rows, and their answers kept.

Between taking and keeping nothing is held, and Stripe is asked. Whatever is lost in between, the
row falls due again and the same key asks for the same thing.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from kernel.actor import SYSTEM
from kernel.database import db
from kernel.money import Fen
from marketplace.settlement.commands import movements, standings
from marketplace.settlement.models.payments import Payment, PaymentId
from marketplace.settlement.models.stripe import (
    MovementId,
    MovementKind,
    MovementStatus,
    StripeIntent,
    StripeMovement,
)
from marketplace.settlement.queries import stripe as queries
from marketplace.settlement.rules import stripe as rules
from marketplace.settlement.rules.stripe import Errand, ErrandKind, SeenMovement, Standing

UNANSWERED = "unanswered"
NO_TRANSFER = "transfer_failed"


def take_errand(*, now: datetime) -> Errand | None:
    """Take what is due first; it falls due again by itself if its answer is not kept in time."""
    while (movement := queries.find_due_movement(SYSTEM, now=now)) is not None:
        errand = _take_movement(movement, now=now)
        if errand is not None:
            return errand
        db.session.flush()
    intent = queries.find_due_intent(SYSTEM, now=now)
    return None if intent is None else _take_intent(intent, now=now)


def keep_answer(errand: Errand, answer: Standing | SeenMovement, *, now: datetime) -> None:
    """Let what Stripe answered take effect, once however often it is answered."""
    if isinstance(answer, Standing):
        standings.settle(errand, answer, now=now)
    elif errand.movement_id is not None:
        movement = _lock_movement(errand, errand.movement_id)
        movements.note_movement(movement, answer, now=now)


def keep_refusal(errand: Errand, *, code: str, now: datetime) -> None:
    """Write down that Stripe will not; people see it.

    What was asked before the movement became another, or was covered, says nothing of it.
    """
    if errand.movement_id is None:
        standings.settle_refusal(errand, code=code, now=now)
        return
    movement = _lock_movement(errand, errand.movement_id)
    asked = rules.key_of(errand.kind, movement.id, again=movement.again)
    if movement.status is MovementStatus.WANTED and errand.key == asked:
        movements.fail_movement(movement, code=code, now=now)


def _lock_movement(errand: Errand, movement_id: UUID) -> StripeMovement:
    """Lock a movement behind its intent, as whoever settles does."""
    queries.lock_intent(SYSTEM, PaymentId(errand.payment_id))
    return queries.lock_movement(SYSTEM, MovementId(movement_id))


def _take_movement(movement: StripeMovement, *, now: datetime) -> Errand | None:
    """Say what to ask for a movement, or None: its key has died, or its time has not come."""
    if movement.attempts and rules.is_over(movement.wanted_at, now=now):
        movements.fail_movement(movement, code=UNANSWERED, now=now)
        return None
    if _is_idle(movement):
        movements.fail_movement(movement, code=NO_TRANSFER, now=now)
        return None
    movement.due_at = now + rules.wait_after(movement.attempts)
    about = _about(movement)
    if about is None:
        return None
    movement.attempts += 1
    kind = ErrandKind(movement.kind.value)
    return Errand(
        kind=kind,
        payment_id=movement.payment_id,
        movement_id=movement.id,
        key=rules.key_of(kind, movement.id, again=movement.again),
        amount_fen=movement.amount_fen,
        due_at=movement.due_at,
        about=about,
        destination=movement.destination,
    )


def _is_idle(movement: StripeMovement) -> bool:
    """Say whether a reversal has nothing to take back: its transfer was never made."""
    if movement.reverses_id is None:
        return False
    transfer = db.session.get_one(StripeMovement, movement.reverses_id)
    return transfer.status is MovementStatus.FAILED


def _about(movement: StripeMovement) -> str | None:
    """Give the object at Stripe that is moved; a transfer that is not sent has none yet."""
    if movement.reverses_id is not None:
        return db.session.get_one(StripeMovement, movement.reverses_id).stripe_id
    intent = db.session.get_one(StripeIntent, movement.payment_id)
    return intent.charge_id if movement.kind is MovementKind.TRANSFER else intent.stripe_id


def _take_intent(intent: StripeIntent, *, now: datetime) -> Errand:
    amount = db.session.scalars(
        select(Payment.amount_fen).where(Payment.id == intent.payment_id)
    ).one()
    kind = rules.errand_of_intent(intent, now=now)
    intent.due_at = now + rules.wait_after(intent.attempts)
    intent.attempts += 1
    return Errand(
        kind=kind,
        payment_id=intent.payment_id,
        movement_id=None,
        key=rules.key_of(kind, intent.payment_id),
        amount_fen=Fen(amount),
        about=intent.stripe_id,
        way=intent.way,
        due_at=intent.due_at,
    )
