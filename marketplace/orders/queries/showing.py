"""What an order looks like, and what it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from uuid import UUID

from sqlalchemy import select

from certification.certificates.models.capacities import CapacityHold
from kernel.actor import SYSTEM, Actor, Sight
from kernel.database import db
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.lots.models import LotId
from marketplace.lots.queries import list_line_holds
from marketplace.orders.models.orders import OrderId, OrderLine, OrderLineId, PurchaseOrder
from marketplace.orders.queries.finding import get_order, list_lines
from procurement.approvals.models import ApprovalStep
from procurement.approvals.queries import list_steps
from procurement.quotas.queries.quotas import list_holds
from registry.regions.models import OriginKind


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where the goods go; the contact is a person, shown to buyer and supplier only."""

    address: str
    contact: str | None = None
    on: date | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class QuotaHeld:
    """Approved money an order still holds for goods of one origin kind."""

    origin_kind: OriginKind
    amount_fen: Fen


@dataclass(frozen=True, slots=True)
class CapacityHeld:
    """What a line still holds of a certificate's year, in the certificate's unit."""

    order_line_id: OrderLineId
    certificate_number: str
    quantity: Decimal
    unit: Unit


@dataclass(frozen=True, slots=True)
class StockHeld:
    """What a line still holds of a lot, in the lot's unit."""

    order_line_id: UUID
    lot_id: LotId
    quantity: Decimal
    unit: Unit


@dataclass(frozen=True, slots=True)
class Holds:
    """What an order keeps from others while it is open."""

    quota: Sequence[QuotaHeld]
    capacity: Sequence[CapacityHeld]
    stock: Sequence[StockHeld]


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order with its lines, what it holds, and what was decided on it."""

    order: PurchaseOrder
    delivery: Delivery
    lines: Sequence[OrderLine]
    holds: Holds
    steps: Sequence[ApprovalStep] = ()


def get_order_view(actor: Actor, order_id: OrderId) -> OrderView:
    """Get an order in the actor's sight with lines and holds (NotFound)."""
    order = get_order(actor, order_id)
    lines = list_lines(actor, order_id)
    is_side = actor.organisation_id in {order.buyer_id, order.bound_unit_id, order.supplier_id}
    shown = is_side or actor.sight is Sight.ORGANISATION
    delivery = Delivery(
        address=order.delivery_address,
        contact=order.delivery_contact if shown else None,
        on=order.delivery_on,
        note=order.delivery_note,
    )
    steps = list_steps(actor, order.id) if order.approvals_wanted else []
    return OrderView(order, delivery, lines, _holds_of(order, lines), steps)


def _holds_of(order: PurchaseOrder, lines: Sequence[OrderLine]) -> Holds:
    by_id = {line.id: line for line in lines}
    money = [
        QuotaHeld(kind, Fen(sum(one.amount - one.posted - one.released for one in same)))
        for kind, same in groupby(list_holds(SYSTEM, order.id), key=lambda one: one.origin_kind)
    ]
    return Holds(
        quota=[one for one in money if one.amount_fen],
        capacity=_capacity_held(by_id),
        stock=[
            StockHeld(one.order_line_id, one.lot_id, one.left, one.unit)
            for one in list_line_holds(SYSTEM, list(by_id))
        ],
    )


def _capacity_held(lines: Mapping[OrderLineId, OrderLine]) -> list[CapacityHeld]:
    left = CapacityHold.amount - CapacityHold.posted - CapacityHold.released
    rows = db.session.execute(
        select(CapacityHold.source_id, left).where(CapacityHold.source_id.in_(lines), left > 0)
    )
    held = {OrderLineId(line_id): quantity for line_id, quantity in rows}
    return [
        CapacityHeld(line.id, line.certificate_number, held[line.id], line.certificate_unit)
        for line in lines.values()
        if line.id in held
    ]
