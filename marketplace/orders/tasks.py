"""The timers of orders that were not paid, or not decided on, in time."""

from __future__ import annotations

from kernel import clock
from kernel.jobs import in_batches, task
from marketplace.orders.commands import deciding


@task(name="marketplace.expire_orders")
def expire_orders() -> int:
    """Let unpaid orders lapse whose time is over; each is a transaction of its own."""
    return in_batches(lambda: deciding.expire_next(now=clock.now()))


@task(name="marketplace.escalate_orders")
def escalate_orders() -> int:
    """Tell upwards of orders that wait too long; each is a transaction of its own."""
    return in_batches(lambda: deciding.escalate_next(now=clock.now()))
