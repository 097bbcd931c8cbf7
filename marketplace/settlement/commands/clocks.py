"""Read the payment clock of an order by the law's rule."""

from __future__ import annotations

from datetime import datetime

from kernel.actor import Actor
from marketplace.orders.models.orders import OrderId
from marketplace.settlement.queries.clocks import PaymentClock, get_ticking, read_clock
from procurement.supervision.rules.payments import late_payment


def tell_clock(order_id: OrderId, *, by: Actor, now: datetime) -> PaymentClock:
    """Say when an order's money is due, what of it is late, and the interest (NotFound).

    30 days from acceptance where nothing is agreed, 0.05 % a day after them: `late_payment`.
    """
    found = get_ticking(by, order_id, now=now)
    late = late_payment(found.movements, terms=found.terms, on=found.on)
    return read_clock(by, found, late)
