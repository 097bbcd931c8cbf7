"""The doors of payments and refunds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.paging import Page, PageQuery, page_schema
from marketplace.orders.models.orders import OrderId
from marketplace.settlement.api.stripe import tell_how_to_pay
from marketplace.settlement.commands import payments as commands
from marketplace.settlement.commands import refunds
from marketplace.settlement.commands.clocks import tell_clock
from marketplace.settlement.commands.payments import NewPayment
from marketplace.settlement.commands.refunds import NewRefund
from marketplace.settlement.gateway import is_offered
from marketplace.settlement.models.payments import PaymentId
from marketplace.settlement.queries import payments as queries
from marketplace.settlement.queries.clocks import PaymentClock
from marketplace.settlement.queries.payments import PaymentView, RefundView
from marketplace.settlement.schemas.clocks import PaymentClockOut
from marketplace.settlement.schemas.payments import (
    CancellationIn,
    PaymentIn,
    PaymentOut,
    RefundIn,
    RefundOut,
)
from registry.accounts.models import Role

settlement = Blueprint("settlement", __name__, url_prefix="/api/v1")

PAYS = frozenset({Role.UNIT_FINANCE})
IS_PAID = frozenset({Role.COOP_MANAGER})


@settlement.post("/orders/<uuid:order_id>/payments")
@endpoint(
    settlement,
    allow=PAYS,
    accepts=PaymentIn(),
    returns=PaymentOut(),
    status=201,
    idempotent=True,
    winds_up=True,
)
def register(body: NewPayment, order_id: UUID) -> PaymentView:
    """Register a payment for an order; it stays pending until the money was seen.

    A bank transfer is seen by the supplier. What Stripe collects is seen by Stripe; the answer
    says how to go on there, unless Stripe is slow: then the payment's page at Stripe does.
    """
    payment = commands.register_payment(
        body,
        order_id=OrderId(order_id),
        by=current_actor(),
        now=clock.now(),
        stripe=is_offered(),
    )
    tell_how_to_pay(payment, way=body.way)
    return payment


@settlement.get("/orders/<uuid:order_id>/payments")
@endpoint(
    settlement,
    allow=SIGNED_IN,
    accepts=PageQuery(),
    location="query",
    returns=page_schema(PaymentOut),
)
def list_for_order(query: dict[str, Any], order_id: UUID) -> Page[PaymentView]:
    """List the payments of an order with their refunds, the newest first."""
    return queries.list_payments(current_actor(), OrderId(order_id), **query)


@settlement.get("/orders/<uuid:order_id>/payment-clock")
@endpoint(settlement, allow=SIGNED_IN, returns=PaymentClockOut())
def clock_of_order(order_id: UUID) -> PaymentClock:
    """Say when an order's money is due by law, what of it is late, and the interest."""
    return tell_clock(OrderId(order_id), by=current_actor(), now=clock.now())


@settlement.get("/payments/<uuid:payment_id>")
@endpoint(settlement, allow=SIGNED_IN, returns=PaymentOut())
def show(payment_id: UUID) -> PaymentView:
    """Show a payment with the lines it lies on and its refunds."""
    return queries.get_payment_view(current_actor(), PaymentId(payment_id))


@settlement.post("/payments/<uuid:payment_id>/confirm")
@endpoint(settlement, allow=IS_PAID, returns=PaymentOut(), winds_up=True)
def confirm(payment_id: UUID) -> PaymentView:
    """Confirm that the money came; it counts toward the unit's year from now."""
    return commands.confirm_payment(PaymentId(payment_id), by=current_actor(), now=clock.now())


@settlement.post("/payments/<uuid:payment_id>/cancel")
@endpoint(
    settlement,
    allow=PAYS | IS_PAID,
    accepts=CancellationIn(),
    returns=PaymentOut(),
    winds_up=True,
)
def cancel(body: dict[str, str], payment_id: UUID) -> PaymentView:
    """Cancel a pending payment that was a mistake or never came."""
    return commands.cancel_payment(
        PaymentId(payment_id), reason=body["reason"], by=current_actor(), now=clock.now()
    )


@settlement.post("/payments/<uuid:payment_id>/refunds")
@endpoint(
    settlement,
    allow=PAYS | IS_PAID,
    accepts=RefundIn(),
    returns=RefundOut(),
    status=201,
    idempotent=True,
    winds_up=True,
)
def refund(body: NewRefund, payment_id: UUID) -> RefundView:
    """Let money of a confirmed payment go back, or refuse it and change nothing."""
    return refunds.refund_payment(
        body, payment_id=PaymentId(payment_id), by=current_actor(), now=clock.now()
    )
