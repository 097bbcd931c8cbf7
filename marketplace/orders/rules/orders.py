"""When an order may be placed, approved, confirmed, called off, and when it is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

from certification.certificates.models.certificates import CertificateStatus
from certification.errors.certificates import CertificateNotInForce, CertificatePapersLapsed
from kernel.actor import Actor
from kernel.calendar import shanghai_year
from kernel.errors import SamePerson, WrongState
from kernel.money import Fen, line_amount
from marketplace.catalogue.models.listings import ListingId, ListingStatus
from marketplace.errors.catalogue import ListingNotListed, SupplierEnded
from marketplace.errors.orders import (
    DedicationMissing,
    DedicationUnexpected,
    DedicationUnfit,
    PlotNotAdopted,
    QuantityOffStep,
    SeveralSuppliers,
    StockUnpaid,
    UnitEnded,
    YearNotOpen,
)
from marketplace.orders.models.offers import Offer
from marketplace.orders.models.orders import (
    FulfilmentStatus,
    OrderStatus,
    PaymentStatus,
    PayMode,
    PurchaseOrder,
)
from procurement.approvals.rules import Band
from procurement.policies.models import OrderKind

PAY_FIRST_DAYS = timedelta(days=30)
"""832 platform: a pay-first order waits 30 days for its money; goods-first has no limit."""

TRANSITIONS: Mapping[OrderStatus, frozenset[OrderStatus]] = MappingProxyType(
    {
        OrderStatus.DRAFT: frozenset({OrderStatus.CANCELLED}),
        OrderStatus.PENDING_APPROVAL: frozenset(
            {OrderStatus.DRAFT, OrderStatus.PLACED, OrderStatus.CANCELLED, OrderStatus.EXPIRED}
        ),
        OrderStatus.PLACED: frozenset(
            {OrderStatus.CONFIRMED, OrderStatus.CANCELLED, OrderStatus.EXPIRED}
        ),
        OrderStatus.CONFIRMED: frozenset(
            {OrderStatus.COMPLETED, OrderStatus.CANCELLED, OrderStatus.EXPIRED}
        ),
        OrderStatus.COMPLETED: frozenset(),
        OrderStatus.CANCELLED: frozenset(),
        OrderStatus.EXPIRED: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One line as it will be agreed."""

    offer: Offer
    quantity: Decimal
    unit_price_fen: Fen
    amount_fen: Fen


def check_kind(kind: OrderKind, *, dedicated: bool, adopted: bool = False) -> None:
    """Refuse farming without an adopted plot, and a dedication missing or out of place.

    Refuses PlotNotAdopted, DedicationMissing, DedicationUnexpected.
    """
    if kind is OrderKind.COMMISSIONED_FARMING and not adopted:
        raise PlotNotAdopted(pointer="/kind")
    if kind is OrderKind.PURCHASE_INSTEAD_OF_DONATION:
        if not dedicated:
            raise DedicationMissing(pointer="/dedication")
    elif dedicated:
        raise DedicationUnexpected(pointer="/dedication")


def check_pay_mode(kind: OrderKind, pay_mode: PayMode) -> None:
    """Refuse to take stock for resale without paying: that would be a consignment (StockUnpaid)."""
    if kind is OrderKind.PURCHASE_INSTEAD_OF_SALE and pay_mode is not PayMode.PAY_FIRST:
        raise StockUnpaid(pointer="/pay_mode")


def check_dedication(named: Iterable[str], *, linked: Collection[str]) -> None:
    """Refuse a village or household that the goods are not of (DedicationUnfit)."""
    for code in named:
        if code not in linked:
            raise DedicationUnfit(named=code, pointer="/dedication")


def check_year(year: int, *, now: datetime) -> None:
    """Refuse any year but the running one in Shanghai (YearNotOpen)."""
    if year != (running := shanghai_year(now)):
        raise YearNotOpen(year=year, open_year=running, pointer="/year")


def check_unit_lives(ended_on: date | None, *, heir_id: UUID | None, heir: str | None) -> None:
    """Refuse to buy for a unit that was merged or abolished, and name its successor (UnitEnded)."""
    if ended_on is not None:
        raise UnitEnded(
            pointer="/bound_unit_id",
            ended_on=ended_on,
            successor_id=heir_id,
            successor=heir or "无 / none",
        )


def check_offer(offer: Offer, *, today: date) -> None:
    """Refuse a product that may not be sold today: by its supplier, certificate, then listing."""
    if offer.supplier_ended_on is not None:
        raise SupplierEnded(title=offer.title, ended_on=offer.supplier_ended_on)
    valid = offer.valid_from_on <= today < offer.valid_until_on
    status = offer.certificate_status
    if status is not CertificateStatus.IN_FORCE or not valid or not offer.capacity_open:
        shown = CertificateStatus.EXPIRED if today >= offer.valid_until_on else status
        raise CertificateNotInForce(number=offer.certificate_number, status=shown)
    lapsed_on = offer.papers_until_on
    if lapsed_on is not None and lapsed_on <= today:
        raise CertificatePapersLapsed(number=offer.certificate_number, papers_until_on=lapsed_on)
    if offer.status is not ListingStatus.LISTED:
        raise ListingNotListed(title=offer.title, status=offer.status)


def check_quantity_step(quantity: Decimal, *, step: Decimal, pointer: str) -> None:
    """Refuse a quantity that is no multiple of the step (QuantityOffStep)."""
    if quantity % step:
        raise QuantityOffStep(quantity=quantity, step=step, pointer=pointer)


