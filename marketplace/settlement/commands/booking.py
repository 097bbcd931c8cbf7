"""How money of an order is written down: who handles it, its parts, its ledger, its lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Table, false, insert, or_

from kernel import ledger
from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.events import record
from kernel.identity import new_id
from kernel.ledger import AccountId
from kernel.money import Fen
from marketplace.campaigns.queries.commissions import has_failed
from marketplace.events import PaymentPosted
from marketplace.orders.commands.deciding import finish_order
from marketplace.orders.models.orders import PurchaseOrder
from marketplace.orders.queries.finding import bound_to, list_lines, sold_by
from marketplace.orders.rules.orders import payment_status
from marketplace.settlement.models.payments import (
    Allocation,
    AllocationKind,
    Payment,
    PaymentState,
    Refund,
)
from marketplace.settlement.queries import payments as queries
from marketplace.settlement.rules import payments as rules
from marketplace.settlement.rules.payments import Part
from procurement.policies.models import OrderKind
from procurement.quotas.commands import holds as quotas
from registry.accounts.models import Role, UserId


def either_side(by: Actor) -> ColumnElement[bool]:
    """Say, of `PurchaseOrder`, that the actor handles its money: who pays, or who is paid."""
    pays = bound_to(by) if by.has(Role.UNIT_FINANCE) else false()
    is_paid = sold_by(by) if by.has(Role.COOP_MANAGER) else false()
    return or_(pays, is_paid)


def parts_of(order: PurchaseOrder, *, by: Actor) -> list[Part]:
    """Cost a locked order's lines and freight, with the money that lies on each."""
    money = queries.sum_money_by_line(by, order.id)
    farmed = order.kind is OrderKind.COMMISSIONED_FARMING
    failed = farmed and has_failed(SYSTEM, order.id)
    return rules.parts_of(order, lines=list_lines(by, order.id), money=money, failed=failed)


def to_order(order: PurchaseOrder, amount: Fen) -> list[tuple[AccountId, Fen]]:
    """Bring money from the unit's clearing account to the order's; below zero, back."""
    clearing = ledger.account("buyer_clearing", order.bound_unit_id)
    return [(clearing, Fen(-amount)), (ledger.account("order", order.id), amount)]


def allocate(
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


def book_payment(
    payment: Payment,
    *,
    order: PurchaseOrder,
    by: Actor,
    now: datetime,
    hand: UserId | None = None,
) -> None:
    """Turn money that came into spent money of a locked order's year, spread over its lines.

    The payment was announced and is pending, or is new: nobody announced it. Refuses an order
    that is not to be paid (WrongState) and more than it is owed (AmountExceedsDue). `hand` is
    who brought the proof, where nobody decides.
    """
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
    payment.decided_by = hand if by is SYSTEM else UserId(by.user_id)
    payment.decided_at = now
    db.session.add(payment)
    if payment.registered_by is not None:
        order.pending_fen = Fen(order.pending_fen - payment.amount_fen)
    order.paid_fen = Fen(order.paid_fen + payment.amount_fen)
    order.payment_status = payment_status(order)
    db.session.flush()
    allocate(order, parts=parts, amounts=amounts, of=payment, now=now)
    finish_order(order, now=now)
    record(PaymentPosted(order_id=order.id, payment_id=payment.id), now=now)
