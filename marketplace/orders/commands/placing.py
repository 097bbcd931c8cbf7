"""Placing an order: what is asked for, what is held for it, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.errors import Invalid, NotFound
from kernel.events import record
from kernel.identity import new_id
from kernel.masks import mask_name
from kernel.money import Fen
from kernel.numbers import next_number
from marketplace.catalogue.models.listings import Channel, ListingId
from marketplace.events import OrderPlaced
from marketplace.orders.commands.bundles import Bundle, band_of, bundle_of
from marketplace.orders.commands.holding import hold, refuse_what_is_gone
from marketplace.orders.commands.writing import insert_order, line_of
from marketplace.orders.models.orders import (
    CheckoutId,
    FulfilmentStatus,
    OrderId,
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
from marketplace.orders.rules.terms import check_channel, check_terms, payment_term_of
from procurement.approvals.rules import Band
from procurement.errors.quotas import QuotaMissing
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund
from procurement.quotas.queries.quotas import lock_quotas
from registry.accounts.models import UserId
from registry.households.queries.links import list_linked_codes
from registry.organisations.models import OrganisationId
from registry.organisations.rules import may_bind

NUMBERS_AT_ONCE = 20
"""How many order numbers a process takes at once, so that a busy series is seldom waited for."""


@dataclass(frozen=True)
class LineWish:
    """A listing and how much of it, in its unit."""

    listing_id: ListingId
    quantity: Decimal


@dataclass(frozen=True)
class NewOrder:
    """An order to place for `bound_unit_id`; `dedication` names villages or households by code.

    `channel` is where else than here the buyer found the goods; `payment_term_days` are agreed
    from acceptance, without them those of the law hold.
    """

    kind: OrderKind
    bound_unit_id: OrganisationId
    year: int
    fund: Fund
    pay_mode: PayMode
    lines: Sequence[LineWish]
    delivery: Delivery
    dedication: Mapping[str, Any] | None = None
    channel: Channel | None = None
    payment_term_days: int | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for a unit, what is known of it, its band of approval, its days to pay."""

    new: NewOrder
    ground: Ground
    unit: BoundUnit
    bundles: Sequence[Bundle]
    band: Band | None
    term_days: int | None


def place_order(
    new: NewOrder, *, by: Actor, now: datetime, replaces_id: OrderId | None = None
) -> OrderView:
    """Place an order and hold its money, capacity and stock, or refuse and change nothing.

    Refuses what `rules` refuses, then QuotaExceeded, CapacityExceeded (or CertificateNotInForce)
    and StockShort, in this order: the gates come last, so that their rows are held briefly.
    Goods that are gone already are refused before them.
    """
    [view] = _place([new], by=by, now=now, replaces_id=replaces_id)
    return view


def place_checkout(new: NewOrder, *, by: Actor, now: datetime) -> list[OrderView]:
    """Place one order with each supplier of what is wanted, all of them or none.

    Bands of approval are asked for the whole: it is one purchase. Refuses what placing refuses.
    """
    return _place([new], by=by, now=now, checkout_id=CheckoutId(new_id()))


def place_adoption(new: NewOrder, *, by: Actor, now: datetime) -> OrderView:
    """Place the order of an adopted plot: its money and capacity are held, its goods still grow.

    Refuses what placing refuses.
    """
    [view] = _place([new], by=by, now=now, adopted=True)
    return view


def place_consolidated(news: Sequence[NewOrder], *, by: Actor, now: datetime) -> list[OrderView]:
    """Place what several units want as one purchase: an order for each with each supplier.

    All of them or none, at the prices of what all want together. Refuses what placing refuses.
    """
    return _place(news, by=by, now=now, checkout_id=CheckoutId(new_id()))


