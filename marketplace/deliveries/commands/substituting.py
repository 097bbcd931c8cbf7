"""Bringing other goods than were ordered, by consent of both sides."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from certification.certificates.commands.capacities import (
    CapacityWant,
    hold_capacity,
    release_capacity,
)
from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import Invalid, check_version
from kernel.events import record
from kernel.identity import new_id
from kernel.money import Fen
from kernel.quantity import convert
from marketplace.catalogue.models.listings import ListingId
from marketplace.deliveries.commands.balancing import capacity_move
from marketplace.deliveries.models.goods import Substitution, SubstitutionId, SubstitutionStatus
from marketplace.deliveries.queries import goods as queries
from marketplace.deliveries.rules import substituting as rules
from marketplace.deliveries.rules.goods import HeldLot, draw
from marketplace.deliveries.rules.substituting import NewSubstitute, Swap
from marketplace.events import SubstituteDecided, SubstituteProposed
from marketplace.lots.commands.stock import (
    StockDemand,
    StockMove,
    hold_stock,
    refresh_available,
    release_stock,
)
from marketplace.lots.queries import list_line_holds
from marketplace.orders.models.offers import Offer
from marketplace.orders.models.orders import OrderId, OrderLine, OrderLineId, PurchaseOrder
from marketplace.orders.queries import finding
from marketplace.orders.queries.ground import Ground, find_ground
from procurement.quotas.commands import holds as quotas
from registry.accounts.models import UserId

NOTHING = Decimal(0)


def propose_substitute(
    new: NewSubstitute, *, order_id: OrderId, by: Actor, now: datetime
) -> Substitution:
    """Offer other goods instead of so much of a line, as the supplier; nothing moves yet.

    Refuses WrongState, SubstituteUnlike, SubstituteDearer, OverShipped, SubstituteOpen.
    """
    order = finding.lock_order(by, order_id, finding.sold_by(by))
    rules.check_swappable(order)
    line = _line_of(order, new.order_line_id)
    _, offer = _offer(order, new.listing_id, now=now)
    price, today = new.unit_price_fen, shanghai_day(now)
    rules.swap(line, offer, quantity=new.quantity, price=price, today=today)
    made = Substitution(
        id=SubstitutionId(new_id()),
        order_id=order.id,
        order_line_id=line.id,
        listing_id=new.listing_id,
        quantity=new.quantity,
        unit_price_fen=price,
        reason=new.reason,
        status=SubstitutionStatus.PROPOSED,
        proposed_by=UserId(by.user_id),
        proposed_at=now,
    )
    db.session.add(made)
    db.session.flush()
    _note(made, "substitute_proposed", by=by, now=now)
    record(SubstituteProposed(order_id=order.id, substitution_id=made.id), now=now)
    return made


def accept_substitute(
    substitution_id: SubstitutionId, *, expected_version: int | None, by: Actor, now: datetime
) -> Substitution:
    """Accept a substitute, as the buyer: its goods are held instead, or nothing changes.

    Money, capacity and stock in this order; refuses what proposing refuses, CapacityExceeded
    (or CertificateNotInForce) and StockShort.
    """
    found = queries.get_substitution(by, substitution_id)
    order = finding.lock_order(by, found.order_id, finding.bought_by(by))
    found = _open(found, expected_version)
    rules.check_swappable(order)
    line = _line_of(order, found.order_line_id)
    ground, offer = _offer(order, found.listing_id, now=now)
    quantity, price = found.quantity, found.unit_price_fen
    swap = rules.swap(line, offer, quantity=quantity, price=price, today=shanghai_day(now))
    made = _new_line(order, found, offer, swap)
    _swap_money(order, line, swap, quantity=quantity, now=now)
    _swap_goods(order, line, made, ground, now=now)
    db.session.add(made)
    db.session.flush()
    found.new_line_id = made.id
    refresh_available({line.listing_id, made.listing_id}, now=now)
    return _decide(found, SubstitutionStatus.ACCEPTED, by=by, now=now)


def refuse_substitute(
    substitution_id: SubstitutionId, *, expected_version: int | None, by: Actor, now: datetime
) -> Substitution:
    """Turn a substitute down, as the buyer; the line stays as it was (WrongState)."""
    found = queries.get_substitution(by, substitution_id)
    finding.lock_order(by, found.order_id, finding.bought_by(by))
    return _decide(_open(found, expected_version), SubstitutionStatus.REFUSED, by=by, now=now)


def withdraw_substitute(
    substitution_id: SubstitutionId, *, expected_version: int | None, by: Actor, now: datetime
) -> Substitution:
    """Take a proposal back, as the supplier (WrongState)."""
    found = queries.get_substitution(by, substitution_id)
    finding.lock_order(by, found.order_id, finding.sold_by(by))
    return _decide(_open(found, expected_version), SubstitutionStatus.WITHDRAWN, by=by, now=now)


def _open(found: Substitution, expected_version: int | None) -> Substitution:
    """Read a proposal again under the lock of its order; it must still be open."""
    db.session.refresh(found)
    check_version(found.version, expected_version)
    rules.check_open(found)
    return found


def _decide(
    found: Substitution, status: SubstitutionStatus, *, by: Actor, now: datetime
) -> Substitution:
    found.status, found.decided_by, found.decided_at = status, UserId(by.user_id), now
    db.session.flush()
    _note(found, f"substitute_{status}", by=by, now=now)
    record(SubstituteDecided(order_id=found.order_id, substitution_id=found.id), now=now)
    return found


def _note(made: Substitution, action: str, *, by: Actor, now: datetime) -> None:
    after = {"order": made.order_id, "line": made.order_line_id, "quantity": made.quantity}
    audit.write(action, subject=("substitution", made.id), by=by, now=now, after=after)


def _line_of(order: PurchaseOrder, line_id: OrderLineId) -> OrderLine:
    for line in finding.list_lines(SYSTEM, order.id):
        if line.id == line_id:
            return line
    reason = "订单中没有这一行 / the order has no such line"
    raise Invalid(reason=reason, pointer="/order_line_id")


def _offer(order: PurchaseOrder, listing_id: ListingId, *, now: datetime) -> tuple[Ground, Offer]:
    """Find a listing of the order's supplier as it stands (Invalid)."""
    ground = find_ground(
        SYSTEM,
        [listing_id],
        unit_id=order.bound_unit_id,
        year=order.year,
        fund=order.fund,
        today=shanghai_day(now),
    )
    offer = ground.offers.get(listing_id)
    if offer is None or offer.supplier_id != order.supplier_id:
        reason = "供货单位没有这个商品 / the supplier has no such listing"
        raise Invalid(reason=reason, pointer="/listing_id")
    return ground, offer


