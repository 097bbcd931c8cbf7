"""Giving back money and capacity of what will not be taken in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from certification.certificates.commands.capacities import CapacityMove, release_capacity
from certification.certificates.models.capacities import CapacityId
from kernel.actor import SYSTEM
from kernel.money import Fen
from kernel.quantity import convert
from marketplace.deliveries.rules import goods as rules
from marketplace.orders.models.orders import OrderLine, OrderLineId, PurchaseOrder
from procurement.quotas.commands import holds as quotas
from procurement.quotas.queries.quotas import list_holds


def give_back(
    order: PurchaseOrder,
    lines: Sequence[OrderLine],
    *,
    before: Mapping[OrderLineId, Fen],
    all_sent: bool,
    capacity: Mapping[OrderLineId, Decimal],
    now: datetime,
) -> None:
    """Release what lines are open for less than `before`, and the capacity, in the line's unit.

    Money that was already paid is not held any more: it comes back by a refund.
    """
    came_free: dict[str, Fen] = {}
    for line in lines:
        less = before[line.id] - rules.open_fen(line, all_sent=all_sent)
        came_free[line.heading] = Fen(came_free.get(line.heading, 0) + less)
    held = {
        one.heading: Fen(one.amount - one.posted - one.released)
        for one in list_holds(SYSTEM, order.id)
    }
    amounts = {kind: Fen(min(amount, held[kind])) for kind, amount in came_free.items()}
    quotas.release(order_id=order.id, amounts=amounts, now=now)
    release_capacity([capacity_move(line, capacity[line.id]) for line in lines], now=now)


def capacity_move(line: OrderLine, quantity: Decimal) -> CapacityMove:
    """Say how much of its certificate's year a quantity of a line is."""
    there = convert(quantity, from_unit=line.unit, to_unit=line.certificate_unit)
    return CapacityMove(line.id, CapacityId(line.capacity_id), there)
