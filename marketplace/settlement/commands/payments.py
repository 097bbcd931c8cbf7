"""What can be done with payments: register, confirm, cancel."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_year
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from kernel.numbers import next_number
from marketplace.orders.models.orders import OrderId, PurchaseOrder
from marketplace.orders.queries.finding import bound_to, lock_order, sold_by
from marketplace.settlement.commands.booking import book_payment, either_side, parts_of
from marketplace.settlement.commands.intents import close_intent, open_intent
from marketplace.settlement.models.payments import (
    Payment,
    PaymentId,
    PaymentMethod,
    PaymentState,
)
from marketplace.settlement.models.stripe import StripeWay
from marketplace.settlement.queries import payments as queries
from marketplace.settlement.queries.payments import PaymentView
from marketplace.settlement.rules import payments as rules
from marketplace.settlement.rules import stripe as stripe_rules
from procurement.approvals.queries import list_hands
from registry.accounts.models import UserId
from registry.accounts.queries.people import list_accounts_of
from registry.documents.rules import check_clear_of_identity


@dataclass(frozen=True, slots=True)
class NewPayment:
    """Money on its way; `reference` is the bank's or treasury's, `way` by what Stripe is paid."""

    method: PaymentMethod
    amount_fen: Fen
    reference: str | None = None
    way: StripeWay | None = None


def register_payment(
    new: NewPayment, *, order_id: OrderId, by: Actor, now: datetime, stripe: bool = False
) -> PaymentView:
    """Say that money for an order is on its way; nothing counts before it is confirmed.

    By finance of the bound unit or one above it. Refuses author and approver (SamePerson), an
    order not taken on or ended (WrongState), more than is due (AmountExceedsDue), and Stripe
    where it is not offered. What Stripe is to collect it is asked for once this stands.
    """
    rules.check_method(new.method, stripe=stripe)
    way = stripe_rules.way_of(new.method, new.way)
    check_clear_of_identity(new.reference, pointer="/reference")
    order = lock_order(by, order_id, bound_to(by))
    rules.check_payable(order)
    hands = list_accounts_of(by, {order.author_id, *list_hands(by, order.id)})
    rules.check_payer(order, by=by, hands=hands)
    still_due = rules.due(parts_of(order, by=by), pending=order.pending_fen)
    rules.check_amount(new.amount_fen, due=still_due)
    payment = Payment(
        id=PaymentId(new_id()),
        number=next_number("BF-P", region_code=by.region_code, year=shanghai_year(now)),
        order_id=order.id,
        method=new.method,
        amount_fen=new.amount_fen,
        refunded_fen=Fen(0),
        reference=new.reference,
        status=PaymentState.PENDING,
        author_id=order.author_id,
        approver_id=order.decided_by,
        registered_by=UserId(by.user_id),
        registered_at=now,
    )
    db.session.add(payment)
    order.pending_fen = Fen(order.pending_fen + new.amount_fen)
    open_intent(payment, way=way, now=now)
    return _done("payment.register", payment, by=by, now=now)


def confirm_payment(payment_id: PaymentId, *, by: Actor, now: datetime) -> PaymentView:
    """Say that the money came: it is spent of the unit's year and counts from now.

    By the supplier's manager, never by whoever registered it (SamePerson), and never of what
    Stripe collects (StripeDecides). It is spread over what the order's lines still cost; an
    order that is taken in and paid is completed.
    """
    order = lock_order(by, queries.get_order_id(by, payment_id), sold_by(by))
    payment = queries.lock_payment(by, payment_id)
    rules.check_pending(payment)
    rules.check_alone(payment)
    stripe_rules.check_hands(payment.method)
    rules.check_confirmer(payment, by=by, hands=list_accounts_of(by, {payment.registered_by}))
    return post_payment(payment, order=order, by=by, now=now)


def post_payment(
    payment: Payment, *, order: PurchaseOrder, by: Actor = SYSTEM, now: datetime
) -> PaymentView:
    """Let money that came count, the order and the payment being locked."""
    book_payment(payment, order=order, by=by, now=now)
    return _done("payment.confirm", payment, by=by, now=now)


def cancel_payment(payment_id: PaymentId, *, reason: str, by: Actor, now: datetime) -> PaymentView:
    """Say that a payment was a mistake or never came; the order may be paid anew, or lapse.

    By finance of the bound unit, or the supplier's manager.
    """
    check_clear_of_identity(reason, pointer="/reason")
    order = lock_order(by, queries.get_order_id(by, payment_id), either_side(by))
    payment = queries.lock_payment(by, payment_id)
    rules.check_pending(payment)
    rules.check_alone(payment)
    close_intent(payment, by=by, now=now)
    return withdraw(payment, order=order, reason=reason, by=by, now=now)


def withdraw(
    payment: Payment, *, order: PurchaseOrder, reason: str, by: Actor = SYSTEM, now: datetime
) -> PaymentView:
    """Take a pending payment back, the order and the payment being locked."""
    payment.status = PaymentState.CANCELLED
    payment.decided_by, payment.decided_at = _hand(by), now
    payment.cancel_reason = reason
    order.pending_fen = Fen(order.pending_fen - payment.amount_fen)
    return _done("payment.cancel", payment, by=by, now=now)


def revive(payment: Payment, *, order: PurchaseOrder) -> None:
    """Let a cancelled payment wait again, whose money came all the same; both are locked.

    Refuses an order that ended (WrongState) or that was paid otherwise (AmountExceedsDue).
    """
    rules.check_payable(order)
    still_due = rules.due(parts_of(order, by=SYSTEM), pending=order.pending_fen)
    rules.check_amount(payment.amount_fen, due=still_due)
    payment.status, payment.cancel_reason = PaymentState.PENDING, None
    payment.decided_by = payment.decided_at = None
    order.pending_fen = Fen(order.pending_fen + payment.amount_fen)


def _hand(by: Actor) -> UserId | None:
    """Say who decided; nobody did what followed by itself."""
    return None if by is SYSTEM else UserId(by.user_id)


def _done(action: str, payment: Payment, *, by: Actor, now: datetime) -> PaymentView:
    db.session.flush()
    view = queries.get_payment_view(by, payment.id)
    audit.write(action, subject=("payment", payment.id), by=by, now=now, after=asdict(view))
    return view