def _new_line(order: PurchaseOrder, found: Substitution, offer: Offer, swap: Swap) -> OrderLine:
    return OrderLine(
        id=OrderLineId(new_id()),
        order_id=order.id,
        position=len(finding.list_lines(SYSTEM, order.id)),
        listing_id=offer.listing_id,
        certificate_id=offer.certificate_id,
        capacity_id=offer.capacity_id,
        certificate_number=offer.certificate_number,
        certificate_unit=offer.certificate_unit,
        title=offer.title,
        unit=offer.unit,
        quantity=found.quantity,
        unit_price_fen=found.unit_price_fen,
        amount_fen=swap.new_fen,
        origin_kind=offer.origin_kind,
        category_code=offer.category_code,
        origin_region_code=offer.origin_region_code,
        shipped_quantity=NOTHING,
        accepted_quantity=NOTHING,
        rejected_quantity=NOTHING,
        accepted_fen=Fen(0),
        substituted_quantity=NOTHING,
    )


def _swap_money(
    order: PurchaseOrder, line: OrderLine, swap: Swap, *, quantity: Decimal, now: datetime
) -> None:
    """Let the order cost what it costs now; what it costs less is free money at once."""
    less = Fen(line.amount_fen - swap.kept_fen - swap.new_fen)
    quotas.release(order_id=order.id, amounts={line.heading: swap.free_fen}, now=now)
    line.substituted_quantity += quantity
    line.amount_fen = swap.kept_fen
    order.goods_fen = Fen(order.goods_fen - less)
    order.total_fen = Fen(order.total_fen - less)


def _swap_goods(
    order: PurchaseOrder, line: OrderLine, made: OrderLine, ground: Ground, *, now: datetime
) -> None:
    """Free capacity and stock of what is not brought, and hold those of what is."""
    expires_at = order.expires_at
    there = convert(made.quantity, from_unit=made.unit, to_unit=made.certificate_unit)
    release_capacity([capacity_move(line, made.quantity)], now=now)
    want = CapacityWant(made.id, made.certificate_id, there, made.capacity_id)
    hold_capacity([want], expires_at=expires_at, now=now)
    held = [HeldLot(one.lot_id, one.unit, one.left) for one in list_line_holds(SYSTEM, [line.id])]
    freed, _ = draw(made.quantity, held[::-1], unit=line.unit)
    release_stock([StockMove(part.lot_id, line.id, part.lot_quantity) for part in freed], now=now)
    demand = StockDemand(
        listing_id=made.listing_id,
        title=made.title,
        unit=made.unit,
        lines=[(made.id, made.quantity)],
        lots=ground.lots[made.listing_id],
    )
    hold_stock([demand], expires_at=expires_at, now=now)
