"""What an order holds from the moment it is placed: money, capacity and stock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from certification.certificates.commands.capacities import CapacityWant, hold_capacity
from certification.certificates.models.capacities import CapacityId
from kernel.actor import Actor
from kernel.money import Fen
from kernel.quantity import convert
from marketplace.catalogue.models.listings import ListingId
from marketplace.lots.commands.stock import StockDemand, choose_stock, hold_stock
from marketplace.orders.models.orders import (
    OrderLine,
    PurchaseOrder,
)
from marketplace.orders.queries.ground import Ground
from marketplace.orders.queries.showing import (
    CapacityHeld,
    Holds,
    QuotaHeld,
    StockHeld,
)
from procurement.policies.models import OrderKind
from procurement.quotas.commands import holds as quotas
from procurement.quotas.rules import QuotaPart
from registry.regions.models import OriginKind


def hold(
    order: PurchaseOrder, lines: Sequence[OrderLine], ground: Ground, *, by: Actor, now: datetime
) -> Holds:
    """Take the three gates in the order that everybody takes them in.

    Of an adopted plot there is no stock yet: it is held when it is harvested.
    """
    first = lines[0]
    parts = [
        QuotaPart(line.origin_kind, order.kind, line.amount_fen, line.category_code)
        for line in lines
    ]
    if order.freight_fen:
        freight = order.freight_fen
        parts.append(QuotaPart(first.origin_kind, order.kind, freight, first.category_code))
    money: dict[OriginKind, Fen] = {}
    for part in parts:
        money[part.origin_kind] = Fen(money.get(part.origin_kind, 0) + part.amount_fen)
    quotas.hold(
        order_id=order.id,
        quota_id=order.quota_id,
        parts=parts,
        expires_at=order.expires_at,
        now=now,
        buyer_kind=by.organisation_kind or None,
        payment_term_days=order.payment_term_days,
    )
    capacity = [_capacity_of(line) for line in lines]
    wants = [
        CapacityWant(line.id, line.certificate_id, held.quantity, CapacityId(line.capacity_id))
        for line, held in zip(lines, capacity, strict=True)
    ]
    hold_capacity(wants, expires_at=order.expires_at, now=now)
    grows = order.kind is OrderKind.COMMISSIONED_FARMING
    stock = [] if grows else _hold_stock(order, lines, ground, now=now)
    return Holds([QuotaHeld(*part) for part in money.items()], capacity, stock)


def refuse_what_is_gone(order: PurchaseOrder, lines: Sequence[OrderLine], ground: Ground) -> None:
    """Refuse goods that were seen to be gone before a gate is taken (StockShort).

    When many want the last of a lot, most are refused: they wait for nobody's gate to hear it.
    Where money or capacity were seen to be short as well, or there are more lots than were
    looked at, the gates tell, in their order.
    """
    free: dict[CapacityId, Decimal] = defaultdict(Decimal)
    for line in lines:
        free[line.capacity_id] -= _capacity_of(line).quantity
    for offer in ground.offers.values():
        if offer.capacity_id in free:
            free[offer.capacity_id] += offer.capacity_free or 0
    has_money = ground.unit is not None and (ground.unit.free_fen or 0) >= order.total_fen
    if has_money and min(free.values()) >= 0 and not any(map(ground.has_more, ground.lots)):
        choose_stock(_demands(lines, ground))


def _capacity_of(line: OrderLine) -> CapacityHeld:
    quantity = convert(line.quantity, from_unit=line.unit, to_unit=line.certificate_unit)
    return CapacityHeld(line.id, line.certificate_number, quantity, line.certificate_unit)


def _demands(lines: Sequence[OrderLine], ground: Ground) -> list[StockDemand]:
    wanted: dict[ListingId, list[OrderLine]] = defaultdict(list)
    for line in lines:
        wanted[line.listing_id].append(line)
    return [
        StockDemand(
            listing_id=listing_id,
            title=same[0].title,
            unit=same[0].unit,
            lines=[(line.id, line.quantity) for line in same],
            lots=ground.lots[listing_id],
        )
        for listing_id, same in wanted.items()
    ]


def _hold_stock(
    order: PurchaseOrder, lines: Sequence[OrderLine], ground: Ground, *, now: datetime
) -> list[StockHeld]:
    picks = hold_stock(_demands(lines, ground), expires_at=order.expires_at, now=now)
    return [
        StockHeld(line.id, pick.lot_id, pick.lot_quantity, pick.lot_unit)
        for line in lines
        for pick in picks[line.id]
    ]
