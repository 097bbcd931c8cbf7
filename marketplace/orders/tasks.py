"""The timers of orders: not paid or not decided on in time, and weeks that are due."""

from __future__ import annotations

from kernel import clock
from kernel.jobs import in_batches, task
from marketplace.orders.commands import deciding, standing


@task(name="marketplace.expire_orders")
def expire_orders() -> int:
    """Let unpaid orders lapse whose time is over; each is a transaction of its own."""
    return in_batches(lambda: deciding.expire_next(now=clock.now()))


@task(name="marketplace.escalate_orders")
def escalate_orders() -> int:
    """Tell upwards of orders that wait too long; each is a transaction of its own."""
    return in_batches(lambda: deciding.escalate_next(now=clock.now()))


@task(name="marketplace.order_weeks")
def order_weeks() -> int:
    """Order the weeks of standing orders that are due; each is a transaction of its own."""
    return in_batches(lambda: standing.order_due_week(now=clock.now()))
