"""When the money of an order is due by law, what of it is late, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Date, cast, func, or_, select

from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.money import Fen
from marketplace.orders.models.orders import OrderId, PurchaseOrder
from marketplace.orders.queries.finding import get_order
from procurement.quotas.models import QuotaEntry, QuotaHold
from procurement.supervision.models.standings import Movement
from procurement.supervision.models.terms import PaymentTerm
from procurement.supervision.queries.terms import list_payment_terms


@dataclass(frozen=True, slots=True)
class Ticking:
    """What moved of an order by a day, and the terms that hold."""

    order: PurchaseOrder
    movements: list[Movement]
    terms: list[PaymentTerm]
    on: date


@dataclass(frozen=True, slots=True)
class PaymentClock:
    """An order's clock on a Shanghai day: the next date due, what is late, and its interest."""

    order_id: OrderId
    on: date
    accepted_fen: Fen
    paid_fen: Fen
    due_on: date | None
    overdue_fen: Fen
    overdue_days: int
    interest_fen: Fen
    term_days: int | None
    source: str | None


def get_ticking(actor: Actor, order_id: OrderId, *, now: datetime) -> Ticking:
    """Get what was accepted and paid of an order in the actor's sight, by day (NotFound)."""
    order, on = get_order(actor, order_id), shanghai_day(now)
    day = cast(func.timezone("Asia/Shanghai", QuotaEntry.at), Date)
    rows = db.session.execute(
        select(day, func.sum(QuotaEntry.accepted_fen), func.sum(QuotaEntry.spent))
        .join(QuotaHold, QuotaHold.id == QuotaEntry.hold_id)
        .where(
            QuotaHold.order_id == order.id,
            QuotaEntry.at <= now,
            or_(QuotaEntry.accepted_fen != 0, QuotaEntry.spent != 0),
        )
        .group_by(day)
        .order_by(day)
    ).all()
    movements = [
        Movement(
            order.id,
            order.bound_unit_id,
            moved_on,
            Fen(int(accepted)),
            Fen(int(paid)),
            order.payment_term_days,
        )
        for moved_on, accepted, paid in rows
    ]
    return Ticking(order, movements, list_payment_terms(actor), on)
