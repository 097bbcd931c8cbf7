"""Saying what one thinks of goods that were taken in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kernel.actor import SYSTEM, Actor
from kernel.errors import Invalid
from marketplace.catalogue.commands.ratings import Marks, rate_goods
from marketplace.catalogue.models.ratings import ListingRating
from marketplace.deliveries.rules.goods import check_may_rate
from marketplace.orders.models.orders import OrderId, OrderLineId
from marketplace.orders.queries.finding import bought_by, list_lines, lock_order


@dataclass(frozen=True)
class LineMarks:
    """Marks for one line of an order."""

    order_line_id: OrderLineId
    marks: Marks


def rate_line(new: LineMarks, *, order_id: OrderId, by: Actor, now: datetime) -> ListingRating:
    """Rate the goods of a line, once they were taken in (NotYetAccepted, RatedAlready)."""
    order = lock_order(by, order_id, bought_by(by))
    lines = {line.id: line for line in list_lines(SYSTEM, order_id)}
    if new.order_line_id not in lines:
        reason = "订单中没有这一行 / the order has no such line"
        raise Invalid(reason=reason, pointer="/order_line_id")
    line = lines[new.order_line_id]
    check_may_rate(line)
    return rate_goods(
        new.marks,
        source=("order_line", line.id),
        listing_id=line.listing_id,
        supplier_id=order.supplier_id,
        by=by,
        now=now,
    )
