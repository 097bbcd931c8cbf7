"""What can be done with money that goes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from kernel import audit, ledger
from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.events import record
from kernel.identity import new_id
from kernel.money import Fen
from marketplace.events import PaymentRefunded
from marketplace.orders.models.orders import OrderLineId, PurchaseOrder
from marketplace.orders.queries.finding import lock_order
from marketplace.orders.rules.orders import payment_status
from marketplace.settlement.commands.booking import allocate, either_side, parts_of, to_order
from marketplace.settlement.commands.funds import give_back
from marketplace.settlement.commands.intents import send_back
from marketplace.settlement.models.payments import Payment, PaymentId, Refund, RefundId
from marketplace.settlement.queries import payments as queries
from marketplace.settlement.queries.payments import RefundView
from marketplace.settlement.rules import payments as rules
from procurement.quotas.commands import holds as quotas
from registry.accounts.models import UserId
from registry.accounts.queries.people import list_accounts_of
from registry.documents.rules import check_clear_of_identity


@dataclass(frozen=True, slots=True)
class LineRefund:
    """So much of a refund out of one line."""

    order_line_id: OrderLineId
    amount_fen: Fen


@dataclass(frozen=True, slots=True)
class NewRefund:
    """Money that goes back; without lines it is taken where too much lies, then from all alike."""

    amount_fen: Fen
    reason: str
    lines: Sequence[LineRefund] = ()


def refund_payment(
    new: NewRefund, *, payment_id: PaymentId, by: Actor, now: datetime
) -> RefundView:
    """Let money of a confirmed payment go back; the unit's year gets it back at once.

    By finance of the bound unit or the supplier's manager, never by the order's author
    (SamePerson). Refuses more than is left of the payment, or of a line (RefundExceedsPaid).
    What was already split over households is reversed by attribution, seconds later.
    """
    check_clear_of_identity(new.reason, pointer="/reason")
    order = lock_order(by, queries.get_order_id(by, payment_id), either_side(by))
    payment = queries.lock_payment(by, payment_id)
    rules.check_refunder(order, by=by, hands=list_accounts_of(by, {order.author_id}))
    rules.check_refund(new.amount_fen, payment=payment)
    refund = _book(new, payment=payment, order=order, by=by, now=now)
    send_back(refund, payment=payment, by=by, now=now)
    view = queries.get_refund_view(by, refund.id)
    audit.write("payment.refund", subject=("refund", refund.id), by=by, now=now, after=asdict(view))
    return view


def refund_by_stripe(
    payment: Payment, *, order: PurchaseOrder, amount: Fen, reason: str, now: datetime
) -> Refund:
    """Book money that went back without anybody here: by the buyer's bank, or from Stripe itself.

    The order and the payment are locked; the amount is at most what is left of the payment.
    """
    new = NewRefund(amount, reason)
    refund = _book(new, payment=payment, order=order, by=SYSTEM, now=now)
    view = queries.get_refund_view(SYSTEM, refund.id)
    subject = ("refund", refund.id)
    audit.write("payment.refund", subject=subject, by=SYSTEM, now=now, after=asdict(view))
    return refund


def _book(
    new: NewRefund, *, payment: Payment, order: PurchaseOrder, by: Actor, now: datetime
) -> Refund:
    """Take a refund from the order's lines, the quota and the ledger; tell of it."""
    parts = parts_of(order, by=by)
    named = [(one.order_line_id, one.amount_fen) for one in new.lines]
    amounts = (
        rules.take_back_named(new.amount_fen, named=named, parts=parts)
        if named
        else rules.take_back(new.amount_fen, parts=parts)
    )
    quotas.refund(order_id=order.id, amounts=rules.by_heading(amounts, parts=parts), now=now)
    refund = _write_refund(new, payment=payment, order=order, by=by, now=now)
    payment.refunded_fen = Fen(payment.refunded_fen + new.amount_fen)
    order.refunded_fen = Fen(order.refunded_fen + new.amount_fen)
    order.payment_status = payment_status(order)
    db.session.flush()
    allocate(order, parts=parts, amounts=amounts, of=refund, now=now)
    if payment.collected:
        give_back(refund, supplier_id=order.supplier_id, now=now)
    record(PaymentRefunded(order_id=order.id, payment_id=payment.id, refund_id=refund.id), now=now)
    return refund


def _write_refund(
    new: NewRefund, *, payment: Payment, order: PurchaseOrder, by: Actor, now: datetime
) -> Refund:
    refund_id = RefundId(new_id())
    refund = Refund(
        id=refund_id,
        payment_id=payment.id,
        order_id=order.id,
        amount_fen=new.amount_fen,
        reason=new.reason,
        author_id=order.author_id,
        refunded_by=None if by is SYSTEM else UserId(by.user_id),
        by_stripe=by is SYSTEM,
        refunded_at=now,
        transfer_id=ledger.transfer(
            "refund",
            reference=str(refund_id),
            postings=to_order(order, Fen(-new.amount_fen)),
            now=now,
            reverses=payment.transfer_id,
        ),
    )
    db.session.add(refund)
    return refund
