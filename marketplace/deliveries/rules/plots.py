"""What of an adopted plot may be shipped: what was harvested for it, or held in its place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from marketplace.deliveries.rules.goods import NOTHING, HeldLot, Sending, draw
from marketplace.errors.deliveries import NotHarvested
from marketplace.orders.models.orders import OrderLine, OrderLineId, PurchaseOrder
from procurement.policies.models import OrderKind


def check_harvested(
    sendings: Sequence[Sending],
    *,
    order: PurchaseOrder,
    lines: Mapping[OrderLineId, OrderLine],
    held: Mapping[OrderLineId, Sequence[HeldLot]],
) -> None:
    """Refuse to ship, of an adopted plot, more than is held for it, or of a lot that is not.

    Refuses NotHarvested; the lines were found in the order.
    """
    if order.kind is not OrderKind.COMMISSIONED_FARMING:
        return
    wanted: dict[OrderLineId, Decimal] = defaultdict(Decimal)
    for position, sending in enumerate(sendings):
        line = lines[sending.order_line_id]
        wanted[line.id] += sending.quantity
        parts, _ = draw(wanted[line.id], held.get(line.id, ()), unit=line.unit)
        there = sum((part.quantity for part in parts), NOTHING)
        if there < wanted[line.id] or sending.lot_id is not None:
            raise NotHarvested(
                held=there,
                wanted=wanted[line.id],
                unit=line.unit,
                pointer=f"/lines/{position}/quantity",
            )
