"""What follows from how a payment stands at Stripe: its money counts, lies apart, or went back.

Only the objects that were retrieved decide, never an event or the order of events; what is told
twice takes effect once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import true

from kernel import audit
from kernel.actor import SYSTEM
from kernel.database import db
from kernel.errors import Refusal
from kernel.events import record
from kernel.identity import new_id
from kernel.money import Fen
from marketplace.events import PaymentParked
from marketplace.orders.commands.reviving import revive_order
from marketplace.orders.models.orders import OrderStatus, PurchaseOrder
from marketplace.orders.queries.finding import lock_order
from marketplace.settlement.commands import payments as books
from marketplace.settlement.commands.booking import book_payment
from marketplace.settlement.commands.intents import take_back
from marketplace.settlement.commands.movements import cover, note_movement, tell_movement
from marketplace.settlement.commands.refunds import refund_by_stripe
from marketplace.settlement.models.payments import Payment, PaymentId, PaymentState
from marketplace.settlement.models.stripe import (
    DisputeId,
    DisputeStatus,
    IntentStatus,
    MovementId,
    MovementKind,
    MovementStatus,
    StripeDispute,
    StripeIntent,
    StripeMovement,
)
from marketplace.settlement.queries import payments as payment_queries
from marketplace.settlement.queries import stripe as queries
from marketplace.settlement.rules import stripe as rules
from marketplace.settlement.rules.stripe import (
    Errand,
    ErrandKind,
    SeenDispute,
    SeenIntent,
    SeenMovement,
    Standing,
)

NOT_PAID = "Stripe：未付款 / not paid"
LIES_APART = "Stripe：到账待处理 / the money lies apart"
LOST_DISPUTE = "Stripe：争议失败，款项退回 / dispute lost"
AT_STRIPE = "Stripe：在 Stripe 后台退款 / refunded at Stripe"


@dataclass(frozen=True, slots=True)
class Matter:
    """A payment with its order and intent, locked in this order."""

    order: PurchaseOrder
    payment: Payment
    intent: StripeIntent


def settle(errand: Errand, seen: Standing, *, now: datetime) -> None:
    """Let what Stripe says of a payment take effect; what has taken effect stays as it is."""
    matter = lock_matter(PaymentId(errand.payment_id))
    _note_intent(matter.intent, seen.intent)
    if seen.intent.received_fen and matter.intent.status not in rules.HAS_MONEY:
        matter.intent.received_fen = seen.intent.received_fen
        place_money(matter, now=now)
    elif seen.intent.status == "canceled" and matter.intent.status in rules.ASKED:
        _take_back(matter, reason=NOT_PAID, now=now)
    elif matter.intent.status is IntentStatus.WANTED:
        matter.intent.status = IntentStatus.OPEN
    if seen.refunds:
        _settle_refunds(matter, seen.refunds, now=now)
    for dispute in seen.disputes:
        _settle_dispute(matter, dispute, now=now)
    if matter.intent.due_at == errand.due_at:
        matter.intent.due_at = _next_look(matter.intent, seen, errand=errand, now=now)


def settle_refusal(errand: Errand, *, code: str, now: datetime) -> None:
    """Take a payment back that Stripe does not open; of others only note what it said."""
    matter = lock_matter(PaymentId(errand.payment_id))
    matter.intent.trouble = code
    if matter.intent.stripe_id is None:
        _take_back(matter, reason=f"Stripe：{code}", now=now)
        matter.intent.due_at = None


def place_money(matter: Matter, *, now: datetime) -> None:
    """Let money that came count, under the gate as any other; else it lies apart and is shown."""
    intent = matter.intent
    intent.status, intent.parked_reason, intent.parked_at = IntentStatus.SUCCEEDED, None, None
    misfit = rules.misfit(intent, payment=matter.payment)
    reason = misfit or _refusal_of_books(matter, now=now)
    if reason is None:
        _tell(matter, "stripe.confirm", now=now)
        return
    if matter.payment.status is PaymentState.PENDING:
        books.withdraw(matter.payment, order=matter.order, reason=LIES_APART, now=now)
    intent.status, intent.parked_reason, intent.parked_at = IntentStatus.PARKED, reason, now
    _tell(matter, "stripe.park", now=now)
    record(PaymentParked(order_id=matter.order.id, payment_id=matter.payment.id), now=now)


def lock_matter(payment_id: PaymentId) -> Matter:
    """Lock a payment's order, then the payment, then its intent."""
    order_id = payment_queries.get_order_id(SYSTEM, payment_id)
    order = lock_order(SYSTEM, order_id, true())
    payment = payment_queries.lock_payment(SYSTEM, payment_id)
    return Matter(order, payment, queries.lock_intent(SYSTEM, payment_id))


def _note_intent(intent: StripeIntent, seen: SeenIntent) -> None:
    intent.stripe_id, intent.charge_id = seen.id, seen.charge_id
    intent.client_secret, intent.next_step = seen.client_secret, seen.next_step
    intent.trouble, intent.currency = seen.trouble, seen.currency
    intent.attempts = 0


def _refusal_of_books(matter: Matter, *, now: datetime) -> str | None:
    """Try to let the money count, its order standing again where it had lapsed.

    Gives why it cannot, having changed nothing.
    """
    try:
        with db.session.begin_nested():
            if matter.order.order_status is OrderStatus.EXPIRED:
                revive_order(matter.order, now=now)
            if matter.payment.status is PaymentState.CANCELLED:
                books.revive(matter.payment, order=matter.order)
            book_payment(matter.payment, order=matter.order, by=SYSTEM, now=now)
    except Refusal as refused:
        return refused.code
    return None


