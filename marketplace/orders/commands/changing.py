"""Changing an order that stands: more time for its money, less freight, another in its place."""

from __future__ import annotations

from datetime import datetime

from certification.certificates.commands.capacities import extend_capacity
from kernel.actor import SYSTEM, Actor
from kernel.errors import check_version
from kernel.money import Fen
from marketplace.events import OrderChanged
from marketplace.lots.commands.stock import extend_stock
from marketplace.orders.commands.deciding import cancel_order, tell
from marketplace.orders.commands.placing import NewOrder, place_order
from marketplace.orders.models.orders import OrderId
from marketplace.orders.queries import finding
from marketplace.orders.queries.showing import OrderView, get_order_view
from marketplace.orders.rules import changing as rules
from procurement.quotas.commands import holds as quotas


def extend_order(
    order_id: OrderId, *, expected_version: int | None, by: Actor, now: datetime
) -> OrderView:
    """Give a pay-first order fifteen more days for its money, once (WrongState, ExtendedBefore)."""
    order = finding.lock_order(by, order_id, finding.bought_by(by))
    check_version(order.version, expected_version)
    order.expires_at = rules.extension(order, now=now)
    order.extended_at = now
    line_ids = [line.id for line in finding.list_lines(SYSTEM, order.id)]
    quotas.extend(order_id=order.id, expires_at=order.expires_at)
    extend_capacity(line_ids, expires_at=order.expires_at)
    extend_stock(line_ids, expires_at=order.expires_at)
    tell(order, "order_extended", OrderChanged(order_id=order.id), by=by, now=now)
    return get_order_view(by, order.id)


def lower_freight(
    order_id: OrderId, *, freight_fen: Fen, expected_version: int | None, by: Actor, now: datetime
) -> OrderView:
    """Ask less freight than was agreed, before the supplier signs by taking the order on.

    What is asked for less is free money of the unit at once. Refuses WrongState, and FreightRaised:
    the buyer signed for no more than this.
    """
    order = finding.lock_order(by, order_id, finding.sold_by(by))
    check_version(order.version, expected_version)
    rules.check_freight(order, freight_fen)
    first = finding.list_lines(SYSTEM, order.id)[0]
    less = Fen(order.freight_fen - freight_fen)
    quotas.release(order_id=order.id, amounts={first.heading: less}, now=now)
    order.freight_fen, order.total_fen = freight_fen, Fen(order.total_fen - less)
    tell(order, "order_freight_lowered", OrderChanged(order_id=order.id), by=by, now=now)
    return get_order_view(by, order.id)


def replace_order(
    order_id: OrderId, new: NewOrder, *, expected_version: int | None, by: Actor, now: datetime
) -> OrderView:
    """Call an order off and place another in its place, or change nothing at all.

    Refuses what calling off and placing refuse; what the old order held is free for the new one.
    """
    old = cancel_order(order_id, reason="改单", expected_version=expected_version, by=by, now=now)
    return place_order(new, by=by, now=now, replaces_id=old.order.id)
