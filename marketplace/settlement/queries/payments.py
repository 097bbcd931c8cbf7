"""Which payments and refunds there are, and where the money of an order lies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.rows import one
from marketplace.orders.models.orders import OrderId, OrderLineId, PurchaseOrder
from marketplace.orders.queries.finding import get_order, visible_orders
from marketplace.settlement.models.payments import (
    Allocation,
    AllocationKind,
    Payment,
    PaymentId,
    PaymentMethod,
    PaymentState,
    Refund,
    RefundId,
)


@dataclass(frozen=True, slots=True)
class OnLine:
    """So much money on one line; no line means the order's freight."""

    order_line_id: OrderLineId | None
    amount_fen: Fen


@dataclass(frozen=True, slots=True)
class RefundView:
    """A refund and the lines it was taken from."""

    id: RefundId
    payment_id: PaymentId
    order_id: OrderId
    amount_fen: Fen
    reason: str
    refunded_by: UUID | None
    refunded_at: datetime
    lines: Sequence[OnLine]


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment, the lines it was spread over once it was confirmed, and what went back.

    `client_secret` and `next_step` are only in the answer to who registers it for Stripe.
    """

    id: PaymentId
    number: str
    order_id: OrderId
    method: PaymentMethod
    amount_fen: Fen
    refunded_fen: Fen
    reference: str | None
    status: PaymentState
    registered_by: UUID | None
    registered_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    cancel_reason: str | None
    lines: Sequence[OnLine]
    refunds: Sequence[RefundView]
    client_secret: str | None = None
    next_step: str | None = None


def get_payment_view(actor: Actor, payment_id: PaymentId) -> PaymentView:
    """Get a payment of an order in the actor's sight (NotFound)."""
    payment = one(
        select(Payment)
        .join(PurchaseOrder, PurchaseOrder.id == Payment.order_id)
        .where(Payment.id == payment_id, visible_orders(actor))
    )
    return _views([payment])[0]


def get_refund_view(actor: Actor, refund_id: RefundId) -> RefundView:
    """Get a refund of an order in the actor's sight (NotFound)."""
    refund = one(
        select(Refund)
        .join(PurchaseOrder, PurchaseOrder.id == Refund.order_id)
        .where(Refund.id == refund_id, visible_orders(actor))
    )
    return _refund_views([refund])[0]


def list_payments(
    actor: Actor, order_id: OrderId, *, limit: int, cursor: str | None
) -> Page[PaymentView]:
    """List the payments of an order in the actor's sight, the newest first (NotFound)."""
    get_order(actor, order_id)
    found = page(
        select(Payment).where(Payment.order_id == order_id),
        keys=[(Payment.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"order": order_id},
    )
    return Page(_views(found.items), found.next_cursor)


def get_order_id(actor: Actor, payment_id: PaymentId) -> OrderId:
    """Get the order a payment is for, so that it can be locked first (NotFound)."""
    del actor  # the lock on the order looks at the actor
    return one(select(Payment.order_id).where(Payment.id == payment_id))


def lock_payment(actor: Actor, payment_id: PaymentId) -> Payment:
    """Get a payment, locked; its order was locked before in the actor's sight."""
    del actor  # the order that asks was found in the actor's sight
    return db.session.execute(
        select(Payment)
        .where(Payment.id == payment_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one()


def sum_money_by_line(actor: Actor, order_id: OrderId) -> dict[OrderLineId | None, tuple[Fen, Fen]]:
    """Add up an order's confirmed money by line (None: freight): what came, what went back."""
    del actor  # the order that asks was found in the actor's sight
    came = func.sum(Allocation.amount_fen).filter(Allocation.kind == AllocationKind.PAYMENT)
    kept = func.sum(Allocation.amount_fen)
    rows = db.session.execute(
        select(Allocation.order_line_id, came, kept)
        .where(Allocation.order_id == order_id)
        .group_by(Allocation.order_line_id)
    )
    return {line: (Fen(int(came)), Fen(int(came - kept))) for line, came, kept in rows}


def list_line_refunds(
    actor: Actor, order_id: OrderId
) -> dict[OrderLineId, list[tuple[RefundId, Fen]]]:
    """List what each refund took from each line of an order, the newest first."""
    del actor  # the order that asks was found in the actor's sight
    rows = db.session.execute(
        select(Allocation.order_line_id, Allocation.refund_id, -Allocation.amount_fen)
        .where(
            Allocation.order_id == order_id,
            Allocation.kind == AllocationKind.REFUND,
        )
        .order_by(Allocation.position.desc())
    )
    found: dict[OrderLineId, list[tuple[RefundId, Fen]]] = defaultdict(list)
    for line_id, refund_id, amount in rows:
        if line_id is not None and refund_id is not None:
            found[line_id].append((refund_id, Fen(amount)))
    return found


def _views(payments: Sequence[Payment]) -> list[PaymentView]:
    ids = [payment.id for payment in payments]
    lines = _lines_by(Allocation.payment_id, ids)
    refunds: dict[PaymentId, list[RefundView]] = defaultdict(list)
    statement = select(Refund).where(Refund.payment_id.in_(ids)).order_by(Refund.position)
    for view in _refund_views(list(db.session.scalars(statement))):
        refunds[view.payment_id].append(view)
    return [
        PaymentView(
            **{name: getattr(payment, name) for name in _PAYMENT_FIELDS},
            lines=lines[payment.id],
            refunds=refunds[payment.id],
        )
        for payment in payments
    ]


def _refund_views(refunds: Sequence[Refund]) -> list[RefundView]:
    lines = _lines_by(Allocation.refund_id, [refund.id for refund in refunds])
    return [
        RefundView(
            **{name: getattr(refund, name) for name in _REFUND_FIELDS}, lines=lines[refund.id]
        )
        for refund in refunds
    ]


def _lines_by(column: InstrumentedAttribute[Any], ids: Sequence[UUID]) -> dict[UUID, list[OnLine]]:
    """List the lines that payments or refunds touch, in the order they were written, unsigned."""
    rows = db.session.execute(
        select(column, Allocation.order_line_id, func.abs(Allocation.amount_fen))
        .where(column.in_(ids))
        .order_by(Allocation.position)
    )
    found: dict[UUID, list[OnLine]] = defaultdict(list)
    for source_id, line_id, amount in rows:
        found[source_id].append(OnLine(line_id, Fen(amount)))
    return found


_APART = {"lines", "refunds", "client_secret", "next_step"}
_PAYMENT_FIELDS = tuple(name for name in PaymentView.__dataclass_fields__ if name not in _APART)
_REFUND_FIELDS = tuple(name for name in RefundView.__dataclass_fields__ if name not in _APART)
