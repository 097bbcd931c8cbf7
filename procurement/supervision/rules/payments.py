"""The clock of payments to sellers: what is late, since when, and what it costs.

Regulation on payments to small and medium-sized enterprises (State Council Decree 802, in force
from 2025-06-01; before it Decree 728): 30 days from acceptance where nothing shorter is agreed,
never beyond 60; 0.05 % a day of what is late where no other rate is agreed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from kernel.money import Fen
from procurement.supervision.models.standings import LatePayment, Movement, UnitDelay
from procurement.supervision.models.terms import PaymentTerm
from registry.organisations.models import OrganisationId

WHOLE_BP = 10_000


def term_on(terms: Sequence[PaymentTerm], day: date) -> PaymentTerm | None:
    """Choose the term that held on a day; before the first one nothing was late by law."""
    held = [one for one in terms if one.in_force_from_on <= day]
    return max(held, key=lambda one: one.in_force_from_on, default=None)


def late_payment(
    movements: Sequence[Movement], *, terms: Sequence[PaymentTerm], on: date
) -> LatePayment | None:
    """Say what of one order is late on a day; money pays the oldest acceptance first.

    Due after the days agreed for it, else after the standard ones of the term in force.

    What is sent back after acceptance takes the youngest acceptance away. Interest runs from
    the day after the last one of the term to `on`, for what is unpaid; half a fen goes up.
    """
    slices = _unpaid(movements)
    overdue, beyond, weighted, oldest = 0, 0, 0, None
    for accepted_on, amount in slices:
        term = term_on(terms, accepted_on)
        if term is None:
            continue
        wait = movements[0].term_days or term.standard_days
        due_on = accepted_on + timedelta(days=wait)
        days = (on - due_on).days
        if days <= 0:
            continue
        overdue += amount
        beyond += amount if days > term.longest_days - wait else 0
        weighted += amount * days * term.late_interest_bp
        oldest = min(due_on, oldest or due_on)
    if oldest is None:
        return None
    return LatePayment(
        order_id=movements[0].order_id,
        unit_id=movements[0].unit_id,
        overdue_fen=Fen(overdue),
        beyond_fen=Fen(beyond),
        due_on=oldest,
        days=(on - oldest).days,
        interest_fen=Fen((weighted * 2 + WHOLE_BP) // (WHOLE_BP * 2)),
    )


def _unpaid(movements: Sequence[Movement]) -> list[tuple[date, int]]:
    """Give what was accepted and is not paid, by the day of acceptance, the oldest first."""
    ordered = sorted(movements, key=lambda one: one.on)
    accepted: deque[list[int]] = deque()
    days: deque[date] = deque()
    for one in ordered:
        if one.accepted_fen > 0:
            accepted.append([one.accepted_fen])
            days.append(one.on)
        back = -min(0, one.accepted_fen)
        while back and accepted:
            taken = min(back, accepted[-1][0])
            accepted[-1][0] -= taken
            back -= taken
            if not accepted[-1][0]:
                accepted.pop()
                days.pop()
    paid = max(0, int(sum(one.paid_fen for one in ordered)))
    found = []
    for day, [amount] in zip(days, accepted, strict=True):
        taken = min(paid, amount)
        paid -= taken
        if amount > taken:
            found.append((day, amount - taken))
    return found


def delays_of(late: Iterable[LatePayment]) -> list[UnitDelay]:
    """Add up what is late by unit, the largest sum first."""
    of_unit: dict[OrganisationId, list[LatePayment]] = {}
    for one in late:
        of_unit.setdefault(one.unit_id, []).append(one)
    found = [
        UnitDelay(
            unit_id=unit_id,
            overdue_fen=Fen(sum(one.overdue_fen for one in rows)),
            beyond_fen=Fen(sum(one.beyond_fen for one in rows)),
            interest_fen=Fen(sum(one.interest_fen for one in rows)),
            orders=len(rows),
            longest_days=max(one.days for one in rows),
        )
        for unit_id, rows in of_unit.items()
    ]
    return sorted(found, key=lambda one: (-one.overdue_fen, one.unit_id))
