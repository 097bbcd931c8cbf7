"""What people do where Stripe did not finish: money that lies apart, movements that failed."""

from __future__ import annotations

from datetime import datetime

from kernel import audit
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import WrongState
from marketplace.orders.queries.finding import bound_to, lock_order
from marketplace.settlement.commands.booking import either_side
from marketplace.settlement.commands.intents import move
from marketplace.settlement.commands.movements import ask_anew
from marketplace.settlement.commands.standings import Matter, lock_matter, place_money
from marketplace.settlement.models.payments import PaymentId
from marketplace.settlement.models.stripe import (
    IntentStatus,
    MovementId,
    MovementKind,
)
from marketplace.settlement.queries import payments as payment_queries
from marketplace.settlement.queries import stripe as queries
from marketplace.settlement.queries.stripe import IntentView, MovementView
from marketplace.settlement.rules import payments as payment_rules
from marketplace.settlement.rules import stripe as rules
from registry.accounts.queries.people import list_accounts_of


def place_parked(payment_id: PaymentId, *, by: Actor, now: datetime) -> IntentView:
    """Let money that lies apart count after all, under the gate; else it goes on lying there.

    By finance of the bound unit (WrongState). Money of another amount or currency never counts.
    """
    matter = _parked(payment_id, by=by)
    place_money(matter, now=now)
    return _shown(matter, "stripe.place", by=by, now=now)


def return_parked(payment_id: PaymentId, *, by: Actor, now: datetime) -> IntentView:
    """Give money that lies apart back whole; it never was in the books.

    By finance of the bound unit, not by the order's author (WrongState, SamePerson).
    """
    matter = _parked(payment_id, by=by)
    hands = list_accounts_of(by, {matter.order.author_id})
    payment_rules.check_refunder(matter.order, by=by, hands=hands)
    intent = matter.intent
    intent.status, intent.parked_reason, intent.parked_at = IntentStatus.RETURNED, None, None
    move(payment_id, MovementKind.REFUND, amount=intent.received_fen, by=by, now=now)
    return _shown(matter, "stripe.return", by=by, now=now)


def move_again(movement_id: MovementId, *, by: Actor, now: datetime) -> MovementView:
    """Have a movement that failed sent anew, under a new key; by either side.

    Refuses one that did not fail (WrongState), and a transfer whose money has since gone another
    way (TransferExceedsKept).
    """
    payment_id = queries.get_payment_of_movement(by, movement_id)
    lock_order(by, payment_queries.get_order_id(by, payment_id), either_side(by))
    payment = payment_queries.lock_payment(by, payment_id)
    queries.lock_intent(by, payment_id)
    movement = queries.lock_movement(by, movement_id)
    movements = queries.list_movements(by, payment_id)
    rules.check_again(movement, payment=payment, movements=movements)
    ask_anew(movement, now=now)
    db.session.flush()
    subject = ("stripe_movement", movement_id)
    audit.write(
        "stripe.move_again", subject=subject, by=by, now=now, after={"again": movement.again}
    )
    return queries.get_movement_view(by, movement_id)


def _parked(payment_id: PaymentId, *, by: Actor) -> Matter:
    lock_order(by, payment_queries.get_order_id(by, payment_id), bound_to(by))
    matter = lock_matter(payment_id)
    if matter.intent.status is not IntentStatus.PARKED:
        raise WrongState(state=matter.intent.status, wanted=IntentStatus.PARKED)
    return matter


def _shown(matter: Matter, action: str, *, by: Actor, now: datetime) -> IntentView:
    after = {"status": matter.intent.status, "reason": matter.intent.parked_reason}
    audit.write(action, subject=("payment", matter.payment.id), by=by, now=now, after=after)
    return queries.get_intent_view(by, matter.payment.id)
