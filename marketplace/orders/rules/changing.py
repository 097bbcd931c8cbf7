"""When an order may be given more time, asked less freight for, or stand again."""

from __future__ import annotations

from datetime import datetime, timedelta

from kernel.errors import WrongState
from kernel.money import Fen
from marketplace.errors.orders import ExtendedBefore, FreightRaised
from marketplace.orders.models.orders import OrderStatus, PaymentStatus, PayMode, PurchaseOrder
from marketplace.orders.rules.orders import TRANSITIONS, check_year
from procurement.policies.models import OrderKind

EXTENSION_DAYS = timedelta(days=15)
"""832 platform: the 30 days of a pay-first order may be extended once by 15."""
UNSIGNED = frozenset({OrderStatus.PENDING_APPROVAL, OrderStatus.PLACED})
"""Until the supplier takes an order on, only the buyer has signed."""


def extension(order: PurchaseOrder, *, now: datetime) -> datetime:
    """Give the instant at which the order would lapse now.

    Refuses WrongState for what does not wait for money or is over, ExtendedBefore the second time.
    """
    lapses = OrderStatus.EXPIRED in TRANSITIONS[order.order_status]
    if order.pay_mode is not PayMode.PAY_FIRST or order.expires_at is None or not lapses:
        raise WrongState(state=order.order_status, wanted=PayMode.PAY_FIRST)
    if order.extended_at is not None:
        raise ExtendedBefore
    if order.payment_status is not PaymentStatus.UNPAID:
        raise WrongState(state=order.payment_status, wanted=PaymentStatus.UNPAID)
    if order.expires_at <= now:
        raise WrongState(state=OrderStatus.EXPIRED, wanted=order.order_status)
    return order.expires_at + EXTENSION_DAYS


def check_revival(order: PurchaseOrder, *, now: datetime) -> None:
    """Refuse to let an order stand again that did not lapse after its supplier had taken it on.

    Refuses WrongState, and YearNotOpen once its year is over: its quota is closed.
    """
    lapsed = order.order_status is OrderStatus.EXPIRED and order.confirmed_at is not None
    if not lapsed or order.kind is OrderKind.COMMISSIONED_FARMING:
        raise WrongState(state=order.order_status, wanted=OrderStatus.CONFIRMED)
    check_year(order.year, now=now)


def check_freight(order: PurchaseOrder, freight_fen: Fen) -> None:
    """Refuse other freight once both sides signed (WrongState), and more (FreightRaised)."""
    if order.order_status not in UNSIGNED:
        raise WrongState(state=order.order_status, wanted=OrderStatus.PLACED)
    if freight_fen > order.freight_fen:
        raise FreightRaised(agreed_fen=order.freight_fen, wanted_fen=freight_fen)
