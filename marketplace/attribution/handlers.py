"""What attribution does when money or goods come, or money goes back."""

from __future__ import annotations

from datetime import datetime

from marketplace.attribution.commands.posting import post_attribution
from marketplace.events import GoodsAccepted, PaymentPosted, PaymentRefunded
from marketplace.orders.models.orders import OrderId


def attribute_goods(event: GoodsAccepted, *, now: datetime) -> None:
    """Split the money of goods that were taken in."""
    post_attribution(OrderId(event.order_id), now=now)


def attribute_money(event: PaymentPosted, *, now: datetime) -> None:
    """Split money that came."""
    post_attribution(OrderId(event.order_id), now=now)


def reverse_money(event: PaymentRefunded, *, now: datetime) -> None:
    """Take money that went back from those it was split over."""
    post_attribution(OrderId(event.order_id), now=now)
