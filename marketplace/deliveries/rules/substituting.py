"""What may be brought instead of what was ordered, and what it may cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kernel.errors import WrongState
from kernel.money import Fen, line_amount
from kernel.quantity import check_quantity, convert
from marketplace.catalogue.models.listings import ListingId
from marketplace.deliveries.models.goods import Substitution, SubstitutionStatus
from marketplace.deliveries.rules.goods import STILL_SHIPPING, open_quantity
from marketplace.errors.deliveries import (
    OverShipped,
    PlotAgreed,
    SubstituteDearer,
    SubstituteUnlike,
)
from marketplace.orders.models.offers import Offer
from marketplace.orders.models.orders import (
    FulfilmentStatus,
    OrderLine,
    OrderLineId,
    OrderStatus,
    PaymentStatus,
    PurchaseOrder,
)
from marketplace.orders.rules.orders import check_offer, check_quantity_step
from procurement.policies.models import OrderKind


@dataclass(frozen=True)
class NewSubstitute:
    """So much of a line to be brought as another product, at a price per unit."""

    order_line_id: OrderLineId
    listing_id: ListingId
    quantity: Decimal
    unit_price_fen: Fen
    reason: str


@dataclass(frozen=True)
class Swap:
    """What a line costs without the part that is replaced, what the other costs, what is saved.

    What comes free is of the money still held, without what was turned away.
    """

    kept_fen: Fen
    new_fen: Fen
    free_fen: Fen


def check_swappable(order: PurchaseOrder) -> None:
    """Refuse to swap goods of an order that is not running, all sent, or paid for (WrongState)."""
    if order.order_status is not OrderStatus.CONFIRMED:
        raise WrongState(state=order.order_status, wanted=OrderStatus.CONFIRMED)
    if order.fulfilment_status not in STILL_SHIPPING:
        raise WrongState(state=order.fulfilment_status, wanted=FulfilmentStatus.PARTLY_SHIPPED)
    if order.kind is OrderKind.COMMISSIONED_FARMING:
        raise PlotAgreed
    if order.paid_fen or order.pending_fen:
        raise WrongState(state=order.payment_status, wanted=PaymentStatus.UNPAID)


def check_open(substitution: Substitution) -> None:
    """Refuse to decide again on a proposal (WrongState)."""
    if substitution.status is not SubstitutionStatus.PROPOSED:
        raise WrongState(state=substitution.status, wanted=SubstitutionStatus.PROPOSED)


def swap(line: OrderLine, offer: Offer, *, quantity: Decimal, price: Fen, today: date) -> Swap:
    """Price a swap of so much of a line for an offer of the same supplier.

    Refuses what may not be sold today, SubstituteUnlike (it must count as what it stands for),
    OverShipped (more than is still to come) and SubstituteDearer, by unit or in sum: also by the
    fen that rounding makes of a line of which goods were turned away.
    """
    check_offer(offer, today=today)
    alike = (offer.unit, offer.origin_kind, offer.category_code)
    if offer.listing_id == line.listing_id or alike != (
        line.unit,
        line.origin_kind,
        line.category_code,
    ):
        raise SubstituteUnlike(pointer="/listing_id")
    check_quantity(quantity, line.unit, pointer="/quantity")
    check_quantity_step(quantity, step=offer.step, pointer="/quantity")
    for unit in (line.certificate_unit, offer.certificate_unit):
        convert(quantity, from_unit=line.unit, to_unit=unit)
    left = line.due_quantity - line.shipped_quantity
    if quantity > left:
        raise OverShipped(left=left, wanted=quantity, pointer="/quantity")
    kept = line_amount(line.due_quantity - quantity, line.unit_price_fen)
    new = line_amount(quantity, price)
    still = open_quantity(line, all_sent=False)
    held = line_amount(still, line.unit_price_fen)
    free = Fen(held - line_amount(still - quantity, line.unit_price_fen) - new)
    if price > line.unit_price_fen or kept + new > line.amount_fen or free < 0:
        raise SubstituteDearer(pointer="/unit_price_fen")
    return Swap(kept, new, free)
