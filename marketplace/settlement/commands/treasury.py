"""What can be done with treasury orders: draw one up, say that it was paid whole, call it off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import true

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_year
from kernel.database import db
from kernel.errors import Invalid, SamePerson, WrongState, check_version
from kernel.identity import new_id
from kernel.money import Fen
from kernel.numbers import next_number
from marketplace.orders.models.orders import OrderId, PurchaseOrder
from marketplace.orders.queries.finding import lock_order
from marketplace.settlement.commands.payments import (
    NewPayment,
    post_payment,
    register_payment,
    withdraw,
)
from marketplace.settlement.models.payments import Payment, PaymentMethod, PaymentState
from marketplace.settlement.models.treasury import (
    TreasuryOrder,
    TreasuryOrderId,
    TreasuryOrderStatus,
)
from marketplace.settlement.queries import payments as payment_queries
from marketplace.settlement.queries import treasury as queries
from marketplace.settlement.queries.treasury import TreasuryView
from registry.accounts.models import UserId
from registry.accounts.queries.people import list_accounts_of
from registry.documents.rules import check_clear_of_identity


@dataclass(frozen=True, slots=True)
class TreasuryPart:
    """So much for one order."""

    order_id: OrderId
    amount_fen: Fen


def draw_treasury_order(parts: Sequence[TreasuryPart], *, by: Actor, now: datetime) -> TreasuryView:
    """Register a payment of each order, to be made by one treasury voucher.

    By finance of the bound units or of one above them. Refuses an order named twice (Invalid)
    and whatever a single payment is refused for; then nothing is registered.
    """
    if len({part.order_id for part in parts}) < len(parts):
        reason = "订单重复 / an order is named twice"
        raise Invalid(reason=reason, pointer="/parts")
    drawn = TreasuryOrder(
        id=TreasuryOrderId(new_id()),
        number=next_number("BF-T", region_code=by.region_code, year=shanghai_year(now)),
        status=TreasuryOrderStatus.DRAWN,
        total_fen=Fen(sum(part.amount_fen for part in parts)),
        drawn_by=UserId(by.user_id),
        drawn_at=now,
        version=1,
    )
    db.session.add(drawn)
    db.session.flush()
    for part in sorted(parts, key=lambda one: one.order_id):
        new = NewPayment(PaymentMethod.TREASURY, part.amount_fen, drawn.number)
        made = register_payment(new, order_id=part.order_id, by=by, now=now)
        db.session.get_one(Payment, made.id).treasury_order_id = drawn.id
    return _done("treasury_order.draw", drawn, by=by, now=now)


def confirm_treasury_order(
    treasury_order_id: TreasuryOrderId,
    *,
    voucher: str,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> TreasuryView:
    """Say that the treasury paid all of it, with the voucher's number; all of it counts, or none.

    What lines of statements proved before stays as it is.

    By the finance bureau; never by who drew it up (SamePerson).
    """
    drawn = _lock(treasury_order_id, expected_version, by=by)
    if by.user_id in list_accounts_of(by, {drawn.drawn_by}):
        raise SamePerson
    for order, payment in _lock_pending(drawn, by=by):
        post_payment(payment, order=order, by=by, now=now)
    drawn.status, drawn.voucher = TreasuryOrderStatus.PAID, voucher
    return _decided("treasury_order.confirm", drawn, by=by, now=now)


def cancel_treasury_order(
    treasury_order_id: TreasuryOrderId,
    *,
    reason: str,
    expected_version: int | None,
    by: Actor,
    now: datetime,
) -> TreasuryView:
    """Call off what was not paid of a treasury order; its orders may be paid anew (WrongState)."""
    check_clear_of_identity(reason, pointer="/reason")
    drawn = _lock(treasury_order_id, expected_version, by=by)
    for order, payment in _lock_pending(drawn, by=by):
        withdraw(payment, order=order, reason=reason, by=by, now=now)
    drawn.status, drawn.reason = TreasuryOrderStatus.CANCELLED, reason
    return _decided("treasury_order.cancel", drawn, by=by, now=now)


def _lock(
    treasury_order_id: TreasuryOrderId, expected_version: int | None, *, by: Actor
) -> TreasuryOrder:
    drawn = queries.lock_treasury_order(by, treasury_order_id)
    check_version(drawn.version, expected_version)
    if drawn.status is not TreasuryOrderStatus.DRAWN:
        raise WrongState(state=drawn.status, wanted=TreasuryOrderStatus.DRAWN)
    return drawn


def _lock_pending(drawn: TreasuryOrder, *, by: Actor) -> Iterator[tuple[PurchaseOrder, Payment]]:
    """Lock what no line proved yet, each payment behind its order, by the orders' keys."""
    for payment in queries.get_treasury_view(by, drawn.id).payments:
        if payment.status is PaymentState.PENDING:
            order = lock_order(by, payment.order_id, true())
            yield order, payment_queries.lock_payment(by, payment.id)


def _decided(action: str, drawn: TreasuryOrder, *, by: Actor, now: datetime) -> TreasuryView:
    drawn.decided_by, drawn.decided_at = UserId(by.user_id), now
    return _done(action, drawn, by=by, now=now)


def _done(action: str, drawn: TreasuryOrder, *, by: Actor, now: datetime) -> TreasuryView:
    db.session.flush()
    after = {"number": drawn.number, "status": drawn.status, "total_fen": drawn.total_fen}
    audit.write(action, subject=("treasury_order", drawn.id), by=by, now=now, after=after)
    return queries.get_treasury_view(by, drawn.id)
