"""What can be done with payments: register, confirm, cancel."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from kernel import audit, ledger
from kernel.actor import Actor
from kernel.calendar import shanghai_year
from kernel.database import db
from kernel.events import record
from kernel.identity import new_id
from kernel.money import Fen
from kernel.numbers import next_number
from marketplace.events import PaymentPosted
from marketplace.orders.commands.deciding import finish_order
from marketplace.orders.models.orders import OrderId
from marketplace.orders.queries.finding import bound_to, lock_order, sold_by
from marketplace.orders.rules.orders import payment_status
from marketplace.settlement.commands.booking import allocate, either_side, parts_of, to_order
from marketplace.settlement.models.payments import (
    Payment,
    PaymentId,
    PaymentMethod,
    PaymentState,
)
from marketplace.settlement.queries import payments as queries
from marketplace.settlement.queries.payments import PaymentView
from marketplace.settlement.rules import payments as rules
from procurement.approvals.queries import list_hands
from procurement.quotas.commands import holds as quotas
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity


@dataclass(frozen=True, slots=True)
class NewPayment:
    """Money on its way; `reference` is the bank's or treasury's."""

    method: PaymentMethod
    amount_fen: Fen
    reference: str | None = None


def register_payment(
    new: NewPayment, *, order_id: OrderId, by: Actor, now: datetime
) -> PaymentView:
    """Say that money for an order is on its way; nothing counts before it is confirmed.

    By finance of the bound unit or one above it. Refuses author and approver (SamePerson), an
    order not taken on or ended (WrongState), more than is due (AmountExceedsDue).
    """
    rules.check_method(new.method)
    check_clear_of_identity(new.reference, pointer="/reference")
    order = lock_order(by, order_id, bound_to(by))
    rules.check_payable(order)
    rules.check_payer(order, by=by, hands=list_hands(by, order.id))
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
    return _done("payment.register", payment, by=by, now=now)


def confirm_payment(payment_id: PaymentId, *, by: Actor, now: datetime) -> PaymentView:
    """Say that the money came: it is spent of the unit's year and counts from now.

    By the supplier's manager, never by whoever registered it (SamePerson). It is spread over
    what the order's lines still cost; an order that is taken in and paid is completed.
    """
    order = lock_order(by, queries.get_order_id(by, payment_id), sold_by(by))
    payment = queries.lock_payment(by, payment_id)
    rules.check_pending(payment)
    rules.check_confirmer(payment, by=by)
    rules.check_payable(order)
    parts = parts_of(order, by=by)
    amounts = rules.spread(payment.amount_fen, parts=parts)
    quotas.post(order_id=order.id, amounts=rules.by_heading(amounts, parts=parts), now=now)
    payment.transfer_id = ledger.transfer(
        "payment",
        reference=str(payment.id),
        postings=to_order(order, payment.amount_fen),
        now=now,
    )
    payment.status = PaymentState.CONFIRMED
    payment.decided_by, payment.decided_at = UserId(by.user_id), now
    order.pending_fen = Fen(order.pending_fen - payment.amount_fen)
    order.paid_fen = Fen(order.paid_fen + payment.amount_fen)
    order.payment_status = payment_status(order)
    db.session.flush()
    allocate(order, parts=parts, amounts=amounts, of=payment, now=now)
    finish_order(order, now=now)
    record(PaymentPosted(order_id=order.id, payment_id=payment.id), now=now)
    return _done("payment.confirm", payment, by=by, now=now)


def cancel_payment(payment_id: PaymentId, *, reason: str, by: Actor, now: datetime) -> PaymentView:
    """Say that a payment was a mistake or never came; the order may be paid anew, or lapse.

    By finance of the bound unit, or the supplier's manager.
    """
    check_clear_of_identity(reason, pointer="/reason")
    order = lock_order(by, queries.get_order_id(by, payment_id), either_side(by))
    payment = queries.lock_payment(by, payment_id)
    rules.check_pending(payment)
    payment.status = PaymentState.CANCELLED
    payment.decided_by, payment.decided_at = UserId(by.user_id), now
    payment.cancel_reason = reason
    order.pending_fen = Fen(order.pending_fen - payment.amount_fen)
    return _done("payment.cancel", payment, by=by, now=now)


def _done(action: str, payment: Payment, *, by: Actor, now: datetime) -> PaymentView:
    db.session.flush()
    view = queries.get_payment_view(by, payment.id)
    audit.write(action, subject=("payment", payment.id), by=by, now=now, after=asdict(view))
    return view