def price_lines(
    lines: Sequence[tuple[Offer, Decimal]],
    *,
    demand: Mapping[ListingId, Decimal],
    today: date,
    together: bool = False,
) -> list[PricedLine]:
    """Price lines of one supplier; all that is in `demand` of a listing reaches its tiers together.

    Input in the order of the request; refuses with the pointer of the first line at fault. Lines
    of several suppliers are priced only where their orders are placed `together`.
    """
    for position, (offer, quantity) in enumerate(lines):
        check_offer(offer, today=today)
        if not together and offer.supplier_id != lines[0][0].supplier_id:
            raise SeveralSuppliers(pointer=f"/lines/{position}/listing_id")
        pointer = f"/lines/{position}/quantity"
        check_quantity_step(quantity, step=offer.step, pointer=pointer)
    prices = {
        offer.listing_id: price_at(offer.unit_price_fen, offer.tiers, demand[offer.listing_id])
        for offer, _ in lines
    }
    return [
        PricedLine(
            offer=offer,
            quantity=quantity,
            unit_price_fen=prices[offer.listing_id],
            amount_fen=line_amount(quantity, prices[offer.listing_id]),
        )
        for offer, quantity in lines
    ]


def demand_of(wishes: Iterable[tuple[ListingId, Decimal]]) -> dict[ListingId, Decimal]:
    """Add up what is wanted of each listing."""
    demand: dict[ListingId, Decimal] = defaultdict(Decimal)
    for listing_id, quantity in wishes:
        demand[listing_id] += quantity
    return demand


def by_supplier(lines: Iterable[PricedLine]) -> list[list[PricedLine]]:
    """Part lines by supplier."""
    parts: dict[UUID, list[PricedLine]] = defaultdict(list)
    for line in lines:
        parts[line.offer.supplier_id].append(line)
    return list(parts.values())


def price_at(unit_price: Fen, tiers: Sequence[Mapping[str, Any]], quantity: Decimal) -> Fen:
    """Find the price per unit for a whole demand; tiers rise in quantity."""
    price = unit_price
    for tier in tiers:
        if quantity >= Decimal(tier["min_quantity"]):
            price = Fen(tier["unit_price_fen"])
    return price


def first_status(band: Band | None) -> OrderStatus:
    """Give the state a new order begins in; above a band somebody else approves."""
    return OrderStatus.PLACED if band is None else OrderStatus.PENDING_APPROVAL


def amounts_of(lines: Iterable[PricedLine]) -> dict[str | None, Fen]:
    """Give what lines cost by category."""
    amounts: dict[str | None, Fen] = {}
    for line in lines:
        category = line.offer.category_code
        amounts[category] = Fen(amounts.get(category, 0) + line.amount_fen)
    return amounts


def expiry(pay_mode: PayMode, *, now: datetime) -> datetime | None:
    """Give the instant at which an unpaid order lapses; goods-first orders do not."""
    return now + PAY_FIRST_DAYS if pay_mode is PayMode.PAY_FIRST else None


def check_move(order: PurchaseOrder, to: OrderStatus) -> None:
    """Refuse a way that is not drawn (WrongState)."""
    if to not in TRANSITIONS[order.order_status]:
        raise WrongState(state=order.order_status, wanted=to)


def check_decision(order: PurchaseOrder, *, by: Actor) -> None:
    """Refuse a decision on what does not wait for one, or by the author (SamePerson)."""
    if order.order_status is not OrderStatus.PENDING_APPROVAL:
        raise WrongState(state=order.order_status, wanted=OrderStatus.PENDING_APPROVAL)
    if by.user_id == order.author_id:
        raise SamePerson


def check_cancelling(order: PurchaseOrder) -> None:
    """Refuse to call off what was shipped, is being paid for, or has ended (WrongState)."""
    check_move(order, OrderStatus.CANCELLED)
    if order.fulfilment_status is not FulfilmentStatus.UNSHIPPED:
        raise WrongState(state=order.fulfilment_status, wanted=FulfilmentStatus.UNSHIPPED)
    if order.paid_fen > order.refunded_fen or order.pending_fen > 0:
        raise WrongState(state=order.payment_status, wanted=PaymentStatus.REFUNDED)


def may_expire(order: PurchaseOrder, *, now: datetime) -> bool:
    """Say whether an order lapses: its time is over, and no money came or is on its way."""
    over = order.expires_at is not None and order.expires_at <= now
    moneyless = order.paid_fen == 0 and order.pending_fen == 0
    return over and moneyless and OrderStatus.EXPIRED in TRANSITIONS[order.order_status]


def due_fen(order: PurchaseOrder) -> Fen:
    """Give what the buyer owes in all: as ordered, and once taken in, as accepted.

    Freight of goods that were all turned away is nobody's debt.
    """
    if order.fulfilment_status is FulfilmentStatus.ACCEPTED:
        return Fen(order.accepted_fen + order.freight_fen) if order.accepted_fen else Fen(0)
    return order.total_fen


def payment_status(order: PurchaseOrder) -> PaymentStatus:
    """Read the state of the money off the confirmed amounts."""
    if order.paid_fen == 0:
        return PaymentStatus.UNPAID
    if order.refunded_fen == order.paid_fen:
        return PaymentStatus.REFUNDED
    if order.refunded_fen > 0:
        return PaymentStatus.PARTLY_REFUNDED
    return PaymentStatus.PAID if order.paid_fen >= due_fen(order) else PaymentStatus.PARTLY_PAID


def is_done(order: PurchaseOrder) -> bool:
    """Say whether everything sent was taken in, and everything taken in was paid.

    Money that went back later does not fall due again.
    """
    return (
        order.order_status is OrderStatus.CONFIRMED
        and order.fulfilment_status is FulfilmentStatus.ACCEPTED
        and order.paid_fen >= due_fen(order)
    )
