"""Read the payment clock of an order by the law's rule."""

from __future__ import annotations

from datetime import datetime, timedelta

from kernel.actor import Actor
from kernel.money import Fen
from marketplace.orders.models.orders import OrderId
from marketplace.settlement.queries.clocks import PaymentClock, Ticking, get_ticking
from procurement.supervision.models.standings import LatePayment
from procurement.supervision.rules.payments import late_payment, term_on


def tell_clock(order_id: OrderId, *, by: Actor, now: datetime) -> PaymentClock:
    """Say when an order's money is due, what of it is late, and the interest (NotFound).

    The days agreed, else those of the law from acceptance, then interest a day: `late_payment`.
    """
    found = get_ticking(by, order_id, now=now)
    late = late_payment(found.movements, terms=found.terms, on=found.on)
    return _shown(found, late)


def _shown(found: Ticking, late: LatePayment | None) -> PaymentClock:
    accepted = [one for one in found.movements if one.accepted_fen > 0]
    first = accepted[0].on if accepted else None
    term = term_on(found.terms, first or found.on)
    paid = Fen(sum(one.paid_fen for one in found.movements))
    total = Fen(sum(one.accepted_fen for one in found.movements))
    due_on = late.due_on if late else None
    days = found.order.payment_term_days or (term.standard_days if term else None)
    if due_on is None and first is not None and days is not None and paid < total:
        due_on = first + timedelta(days=days)
    return PaymentClock(
        order_id=found.order.id,
        on=found.on,
        accepted_fen=total,
        paid_fen=paid,
        due_on=due_on,
        overdue_fen=late.overdue_fen if late else Fen(0),
        overdue_days=late.days if late else 0,
        interest_fen=late.interest_fen if late else Fen(0),
        term_days=days,
        source=term.source if term else None,
    )
