"""What follows when an order was placed."""

from __future__ import annotations

from datetime import datetime

from marketplace.events import OrderPlaced
from marketplace.orders.commands.splits import signal_splits
from marketplace.orders.models.orders import OrderId


def watch_splits(event: OrderPlaced, *, now: datetime) -> None:
    """Look whether an order passes a band of approval together with others."""
    signal_splits(OrderId(event.order_id), now=now)
