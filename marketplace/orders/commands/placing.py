"""Placing an order: what is asked for, what is held for it, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.errors import Invalid, NotFound
from kernel.events import record
from kernel.identity import new_id
from kernel.masks import mask_name
from kernel.money import Fen
from kernel.numbers import next_number
from marketplace.catalogue.models.listings import ListingId
from marketplace.events import OrderPlaced
from marketplace.orders.commands.holding import hold
from marketplace.orders.commands.writing import insert_order
from marketplace.orders.models.orders import (
    CheckoutId,
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
    Delivery,
    OrderView,
)
from marketplace.orders.rules import orders as rules
from marketplace.orders.rules.orders import PricedLine
from marketplace.orders.rules.terms import check_terms, freight_of
from procurement.approvals.rules import Band, strictest
from procurement.errors.quotas import QuotaMissing
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

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


@dataclass(frozen=True, slots=True)
class _Bundle:
    """What one supplier is asked for, and what bringing it costs."""

    lines: Sequence[PricedLine]
    goods_fen: Fen
    freight_fen: Fen


def place_order(
    new: NewOrder, *, by: Actor, now: datetime, replaces_id: OrderId | None = None
) -> OrderView:
    """Place an order and hold its money, capacity and stock, or refuse and change nothing.

    Refuses what `rules` refuses, then QuotaExceeded, CapacityExceeded (or CertificateNotInForce)
    and StockShort, in this order: the gates come last, so that their rows are held briefly.
    """
    [view] = _place(new, by=by, now=now, replaces_id=replaces_id)
    return view


def place_checkout(new: NewOrder, *, by: Actor, now: datetime) -> list[OrderView]:
    """Place one order with each supplier of what is wanted, all of them or none.

    Bands of approval are asked for the whole: it is one purchase. Refuses what placing refuses.
    """
    return _place(new, by=by, now=now, checkout_id=CheckoutId(new_id()))


def _place(
    new: NewOrder,
    *,
    by: Actor,
    now: datetime,
    replaces_id: OrderId | None = None,
    checkout_id: CheckoutId | None = None,
) -> list[OrderView]:
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
    priced = rules.price_lines(_wished(new, ground), today=today, together=checkout_id is not None)
    check_terms(priced, pay_mode=new.pay_mode, on=new.delivery.on, today=today)
    bundles = [_bundle(lines, unit) for lines in rules.by_supplier(priced)]
    band = _band(bundles, unit, fund=new.fund)
    views = []
    for bundle in bundles:
        order = _agreed(new, bundle, unit, band, by=by, now=now)
        order.replaces_id, order.checkout_id = replaces_id, checkout_id
        lines = [_line(order.id, position, one) for position, one in enumerate(bundle.lines)]
        holds = hold(order, lines, ground, by=by, now=now)
        views.append(OrderView(order, _masked(new.delivery), lines, holds))
    # a series is locked until the commit: last, so that nobody waits for it behind a gate
    for view in views:
        view.order.number = next_number(
            "BF-O", region_code=unit.region_code, year=new.year, block=NUMBERS_AT_ONCE
        )
        _write(view, by=by, now=now)
    return views


def _write(view: OrderView, *, by: Actor, now: datetime) -> None:
    order = view.order
    insert_order(order, view.lines)
    after = {"number": order.number, "total_fen": order.total_fen, "status": order.order_status}
    audit.write("order_placed", subject=("order", order.id), by=by, now=now, after=after)
    record(OrderPlaced(order_id=order.id), now=now)


def _bundle(lines: Sequence[PricedLine], unit: BoundUnit) -> _Bundle:
    goods = Fen(sum(line.amount_fen for line in lines))
    return _Bundle(lines, goods, freight_of(lines, region_code=unit.region_code))


def _band(bundles: Sequence[_Bundle], unit: BoundUnit, *, fund: Fund) -> Band | None:
    """Find the strictest band of all that is bought at once; freight goes with the first line."""
    amounts = rules.amounts_of(line for bundle in bundles for line in bundle.lines)
    for bundle in bundles:
        category = bundle.lines[0].offer.category_code
        amounts[category] = Fen(amounts[category] + bundle.freight_fen)
    bands = [Band(*made) for made in (unit.bands or {}).values()]
    return strictest(bands, amounts=amounts, fund=fund)


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
    new: NewOrder,
    bundle: _Bundle,
    unit: BoundUnit,
    band: Band | None,
    *,
    by: Actor,
    now: datetime,
) -> PurchaseOrder:
    """Write the order down as it is agreed; it never enters the session."""
    return PurchaseOrder(
        id=OrderId(new_id()),
        kind=new.kind,
        buyer_id=by.organisation_id,
        author_id=UserId(by.user_id),
        bound_unit_id=new.bound_unit_id,
        year=new.year,
        fund=new.fund,
        quota_id=unit.quota_id,
        supplier_id=bundle.lines[0].offer.supplier_id,
        pay_mode=new.pay_mode,
        goods_fen=bundle.goods_fen,
        freight_fen=bundle.freight_fen,
        total_fen=Fen(bundle.goods_fen + bundle.freight_fen),
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