def _place(
    news: Sequence[NewOrder],
    *,
    by: Actor,
    now: datetime,
    replaces_id: OrderId | None = None,
    checkout_id: CheckoutId | None = None,
    adopted: bool = False,
) -> list[OrderView]:
    wishes = [(wish.listing_id, wish.quantity) for new in news for wish in new.lines]
    demand = rules.demand_of(wishes)
    together = checkout_id is not None
    asked = [_ask(new, demand, together=together, adopted=adopted, by=by, now=now) for new in news]
    if len(asked) > 1:
        # all units' money first: between two units the gates of goods are taken
        lock_quotas(SYSTEM, [one.unit.quota_id for one in asked if one.unit.quota_id])
    views, pairs = [], _in_order(asked)
    for one, bundle in pairs:
        order = _agreed(one, bundle, by=by, now=now)
        order.replaces_id, order.checkout_id = replaces_id, checkout_id
        lines = [line_of(order.id, position, line) for position, line in enumerate(bundle.lines)]
        if len(pairs) == 1 and not adopted:
            refuse_what_is_gone(order, lines, one.ground)
        holds = hold(order, lines, one.ground, by=by, now=now)
        views.append(OrderView(order, _masked(one.new.delivery), lines, holds))
    # a series is locked until the commit: last, so that nobody waits for it behind a gate
    regions = {one.unit.id: one.unit.region_code for one in asked}
    for view in sorted(views, key=lambda one: regions[one.order.bound_unit_id]):
        view.order.number = next_number(
            "BF-O",
            region_code=regions[view.order.bound_unit_id],
            year=view.order.year,
            block=NUMBERS_AT_ONCE,
        )
        _write(view, by=by, now=now)
    return views


def _ask(
    new: NewOrder,
    demand: Mapping[ListingId, Decimal],
    *,
    together: bool,
    adopted: bool,
    by: Actor,
    now: datetime,
) -> _Asked:
    """Look at what is asked for a unit, before anything is held (refuses what `rules` refuse)."""
    rules.check_kind(new.kind, dedicated=bool(new.dedication), adopted=adopted)
    rules.check_pay_mode(new.kind, new.pay_mode)
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
    wished = _wished(new, ground)
    priced = rules.price_lines(wished, demand=demand, today=today, together=together)
    on = new.delivery.on
    check_terms(priced, pay_mode=new.pay_mode, on=on, today=today, adopted=adopted)
    check_channel(priced, new.channel)
    bundles = [bundle_of(lines, unit) for lines in rules.by_supplier(priced)]
    if new.dedication:
        named = [code for codes in new.dedication.values() for code in codes]
        suppliers = {line.offer.supplier_id for line in priced}
        linked = list_linked_codes(SYSTEM, named, organisation_ids=suppliers, on=today)
        rules.check_dedication(named, linked=linked)
    days = payment_term_of(new.payment_term_days, unit.payment_term)
    return _Asked(new, ground, unit, bundles, band_of(bundles, unit, fund=new.fund), days)


def _in_order(asked: Sequence[_Asked]) -> list[tuple[_Asked, Bundle]]:
    """Give what is ordered supplier by supplier, so that nobody waits in a ring."""
    pairs = [(one, bundle) for one in asked for bundle in one.bundles]
    return sorted(pairs, key=lambda pair: (pair[1].lines[0].offer.supplier_id, pair[0].unit.id))


def _write(view: OrderView, *, by: Actor, now: datetime) -> None:
    order = view.order
    insert_order(order, view.lines)
    after = {"number": order.number, "total_fen": order.total_fen, "status": order.order_status}
    audit.write("order_placed", subject=("order", order.id), by=by, now=now, after=after)
    record(OrderPlaced(order_id=order.id), now=now)


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
    if unit is None or not any(may_bind(by, **place) for place in unit.places):
        raise NotFound
    rules.check_unit_lives(unit.ended_on, heir_id=unit.heir_id, heir=unit.heir_name)
    if unit.quota_id is None:
        raise QuotaMissing
    return unit


def _agreed(one: _Asked, bundle: Bundle, *, by: Actor, now: datetime) -> PurchaseOrder:
    """Write the order down as it is agreed; it never enters the session."""
    new, unit, band = one.new, one.unit, one.band
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
        payment_term_days=one.term_days,
        channel=new.channel,
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
