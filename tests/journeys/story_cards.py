"""What happens to payments by card in the story: charged at Stripe, told of by events, disputed.

What an event is about is true at Stripe before we hear of it, and counts when we do; hearing of it
again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from demo.stripe_double import payments, returns
from demo.stripe_double.events import body_of, signature
from demo.stripe_double.state import Object
from kernel.database import db
from marketplace.settlement.models.payments import PaymentId, Refund
from tests.builders.stripe import SECRET
from tests.journeys.story_bank import Bank
from tests.journeys.story_model import Order, Payment

HEARD = 204


@dataclass
class Cards(Bank):
    """All acts so far, and those with cards."""

    told: list[tuple[Order, Payment, Object]] = field(default_factory=list)
    """What Stripe said of which payment, whether it reached us or not."""
    heard: set[str] = field(default_factory=set)
    """The events that reached us."""

    def pay(
        self, order: Order, share: int, *, who: str = "finance", by_card: bool = False
    ) -> Payment | None:
        """Pay, and have a card's payment opened at Stripe."""
        payment = super().pay(order, share, who=who, by_card=by_card)
        if by_card:
            self.there.ask_stripe(self.now)
            self.fired["card asked"] += payment is not None
        return payment

    def charge(self, order: Order, payment: Payment, *, heard: int) -> None:
        """Let the card be charged; Stripe tells of it so many times."""
        if not payment.charged:
            double = self.there.double
            self._at_stripe(
                order,
                payment,
                lambda: payments.pay_intent(double.state, double.intent(PaymentId(payment.id))),
            )
            payment.charged = True
            self.fired["card charged"] += 1
        self._tell_latest(payment, heard)

    def call_back(self, order: Order, payment: Payment) -> None:
        """Call a payment back; a card that was charged by then is paid all the same."""
        super().call_back(order, payment)
        if payment.by_card and payment.status == "cancelled":
            self.there.ask_stripe(self.now)
            self._hear(order, payment)
            self.fired["charged all the same"] += payment.charged

    def give_back(
        self, order: Order, payment: Payment, pick: int, share: int, *, named: bool
    ) -> None:
        """Give money back; Stripe is asked to return what it collected."""
        super().give_back(order, payment, pick, share, named=named)
        if payment.by_card:
            self.there.ask_stripe(self.now)

    def go_on(self, order: Order) -> None:
        """Take the ordinary next step of an order; a card is charged and told of."""
        waiting = order.pending(by_card=True)
        if waiting and order.status == "confirmed":
            self.charge(order, waiting[0], heard=1)
        else:
            super().go_on(order)

    def dispute(self, order: Order, payment: Payment) -> None:
        """Let the payer's bank dispute a charge; our books wait for what comes of it."""
        found = self._at_stripe(
            order, payment, lambda: self.there.double.dispute(PaymentId(payment.id))
        )
        payment.dispute, payment.disputed = "open", found["amount"]
        self._tell_latest(payment, 1)
        self.fired["dispute opened"] += 1

    def end_dispute(self, order: Order, payment: Payment, *, lost: bool, heard: int) -> None:
        """Let the bank decide; lost, what it took leaves the books once we hear of it."""
        state, ending = self.there.double.state, "lost" if lost else "won"
        charge = self.there.double.charge(PaymentId(payment.id))
        (found,) = (
            one
            for one in state.of("dispute", charge=charge["id"])
            if one["status"] == "needs_response"
        )
        self._at_stripe(order, payment, lambda: returns.close_dispute(state, found, status=ending))
        payment.dispute, payment.heard = ending, False
        self._tell_latest(payment, heard)
        self.fired[f"dispute {ending}"] += 1

    def event_again(self, pick: int, *, times: int) -> None:
        """Hear of something at last, or once more: then we do not even ask."""
        heard = [one for one in self.told if one[-1]["id"] in self.heard]
        among = heard if pick % 2 and heard else self.told
        order, payment, event = among[pick % len(among)]
        self.fired["event again" if event["id"] in self.heard else "event at last"] += 1
        self._tell(order, payment, event, times)

    def time_passes(self) -> None:
        """Ask Stripe what became of everything that waits; what nobody paid is taken back."""
        self.there.ask_stripe(self.now)
        for order, payment in self.payments():
            if payment.by_card:
                if payment.status == "pending" and not payment.charged:
                    payment.status = "cancelled"
                    self.fired["card given up"] += 1
                self._hear(order, payment)

    def disputable(self, *states: str) -> list[tuple[Order, Payment]]:
        """List the payments that came by card and whose dispute stands so."""
        return [
            (order, one)
            for order, one in self.payments()
            if one.by_card and one.refunded < one.amount and one.status == "confirmed"
            if one.dispute in states
        ]

    def _at_stripe(self, order: Order, payment: Payment, act: Callable[[], Object]) -> Object:
        """Let something happen there, and keep what is told of it."""
        events = self.there.double.state.events
        before = len(events)
        made = act()
        self.told += [(order, payment, event) for event in events[before:]]
        return made

    def _tell_latest(self, payment: Payment, times: int) -> None:
        """Let the newest event of a payment reach us so many times, and what it is about count."""
        *_, (order, _, event) = (one for one in self.told if one[1] is payment)
        self._tell(order, payment, event, times)

    def _tell(self, order: Order, payment: Payment, event: Object, times: int) -> None:
        """Let an event reach us so many times; what is true by then counts with the first one."""
        for _ in range(times):
            self._deliver(event)
            self.there.ask_stripe(self.now)
            if event["id"] not in self.heard:
                self._hear(order, payment)
            self.heard.add(event["id"])

    def _deliver(self, event: Object) -> None:
        body = body_of(event)
        headers = {"Stripe-Signature": signature(body, secret=SECRET)}
        answer = self.there.post("webhooks/stripe", now=self.now, data=body, headers=headers)
        assert answer.status == HEARD, answer

    def _hear(self, order: Order, payment: Payment) -> None:
        """Let count what is true at Stripe of a payment."""
        if payment.charged and payment.status in {"pending", "cancelled"}:
            order.comes(payment)
            self.fired["card paid"] += 1
        if payment.dispute == "lost" and not payment.heard:
            amount = min(payment.disputed, payment.amount - payment.refunded)
            if amount:
                order.goes_back(payment, self._lost(payment), order.take_back(amount))
        payment.heard = True

    def _lost(self, payment: Payment) -> UUID:
        wanted = select(Refund.id).where(Refund.payment_id == payment.id, Refund.by_stripe)
        return db.session.scalars(wanted).one()
