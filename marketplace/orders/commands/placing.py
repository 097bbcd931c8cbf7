"""Placing an order: what is asked for, what is held for it, and how it is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from certification.certificates.commands.capacities import CapacityWant, hold_capacity
from certification.certificates.models.capacities import CapacityId
from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.errors import Invalid, NotFound
from kernel.events import record
from kernel.identity import new_id
from kernel.masks import mask_name
from kernel.money import Fen
from kernel.numbers import next_number
from kernel.quantity import convert
from marketplace.catalogue.models.listings import ListingId
from marketplace.events import OrderPlaced
from marketplace.lots.commands import StockDemand, hold_stock
from marketplace.orders.commands.writing import insert_order
from marketplace.orders.models.orders import (
    FulfilmentStatus,
    OrderId,
    OrderLine,
    OrderLineId,
    PaymentStatus,
    PayMode,
    PurchaseOrder,
)
from marketplace.orders.queries.ground import BoundUnit, Ground, find_ground
from marketplace.orders.queries.showing import (
    CapacityHeld,
    Delivery,
    Holds,
    OrderView,
    QuotaHeld,
    StockHeld,
)
from marketplace.orders.rules import orders as rules
from marketplace.orders.rules.orders import PricedLine
from procurement.approvals.rules import Band, strictest
from procurement.errors.quotas import QuotaMissing
from procurement.policies.models import OrderKind
from procurement.quotas.commands import holds as quotas
from procurement.quotas.models import Fund
from procurement.quotas.rules import QuotaPart
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId
from registry.regions.models import OriginKind

NUMBERS_AT_ONCE = 20
"""How many order numbers a process takes at once, so that a busy series is seldom waited for."""
NOTHING = Decimal(0)


@dataclass(frozen=True)
class LineWish:
    """A listing and how much of it, in its unit."""

    listing_id: ListingId
    quantity: Decimal


@dataclass(frozen=True)
class NewOrder:
    """An order to place for `bound_unit_id`; `dedication` names villages or households by code."""

    kind: OrderKind
    bound_unit_id: OrganisationId
    year: int
    fund: Fund
    pay_mode: PayMode
    lines: Sequence[LineWish]
    delivery: Delivery
    dedication: Mapping[str, Any] | None = None


def place_order(new: NewOrder, *, by: Actor, now: datetime) -> OrderView:
    """Place an order and hold its money, capacity and stock, or refuse and change nothing.

    Refuses what `rules` refuses, then QuotaExceeded, CapacityExceeded (or CertificateNotInForce)
    and StockShort, in this order: the gates come last, so that their rows are held briefly.
    """
    rules.check_kind(new.kind, dedicated=bool(new.dedication))
    rules.check_year(new.year, now=now)
    today = shanghai_day(now)
    ground = find_ground(
        by,
        [wish.listing_id for wish in new.lines],
        unit_id=new.bound_unit_id,
        year=new.year,
        fund=new.fund,
        today=today,
    )
    unit = _unit_of(new, ground, by=by)
    priced = rules.price_lines(_wished(new, ground), today=today)
    order = _agreed(new, priced, unit, by=by, now=now)
    lines = [_line(order.id, position, one) for position, one in enumerate(priced)]
    holds = _hold(order, lines, ground, by=by, now=now)
    # a series is locked until the commit: last, so that nobody waits for it behind a gate
    order.number = next_number(
        "BF-O", region_code=unit.region_code, year=new.year, block=NUMBERS_AT_ONCE
    )
    insert_order(order, lines)
    after = {"number": order.number, "total_fen": order.total_fen, "status": order.order_status}
    audit.write("order_placed", subject=("order", order.id), by=by, now=now, after=after)
    record(OrderPlaced(order_id=order.id), now=now)
    return OrderView(order, _masked(new.delivery), lines, holds)


def _masked(delivery: Delivery) -> Delivery:
    """Hide the contact: the answer is kept for the key, and nothing kept names a person."""
    contact = delivery.contact
    return delivery if contact is None else replace(delivery, contact=mask_name(contact))


def _wished(new: NewOrder, ground: Ground) -> list[tuple[Any, Decimal]]:
    """Pair every wish with its offer (Invalid where there is none)."""
    for position, wish in enumerate(new.lines):
        if wish.listing_id not in ground.offers:
            pointer = f"/lines/{position}/listing_id"
            raise Invalid(reason="没有这个商品 / there is no such listing", pointer=pointer)
    return [(ground.offers[wish.listing_id], wish.quantity) for wish in new.lines]


def _unit_of(new: NewOrder, ground: Ground, *, by: Actor) -> BoundUnit:
    """Give the unit the order is for: one the actor may buy for, and with a quota."""
    if not ground.offers:
        _wished(new, ground)
    unit = ground.unit
    if unit is None or not any(rules.may_bind(by, **place) for place in unit.places):
        raise NotFound
    rules.check_unit_lives(unit.ended_on, heir_id=unit.heir_id, heir=unit.heir_name)
    if unit.quota_id is None:
        raise QuotaMissing
    return unit


def _agreed(
    new: NewOrder, priced: Sequence[PricedLine], unit: BoundUnit, *, by: Actor, now: datetime
) -> PurchaseOrder:
    """Write the order down as it is agreed; it never enters the session."""
    amounts = rules.amounts_of(priced)
    goods = Fen(sum(amounts.values()))
    bands = [Band(*made) for made in (unit.bands or {}).values()]
    band = strictest(bands, amounts=amounts, fund=new.fund)
    return PurchaseOrder(
        id=OrderId(new_id()),
        kind=new.kind,
        buyer_id=by.organisation_id,
        author_id=UserId(by.user_id),
        bound_unit_id=new.bound_unit_id,
        year=new.year,
        fund=new.fund,
        quota_id=unit.quota_id,
        supplier_id=priced[0].offer.supplier_id,
        pay_mode=new.pay_mode,
        goods_fen=goods,
        freight_fen=Fen(0),
        total_fen=goods,
        accepted_fen=Fen(0),
        pending_fen=Fen(0),
        paid_fen=Fen(0),
        refunded_fen=Fen(0),
        order_status=rules.first_status(band),
        approvals_wanted=band.approvers if band else 0,
        approval_due_at=now + timedelta(hours=unit.wait_hours) if band else None,
        fulfilment_status=FulfilmentStatus.UNSHIPPED,
        payment_status=PaymentStatus.UNPAID,
        expires_at=rules.expiry(new.pay_mode, now=now),
        dedication=dict(new.dedication) if new.dedication else None,
        delivery_address=new.delivery.address,
        delivery_contact=new.delivery.contact,
        delivery_on=new.delivery.on,
        delivery_note=new.delivery.note,
        placed_at=now,
        version=1,
    )


def _line(order_id: OrderId, position: int, priced: PricedLine) -> OrderLine:
    offer = priced.offer
    return OrderLine(
        id=OrderLineId(new_id()),
        order_id=order_id,
        position=position,
        listing_id=offer.listing_id,
        certificate_id=offer.certificate_id,
        capacity_id=offer.capacity_id,
        certificate_number=offer.certificate_number,
        certificate_unit=offer.certificate_unit,
        title=offer.title,
        unit=offer.unit,
        quantity=priced.quantity,
        unit_price_fen=priced.unit_price_fen,
        amount_fen=priced.amount_fen,
        origin_kind=offer.origin_kind,
        category_code=offer.category_code,
        origin_region_code=offer.origin_region_code,
        shipped_quantity=NOTHING,
        accepted_quantity=NOTHING,
        rejected_quantity=NOTHING,
        accepted_fen=Fen(0),
    )


def _hold(
    order: PurchaseOrder, lines: Sequence[OrderLine], ground: Ground, *, by: Actor, now: datetime
) -> Holds:
    """Take the three gates in the order that everybody takes them in."""
    money: dict[OriginKind, Fen] = {}
    for line in lines:
        money[line.origin_kind] = Fen(money.get(line.origin_kind, 0) + line.amount_fen)
    quotas.hold(
        order_id=order.id,
        quota_id=order.quota_id,
        parts=[
            QuotaPart(line.origin_kind, order.kind, line.amount_fen, line.category_code)
            for line in lines
        ],
        expires_at=order.expires_at,
        now=now,
        buyer_kind=by.organisation_kind or None,
    )
    capacity = [_capacity_of(line) for line in lines]
    wants = [
        CapacityWant(line.id, line.certificate_id, held.quantity, CapacityId(line.capacity_id))
        for line, held in zip(lines, capacity, strict=True)
    ]
    hold_capacity(wants, expires_at=order.expires_at, now=now)
    stock = _hold_stock(order, lines, ground, now=now)
    return Holds([QuotaHeld(*part) for part in money.items()], capacity, stock)


def _capacity_of(line: OrderLine) -> CapacityHeld:
    quantity = convert(line.quantity, from_unit=line.unit, to_unit=line.certificate_unit)
    return CapacityHeld(line.id, line.certificate_number, quantity, line.certificate_unit)


def _hold_stock(
    order: PurchaseOrder, lines: Sequence[OrderLine], ground: Ground, *, now: datetime
) -> list[StockHeld]:
    wanted: dict[ListingId, list[OrderLine]] = defaultdict(list)
    for line in lines:
        wanted[line.listing_id].append(line)
    demands = [
        StockDemand(
            listing_id=listing_id,
            title=same[0].title,
            unit=same[0].unit,
            lines=[(line.id, line.quantity) for line in same],
            lots=ground.lots[listing_id],
        )
        for listing_id, same in wanted.items()
    ]
    picks = hold_stock(demands, expires_at=order.expires_at, now=now)
    return [
        StockHeld(line.id, pick.lot_id, pick.lot_quantity, pick.lot_unit)
        for line in lines
        for pick in picks[line.id]
    ]
