"""What a buyer bought from a supplier lately, as bands of approval look at it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from marketplace.orders.models.orders import OrderLine, OrderStatus, PurchaseOrder
from procurement.approvals.rules import Bought

STAND = (
    OrderStatus.PENDING_APPROVAL,
    OrderStatus.PLACED,
    OrderStatus.CONFIRMED,
    OrderStatus.COMPLETED,
)


def list_bought(actor: Actor, order: PurchaseOrder, *, since: datetime) -> list[Bought]:
    """List what the order's buyer bought for its unit from its supplier until it, itself too.

    Only what stands: nothing that was called off, sent back or has lapsed.
    """
    del actor  # only the reaction to an order asks
    rows = db.session.execute(
        select(
            PurchaseOrder.id,
            PurchaseOrder.fund,
            OrderLine.category_code,
            func.sum(OrderLine.amount_fen),
        )
        .join(OrderLine, OrderLine.order_id == PurchaseOrder.id)
        .where(
            PurchaseOrder.buyer_id == order.buyer_id,
            PurchaseOrder.supplier_id == order.supplier_id,
            PurchaseOrder.bound_unit_id == order.bound_unit_id,
            PurchaseOrder.placed_at >= since,
            PurchaseOrder.placed_at <= order.placed_at,
            PurchaseOrder.order_status.in_(STAND),
        )
        .group_by(PurchaseOrder.id, OrderLine.category_code)
        .order_by(PurchaseOrder.id)
    )
    found: dict[object, Bought] = {}
    for order_id, fund, category, amount in rows:
        one = found.setdefault(order_id, Bought(order_id, fund, {}))
        found[order_id] = Bought(order_id, fund, {**one.amounts, category: Fen(int(amount))})
    return list(found.values())
