"""A Stripe that answers, payments collected by it, and shoppers who pay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from demo.stripe_double import payments, returns
from demo.stripe_double.events import body_of, signature
from demo.stripe_double.server import Running
from demo.stripe_double.state import Object, State
from kernel import clock
from kernel.actor import SYSTEM
from kernel.config import Settings
from kernel.database import db
from kernel.money import Fen
from marketplace.orders.models.orders import OrderId
from marketplace.settlement.commands.intents import move
from marketplace.settlement.commands.payments import NewPayment, register_payment
from marketplace.settlement.models.payments import Payment, PaymentId, PaymentMethod
from marketplace.settlement.models.stripe import (
    MovementKind,
    MovementStatus,
    StripeIntent,
    StripeMovement,
    StripeWay,
)
from marketplace.settlement.queries.payments import PaymentView
from marketplace.settlement.tasks import ask_stripe
from tests.builders.settlement import NOW, Market, market, ordered

KEY = "sk_test_bangfu"
SECRET = "whsec_bangfu"


@dataclass(frozen=True)
class Double:
    """A double that listens, and what shoppers and their banks do at it."""

    running: Running

    @property
    def state(self) -> State:
        """Everything that it knows."""
        return self.running.state

    def settings(self, plain: Settings) -> Settings:
        """Give settings of an installation that asks this double."""
        return replace(
            plain,
            stripe_secret_key=KEY,
            stripe_webhook_secret=SECRET,
            stripe_api_url=self.running.url,
        )

    def intent(self, payment_id: PaymentId) -> Object:
        """Give a payment's PaymentIntent."""
        (found,) = [
            one
            for one in self.state.of("payment_intent")
            if one["metadata"]["payment_id"] == str(payment_id)
        ]
        return found

    def charge(self, payment_id: PaymentId) -> Object:
        """Give the charge of a payment that was paid."""
        return self.state.get(self.intent(payment_id)["latest_charge"], "charge")

    def pay(self, payment_id: PaymentId) -> None:
        """Let the shopper pay."""
        payments.pay_intent(self.state, self.intent(payment_id))

    def dispute(self, payment_id: PaymentId) -> Object:
        """Let the shopper's bank dispute a payment."""
        return returns.open_dispute(self.state, self.charge(payment_id))

    def forget(self) -> None:
        """Forget everything that happened."""
        for kept in (self.state.objects, self.state.answered):
            kept.clear()
        for told in (self.state.events, self.state.requests):
            told.clear()

    def posts(self, path: str) -> list[str | None]:
        """List the keys of the calls that were to change something there."""
        return [
            key for method, where, key in self.state.requests if (method, where) == ("POST", path)
        ]


def collected(
    there: Market, order_id: OrderId, amount: int, *, way: StripeWay = StripeWay.ALIPAY
) -> PaymentView:
    """Let finance register a payment that Stripe is to collect."""
    new = NewPayment(PaymentMethod.STRIPE, Fen(amount), way=way)
    by = there.by("finance")
    return register_payment(new, order_id=order_id, by=by, now=NOW, stripe=True)


def opened(there: Market, amount: int = 3_000) -> PaymentId:
    """Let a payment by card be registered and opened at Stripe."""
    payment = collected(there, ordered(there, "1"), amount, way=StripeWay.CARD)
    ask_at(NOW)
    return payment.id


def paid_by_stripe(double: Double, there: Market, order_id: OrderId, amount: int) -> PaymentId:
    """Let a payment be registered, opened at Stripe, paid by the shopper, and looked at."""
    payment = collected(there, order_id, amount, way=StripeWay.CARD)
    ask_at(NOW)
    double.pay(payment.id)
    ring(payment.id)
    ask_at(NOW)
    return payment.id


def collect_something() -> None:
    """Leave a payment for Stripe to collect, and a transfer that is to be made."""
    there = market()
    payment = collected(there, ordered(there, "1"), 3_000)
    move(payment.id, MovementKind.TRANSFER, amount=Fen(1), by=SYSTEM, now=NOW)


def ask_at(now: datetime) -> int:
    """Let the timer ask Stripe whatever is due at an instant."""
    with clock.stopped(now):
        asked: int = ask_stripe()
    db.session.expire_all()
    return asked


def ring(payment_id: PaymentId) -> None:
    """Let a payment be asked about at once, as an event would."""
    intent_of(payment_id).due_at = NOW
    db.session.flush()


def signed(event: Object, **how: Any) -> dict[str, Any]:
    """Give what a client posts of an event that Stripe signed."""
    body = body_of(event)
    header = signature(body, secret=SECRET, **how)
    return {"data": body, "headers": {"Stripe-Signature": header}}


def intent_of(payment_id: PaymentId) -> StripeIntent:
    """Read how a payment stands at Stripe."""
    db.session.flush()
    return db.session.get_one(StripeIntent, payment_id, populate_existing=True)


def payment_of(payment_id: PaymentId) -> Payment:
    """Read a payment as it stands now."""
    db.session.flush()
    return db.session.get_one(Payment, payment_id, populate_existing=True)


def movements_of(payment_id: PaymentId) -> list[StripeMovement]:
    """Read what was or will be moved of a payment, the oldest first."""
    statement = select(StripeMovement).where(StripeMovement.payment_id == payment_id)
    ordered = statement.order_by(StripeMovement.id).execution_options(populate_existing=True)
    return list(db.session.scalars(ordered))


def moved(payment_id: PaymentId) -> list[tuple[MovementKind, int, MovementStatus]]:
    """Read what was or will be moved of a payment: kind, amount, state."""
    return [(one.kind, one.amount_fen, one.status) for one in movements_of(payment_id)]
