"""Which treasury orders there are, and the payments each makes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select

from kernel.actor import Actor
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked, one
from marketplace.orders.models.orders import PurchaseOrder
from marketplace.orders.queries.finding import visible_orders
from marketplace.settlement.models.payments import Payment
from marketplace.settlement.models.treasury import TreasuryOrder, TreasuryOrderId


@dataclass(frozen=True, slots=True)
class TreasuryView:
    """A treasury order with its payments, by order."""

    treasury_order: TreasuryOrder
    payments: Sequence[Payment]


def get_treasury_view(actor: Actor, treasury_order_id: TreasuryOrderId) -> TreasuryView:
    """Get a treasury order all of whose orders the actor sees (NotFound)."""
    return _views([one(_seen(actor).where(TreasuryOrder.id == treasury_order_id))])[0]


def list_treasury_orders(actor: Actor, *, limit: int, cursor: str | None) -> Page[TreasuryView]:
    """List the treasury orders all of whose orders the actor sees, the newest first."""
    found = page(_seen(actor), keys=[(TreasuryOrder.id, True)], limit=limit, cursor=cursor)
    return Page(_views(found.items), found.next_cursor)


def lock_treasury_order(actor: Actor, treasury_order_id: TreasuryOrderId) -> TreasuryOrder:
    """Get a treasury order in the actor's sight, locked (NotFound)."""
    statement = _seen(actor).where(TreasuryOrder.id == treasury_order_id)
    return locked(statement, key_share=True)


def _seen(actor: Actor) -> Select[TreasuryOrder]:
    """Select what pays nothing that the actor does not see."""
    mine = select(PurchaseOrder.id).where(visible_orders(actor))
    hidden = select(Payment.treasury_order_id).where(
        Payment.treasury_order_id.is_not(None), Payment.order_id.not_in(mine)
    )
    return select(TreasuryOrder).where(TreasuryOrder.id.not_in(hidden))


def _views(found: Sequence[TreasuryOrder]) -> list[TreasuryView]:
    payments: dict[TreasuryOrderId | None, list[Payment]] = defaultdict(list)
    statement = (
        select(Payment)
        .where(Payment.treasury_order_id.in_([one.id for one in found]))
        .order_by(Payment.order_id)
        .execution_options(populate_existing=True)
    )
    for payment in db.session.scalars(statement):
        payments[payment.treasury_order_id].append(payment)
    return [TreasuryView(one, payments[one.id]) for one in found]
