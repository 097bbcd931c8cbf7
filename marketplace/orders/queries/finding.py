"""Which orders an actor sees, finds and may lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import defer

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from marketplace.orders.models.orders import (
    CheckoutId,
    FulfilmentStatus,
    OrderId,
    OrderLine,
    OrderStatus,
    PaymentStatus,
    PurchaseOrder,
)
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible

OPEN_STATES = (OrderStatus.PENDING_APPROVAL, OrderStatus.PLACED, OrderStatus.CONFIRMED)


@dataclass(frozen=True)
class OrderFilter:
    """Which orders to list; None leaves a side open."""

    order_status: OrderStatus | None = None
    fulfilment_status: FulfilmentStatus | None = None
    payment_status: PaymentStatus | None = None
    bound_unit_id: OrganisationId | None = None
    supplier_id: OrganisationId | None = None
    checkout_id: CheckoutId | None = None
    year: int | None = None


def bound_to(actor: Actor) -> ColumnElement[bool]:
    """Say, of `PurchaseOrder`, that it is bound to the actor's organisation or one under it."""
    if not actor.lineage:
        return false()
    return PurchaseOrder.bound_unit_id.in_(_units_of(actor))


def bought_by(actor: Actor) -> ColumnElement[bool]:
    """Say, of `PurchaseOrder`, that the actor's organisation or one under it buys or is bound."""
    if not actor.lineage:
        return false()
    return or_(bound_to(actor), PurchaseOrder.buyer_id.in_(_units_of(actor)))


def sold_by(actor: Actor) -> ColumnElement[bool]:
    """Say, of `PurchaseOrder`, that the actor's organisation supplies it."""
    if actor.organisation_id is None:
        return false()
    return PurchaseOrder.supplier_id == actor.organisation_id


def visible_orders(actor: Actor) -> ColumnElement[bool]:
    """Say, of `PurchaseOrder`, that the actor sees it: as a side of it, or its authority."""
    if actor.sight is Sight.ALL:
        return true()
    if actor.sight is Sight.NONE:
        return false()
    seen = select(Organisation.id).where(visible(actor))
    return or_(
        PurchaseOrder.bound_unit_id.in_(seen),
        PurchaseOrder.buyer_id.in_(seen),
        PurchaseOrder.supplier_id.in_(seen),
    )


def get_order(actor: Actor, order_id: OrderId) -> PurchaseOrder:
    """Get an order in the actor's sight (NotFound)."""
    return _one(select(PurchaseOrder).where(PurchaseOrder.id == order_id, visible_orders(actor)))


def list_orders(
    actor: Actor, wanted: OrderFilter, *, limit: int, cursor: str | None
) -> Page[PurchaseOrder]:
    """List the orders in the actor's sight, the newest first, without their contacts."""
    asked = {name: value for name, value in vars(wanted).items() if value is not None}
    statement = (
        select(PurchaseOrder)
        .options(defer(PurchaseOrder.delivery_contact, raiseload=True))
        .where(visible_orders(actor))
        .filter_by(**asked)
    )
    keys = [(PurchaseOrder.id, True)]
    return page(statement, keys=keys, limit=limit, cursor=cursor, filters=asked)


def lock_order(actor: Actor, order_id: OrderId, side: ColumnElement[bool]) -> PurchaseOrder:
    """Get an order on one side of which the actor stands, locked for a decision (NotFound)."""
    del actor  # `side` looks at the actor
    return _one(
        select(PurchaseOrder)
        .where(PurchaseOrder.id == order_id, side)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def find_due_order(actor: Actor, *, now: datetime) -> PurchaseOrder | None:
    """Find and lock the order that lapsed first; orders that others hold are left to them."""
    del actor  # only the timer asks
    return db.session.scalar(
        select(PurchaseOrder)
        .where(
            PurchaseOrder.expires_at <= now,
            PurchaseOrder.closed_at.is_(None),
            PurchaseOrder.payment_status == PaymentStatus.UNPAID,
            PurchaseOrder.pending_fen == 0,
            PurchaseOrder.order_status.in_(OPEN_STATES),
        )
        .order_by(PurchaseOrder.expires_at, PurchaseOrder.id)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    )


def list_lines(actor: Actor, order_id: OrderId) -> list[OrderLine]:
    """List an order's lines in their order."""
    del actor  # the order that asks was found in the actor's sight
    return list(
        db.session.scalars(
            select(OrderLine)
            .where(OrderLine.order_id == order_id)
            .order_by(OrderLine.position)
            .execution_options(populate_existing=True)
        )
    )


def _units_of(actor: Actor) -> Any:
    return select(Organisation.id).where(Organisation.lineage.startswith(actor.lineage))


def _one(statement: Any) -> PurchaseOrder:
    order: PurchaseOrder | None = db.session.scalar(statement)
    if order is None:
        raise NotFound
    return order
