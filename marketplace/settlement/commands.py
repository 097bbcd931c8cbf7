"""What can be done with money: register, confirm, cancel a payment; let money go back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Table, false, insert, or_

from kernel import audit, ledger
from kernel.actor import Actor
from kernel.calendar import shanghai_year
from kernel.database import db
from kernel.events import record
from kernel.identity import new_id
from kernel.ledger import AccountId
from kernel.money import Fen
from kernel.numbers import next_number
from marketplace.events import PaymentPosted, PaymentRefunded
from marketplace.orders.commands.deciding import finish_order
from marketplace.orders.models.orders import OrderId, OrderLineId, PurchaseOrder
from marketplace.orders.queries.finding import bound_to, list_lines, lock_order, sold_by
from marketplace.orders.rules.orders import payment_status
from marketplace.settlement import queries, rules
from marketplace.settlement.models import (
    Allocation,
    AllocationKind,
    Payment,
    PaymentId,
    PaymentMethod,
    PaymentState,
    Refund,
    RefundId,
)
from marketplace.settlement.queries import PaymentView, RefundView
from marketplace.settlement.rules import Part
from procurement.approvals.queries import list_hands
from procurement.quotas.commands import holds as quotas
from registry.accounts.models import Role, UserId
from registry.documents.rules import check_clear_of_identity


@dataclass(frozen=True, slots=True)
class NewPayment:
    """Money on its way; `reference` is the bank's or treasury's."""

    method: PaymentMethod
    amount_fen: Fen
    reference: str | None = None


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
    still_due = rules.due(_parts_of(order, by=by), pending=order.pending_fen)
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
    parts = _parts_of(order, by=by)
    amounts = rules.spread(payment.amount_fen, parts=parts)
    quotas.post(order_id=order.id, amounts=rules.by_heading(amounts, parts=parts), now=now)
    payment.transfer_id = ledger.transfer(
        "payment",
        reference=str(payment.id),
        postings=_to_order(order, payment.amount_fen),
        now=now,
    )
    payment.status = PaymentState.CONFIRMED
    payment.decided_by, payment.decided_at = UserId(by.user_id), now
    order.pending_fen = Fen(order.pending_fen - payment.amount_fen)
    order.paid_fen = Fen(order.paid_fen + payment.amount_fen)
    order.payment_status = payment_status(order)
    db.session.flush()
    _allocate(order, parts=parts, amounts=amounts, of=payment, now=now)
    finish_order(order, now=now)
    record(PaymentPosted(order_id=order.id, payment_id=payment.id), now=now)
    return _done("payment.confirm", payment, by=by, now=now)


def cancel_payment(payment_id: PaymentId, *, reason: str, by: Actor, now: datetime) -> PaymentView:
    """Say that a payment was a mistake or never came; the order may be paid anew, or lapse.

    By finance of the bound unit, or the supplier's manager.
    """
    check_clear_of_identity(reason, pointer="/reason")
    order = lock_order(by, queries.get_order_id(by, payment_id), _either_side(by))
    payment = queries.lock_payment(by, payment_id)
    rules.check_pending(payment)
    payment.status = PaymentState.CANCELLED
    payment.decided_by, payment.decided_at = UserId(by.user_id), now
    payment.cancel_reason = reason
    order.pending_fen = Fen(order.pending_fen - payment.amount_fen)
    return _done("payment.cancel", payment, by=by, now=now)


def refund_payment(
    new: NewRefund, *, payment_id: PaymentId, by: Actor, now: datetime
) -> RefundView:
    """Let money of a confirmed payment go back; the unit's year gets it back at once.

    By finance of the bound unit or the supplier's manager, never by the order's author
    (SamePerson). Refuses more than is left of the payment, or of a line (RefundExceedsPaid).
    What was already split over households is reversed by attribution, seconds later.
    """
    check_clear_of_identity(new.reason, pointer="/reason")
    order = lock_order(by, queries.get_order_id(by, payment_id), _either_side(by))
    payment = queries.lock_payment(by, payment_id)
    rules.check_refunder(order, by=by)
    rules.check_refund(new.amount_fen, payment=payment)
    parts = _parts_of(order, by=by)
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
    _allocate(order, parts=parts, amounts=amounts, of=refund, now=now)
    record(PaymentRefunded(order_id=order.id, payment_id=payment.id, refund_id=refund.id), now=now)
    view = queries.get_refund_view(by, refund.id)
    audit.write("payment.refund", subject=("refund", refund.id), by=by, now=now, after=asdict(view))
    return view


def _either_side(by: Actor) -> ColumnElement[bool]:
    """Say, of `PurchaseOrder`, that the actor handles its money: who pays, or who is paid."""
    pays = bound_to(by) if by.has(Role.UNIT_FINANCE) else false()
    is_paid = sold_by(by) if by.has(Role.COOP_MANAGER) else false()
    return or_(pays, is_paid)


def _parts_of(order: PurchaseOrder, *, by: Actor) -> list[Part]:
    money = queries.sum_money_by_line(by, order.id)
    return rules.parts_of(order, lines=list_lines(by, order.id), money=money)


def _to_order(order: PurchaseOrder, amount: Fen) -> list[tuple[AccountId, Fen]]:
    """Bring money from the unit's clearing account to the order's; below zero, back."""
    clearing = ledger.account("buyer_clearing", order.bound_unit_id)
    return [(clearing, Fen(-amount)), (ledger.account("order", order.id), amount)]


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
        refunded_by=UserId(by.user_id),
        refunded_at=now,
        transfer_id=ledger.transfer(
            "refund",
            reference=str(refund_id),
            postings=_to_order(order, Fen(-new.amount_fen)),
            now=now,
            reverses=payment.transfer_id,
        ),
    )
    db.session.add(refund)
    return refund


def _allocate(
    order: PurchaseOrder,
    *,
    parts: Sequence[Part],
    amounts: Sequence[Fen],
    of: Payment | Refund,
    now: datetime,
) -> None:
    """Write on which lines a payment came to lie, or from which a refund was taken."""
    comes = isinstance(of, Payment)
    rows = [
        {
            "id": new_id(),
            "order_id": order.id,
            "order_line_id": part.line_id,
            "kind": AllocationKind.PAYMENT if comes else AllocationKind.REFUND,
            "payment_id": of.id if comes else None,
            "refund_id": None if comes else of.id,
            "amount_fen": amount if comes else -amount,
            "at": now,
        }
        for part, amount in zip(parts, amounts, strict=True)
        if amount
    ]
    db.session.execute(insert(cast("Table", Allocation.__table__)), rows)


def _done(action: str, payment: Payment, *, by: Actor, now: datetime) -> PaymentView:
    db.session.flush()
    view = queries.get_payment_view(by, payment.id)
    audit.write(action, subject=("payment", payment.id), by=by, now=now, after=asdict(view))
    return view
