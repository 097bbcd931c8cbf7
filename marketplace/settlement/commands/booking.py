"""Where money of an order is written down: who handles it, its parts, its ledger, its lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Table, false, insert, or_

from kernel import ledger
from kernel.actor import Actor
from kernel.database import db
from kernel.identity import new_id
from kernel.ledger import AccountId
from kernel.money import Fen
from marketplace.orders.models.orders import PurchaseOrder
from marketplace.orders.queries.finding import bound_to, list_lines, sold_by
from marketplace.settlement.models.payments import Allocation, AllocationKind, Payment, Refund
from marketplace.settlement.queries import payments as queries
from marketplace.settlement.rules import payments as rules
from marketplace.settlement.rules.payments import Part
from registry.accounts.models import Role


def either_side(by: Actor) -> ColumnElement[bool]:
    """Say, of `PurchaseOrder`, that the actor handles its money: who pays, or who is paid."""
    pays = bound_to(by) if by.has(Role.UNIT_FINANCE) else false()
    is_paid = sold_by(by) if by.has(Role.COOP_MANAGER) else false()
    return or_(pays, is_paid)


def parts_of(order: PurchaseOrder, *, by: Actor) -> list[Part]:
    """Cost a locked order's lines and freight, with the money that lies on each."""
    money = queries.sum_money_by_line(by, order.id)
    return rules.parts_of(order, lines=list_lines(by, order.id), money=money)


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