def _take_back(matter: Matter, *, reason: str, now: datetime) -> None:
    matter.intent.status = IntentStatus.CANCELLED
    if matter.payment.status is PaymentState.PENDING:
        books.withdraw(matter.payment, order=matter.order, reason=reason, now=now)
    _tell(matter, "stripe.close", now=now)


def _settle_refunds(matter: Matter, seen: Sequence[SeenMovement], *, now: datetime) -> None:
    """Follow refunds of ours first; those made at Stripe itself go into the books then."""
    movements = queries.list_movements(SYSTEM, matter.payment.id)
    strange = [one for one in seen if not _settle_own(movements, one, now=now)]
    for one in strange:
        _write_strange_refund(matter, one, now=now)


def _settle_own(movements: Sequence[StripeMovement], seen: SeenMovement, *, now: datetime) -> bool:
    """Follow a refund that is known; say no of one that was made at Stripe itself."""
    known = next((one for one in movements if one.stripe_id == seen.id), None)
    if known is not None:
        note_movement(known, seen, now=now)
        return True
    if rules.movement_status(MovementKind.REFUND, seen.status) is MovementStatus.FAILED:
        return True  # an earlier try of ours, or nobody's any more
    ours = next((one for one in movements if str(one.id) == seen.movement_id), None)
    if ours is not None:
        note_movement(ours, seen, now=now)
    return ours is not None


def _write_strange_refund(matter: Matter, seen: SeenMovement, *, now: datetime) -> None:
    amount = _bookable(matter, seen.amount_fen)
    refund = (
        refund_by_stripe(
            matter.payment, order=matter.order, amount=amount, reason=AT_STRIPE, now=now
        )
        if amount
        else None
    )
    movement = StripeMovement(
        id=MovementId(new_id()),
        payment_id=matter.payment.id,
        kind=MovementKind.REFUND,
        refund_id=None if refund is None else refund.id,
        amount_fen=seen.amount_fen,
        status=rules.movement_status(MovementKind.REFUND, seen.status),
        stripe_id=seen.id,
        wanted_at=now,
        attempts=0,
        again=0,
    )
    cover(matter.payment, Fen(seen.amount_fen - amount), now=now)
    db.session.add(movement)
    take_back(matter.payment, now=now)
    tell_movement(movement, now=now)


def _settle_dispute(matter: Matter, seen: SeenDispute, *, now: datetime) -> None:
    """Follow a dispute; lost, the money went back and leaves the books."""
    disputes = queries.list_disputes(SYSTEM, matter.payment.id)
    dispute = next((one for one in disputes if one.stripe_id == seen.id), None)
    status = rules.dispute_status(seen.status)
    if dispute is None:
        dispute = StripeDispute(
            id=DisputeId(new_id()),
            payment_id=matter.payment.id,
            stripe_id=seen.id,
            amount_fen=seen.amount_fen,
            reason=seen.reason,
            status=DisputeStatus.OPEN,
            opened_at=now,
        )
        db.session.add(dispute)
        _told_dispute(dispute, now=now)
    if dispute.status is status:
        return
    dispute.status, dispute.closed_at = status, now
    amount = _bookable(matter, seen.amount_fen)
    if status is DisputeStatus.LOST:
        cover(matter.payment, Fen(seen.amount_fen - amount), now=now)
    if status is DisputeStatus.LOST and amount:
        lost = refund_by_stripe(
            matter.payment, order=matter.order, amount=amount, reason=LOST_DISPUTE, now=now
        )
        dispute.refund_id = lost.id
        take_back(matter.payment, now=now)
    _told_dispute(dispute, now=now)


def _bookable(matter: Matter, amount: Fen) -> Fen:
    """Say how much of money that went back at Stripe still lies in the books."""
    if matter.payment.status is not PaymentState.CONFIRMED:
        return Fen(0)
    return Fen(min(amount, matter.payment.amount_fen - matter.payment.refunded_fen))


def _next_look(
    intent: StripeIntent, seen: Standing, *, errand: Errand, now: datetime
) -> datetime | None:
    """Say when to ask again by ourselves, should every event be lost."""
    if intent.status is IntentStatus.CLOSING and errand.kind is ErrandKind.OPEN:
        return now
    if intent.status in rules.ASKED:
        return now + rules.LONGEST_WAIT
    waits = any(one.status == "pending" for one in seen.refunds) or any(
        rules.dispute_status(one.status) is DisputeStatus.OPEN for one in seen.disputes
    )
    return now + rules.LOOK_AGAIN if waits else None


def _tell(matter: Matter, action: str, *, now: datetime) -> None:
    db.session.flush()
    after = {"status": matter.intent.status, "reason": matter.intent.parked_reason}
    audit.write(action, subject=("payment", matter.payment.id), by=SYSTEM, now=now, after=after)


def _told_dispute(dispute: StripeDispute, *, now: datetime) -> None:
    db.session.flush()
    after = {"status": dispute.status, "amount_fen": dispute.amount_fen}
    audit.write(
        "stripe.dispute", subject=("stripe_dispute", dispute.id), by=SYSTEM, now=now, after=after
    )
