"""Signalling orders that each stay within a band of approval and together pass it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from kernel.actor import SYSTEM
from kernel.calendar import shanghai_day, start_of_day
from marketplace.orders.models.orders import OrderId
from marketplace.orders.queries.finding import get_order
from marketplace.orders.queries.splits import list_bought
from procurement.approvals.commands.splits import Split, signal_split
from procurement.approvals.models import TermCode, ThresholdId
from procurement.approvals.queries import find_bands, find_term, list_signalled
from procurement.approvals.rules import Band, split_parts


def signal_splits(order_id: OrderId, *, now: datetime) -> None:
    """Signal each band that an order passes together with its buyer's others at the supplier.

    Days are Shanghai days, the day of placing the last of them; bands and days are those in
    force on it. An order stands behind one signal of a band only.
    """
    order = get_order(SYSTEM, order_id)
    today = shanghai_day(order.placed_at)
    days = find_term(SYSTEM, TermCode.SPLIT_DAYS, on=today)
    from_on = today - timedelta(days=days - 1)
    bought = list_bought(SYSTEM, order, since=start_of_day(from_on))
    bands = find_bands(SYSTEM, unit_id=order.bound_unit_id, on=today)
    told = list_signalled(SYSTEM, [one.order_id for one in bought])
    found = Split(
        unit_id=order.bound_unit_id,
        buyer_id=order.buyer_id,
        supplier_id=order.supplier_id,
        completed_by=order.id,
        from_on=from_on,
        until_on=today + timedelta(days=1),
    )
    for threshold_id, *terms in bands.values():
        band = Band(ThresholdId(UUID(threshold_id)), *terms)
        fresh = [one for one in bought if (band.id, one.order_id) not in told]
        if parts := split_parts(band, fresh, completed_by=order.id):
            signal_split(found, band, parts=parts, now=now)
