"""Letting an order that lapsed stand again, because its money came all the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from certification.certificates.commands.capacities import CapacityWant, hold_capacity
from certification.certificates.models.capacities import CapacityId
from kernel.actor import SYSTEM
from kernel.money import Fen
from kernel.quantity import convert
from marketplace.catalogue.models.listings import ListingId
from marketplace.events import OrderRevived
from marketplace.lots.commands.stock import StockDemand, hold_stock, refresh_available
from marketplace.orders.commands.deciding import tell
from marketplace.orders.models.orders import OrderLine, OrderStatus, PurchaseOrder
from marketplace.orders.queries.finding import list_lines
from marketplace.orders.rules.changing import check_revival
from procurement.quotas.commands import holds as quotas
from registry.organisations.commands.keeping import keep_organisation


def revive_order(order: PurchaseOrder, *, now: datetime) -> None:
    """Let a locked order that lapsed stand again: what it held is held once more, or nothing is.

    Under the gates of a new order, in their order; its prices stay as agreed. Refuses WrongState,
    YearNotOpen, OrganisationEnded, QuotaExceeded, CapacityExceeded (or CertificateNotInForce)
    and StockShort. It does not lapse again: money came.
    """
    check_revival(order, now=now)
    for organisation_id in sorted({order.bound_unit_id, order.supplier_id}):
        keep_organisation(organisation_id)
    every = list_lines(SYSTEM, order.id)
    lines = [line for line in every if line.due_quantity]
    quotas.hold_again(order_id=order.id, amounts=_money(order, every), now=now)
    hold_capacity([_capacity(line) for line in lines], expires_at=None, now=now, again=True)
    hold_stock(_demands(lines), expires_at=None, now=now, again=True)
    order.order_status, order.closed_at, order.close_reason = OrderStatus.CONFIRMED, None, None
    tell(order, "order_revived", OrderRevived(order_id=order.id), by=SYSTEM, now=now)
    refresh_available({line.listing_id for line in lines}, now=now)


def _money(order: PurchaseOrder, lines: Sequence[OrderLine]) -> dict[str, Fen]:
    """Add up what an order costs by heading; freight stands under that of the first line."""
    amounts: dict[str, Fen] = defaultdict(lambda: Fen(0))
    amounts[lines[0].heading] = order.freight_fen
    for line in lines:
        amounts[line.heading] = Fen(amounts[line.heading] + line.amount_fen)
    return amounts


def _capacity(line: OrderLine) -> CapacityWant:
    there = convert(line.due_quantity, from_unit=line.unit, to_unit=line.certificate_unit)
    return CapacityWant(line.id, line.certificate_id, there, CapacityId(line.capacity_id))


def _demands(lines: Sequence[OrderLine]) -> list[StockDemand]:
    """Ask for the goods of lines, listing by listing, of whatever lots there are now."""
    wanted: dict[ListingId, list[OrderLine]] = defaultdict(list)
    for line in lines:
        wanted[line.listing_id].append(line)
    return [
        StockDemand(
            listing_id=listing_id,
            title=same[0].title,
            unit=same[0].unit,
            lines=[(line.id, line.due_quantity) for line in same],
            lots=(),
        )
        for listing_id, same in wanted.items()
    ]
