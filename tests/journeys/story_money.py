"""What people do with money in the story, and the ordinary next step of an order."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.money import Fen
from marketplace.orders.models.orders import OrderId, OrderLineId
from marketplace.settlement.commands.payments import (
    NewPayment,
    cancel_payment,
    confirm_payment,
    register_payment,
)
from marketplace.settlement.commands.refunds import LineRefund, NewRefund, refund_payment
from marketplace.settlement.models.payments import PaymentId, PaymentMethod
from tests.journeys.story_acts import WHOLE, Goods
from tests.journeys.story_model import Order, Payment


@dataclass
class Money(Goods):
    """All acts with goods, and those with money."""

    def payments(self) -> list[tuple[Order, Payment]]:
        """List every payment with its order."""
        return [(order, one) for order in self.model.orders for one in order.payments]

    def pay(
        self, order: Order, share: int, *, who: str = "finance", by_card: bool = False
    ) -> Payment | None:
        """Pay tenths of what is due, by bank or card; eleven are too much."""
        due = order.due
        amount = due + 1 if share > WHOLE else max(1, due * share // WHOLE)
        refusal = None
        if who == "buyer" and order.unit:
            refusal = "not_found"
        elif order.status != "confirmed":
            refusal = "wrong_state"
        elif who == "buyer":
            refusal = "same_person"
        elif amount > due:
            refusal = "amount_exceeds_due"
        method = PaymentMethod.STRIPE if by_card else PaymentMethod.BANK_TRANSFER
        new = NewPayment(method, Fen(amount))
        payer = "buyer" if who == "buyer" else f"finance{order.unit}"
        by, order_id = self.there.by[payer], OrderId(order.id)
        payment = self.there.attempt(
            lambda: register_payment(new, order_id=order_id, by=by, now=self.now, stripe=True),
            expected=refusal,
        )
        self.fired[f"pay {refusal or 'done'}"] += 1
        if payment is None:
            return None
        order.payments.append(Payment(payment.id, amount, by_card=by_card))
        return order.payments[-1]

    def confirm_money(self, pick: int) -> None:
        """See a payment come, mostly one that is pending."""
        self.see_money(*self._payment(pick, "pending"))

    def see_money(self, order: Order, payment: Payment) -> None:
        """See this payment come; of a card's only Stripe says so."""
        refusal = None if payment.status == "pending" else "wrong_state"
        if payment.by_card and not refusal:
            refusal = "stripe_decides"
        by = self.there.by[f"manager{order.supplier}"]
        self.there.attempt(
            lambda: confirm_payment(PaymentId(payment.id), by=by, now=self.now), expected=refusal
        )
        if refusal is None:
            order.comes(payment)
            self.fired["confirm money"] += 1

    def withdraw_money(self, pick: int) -> None:
        """Call a pending payment back."""
        self.call_back(*self._payment(pick, "pending"))

    def call_back(self, order: Order, payment: Payment) -> None:
        """Call this payment back, if it is pending."""
        refusal = None if payment.status == "pending" else "wrong_state"
        by = self.there.by[f"finance{order.unit}"]
        self.there.attempt(
            lambda: cancel_payment(PaymentId(payment.id), reason="填错", by=by, now=self.now),
            expected=refusal,
        )
        if refusal is None:
            payment.status = "cancelled"
            self.fired["withdraw money"] += 1

    def refund(self, pick: int, share: int, *, named: bool) -> None:
        """Give tenths of what is left of a payment back; eleven are too much."""
        if not self.payments():
            return
        self.give_back(*self._payment(pick, "confirmed"), pick, share, named=named)

    def give_back(
        self, order: Order, payment: Payment, pick: int, share: int, *, named: bool
    ) -> None:
        """Give tenths of what is left of this payment back."""
        left = payment.amount - payment.refunded
        amount = left + 1 if share > WHOLE else max(1, left * share // WHOLE)
        line = order.lines[0]
        refusal = None
        if payment.status != "confirmed":
            refusal = "wrong_state"
        elif amount > left or (named and amount > line.came - line.back):
            refusal = "refund_exceeds_paid"
        lines = [LineRefund(OrderLineId(line.id), Fen(amount))] if named else []
        new = NewRefund(Fen(amount), "渗漏", lines)
        side = f"manager{order.supplier}" if pick % 2 else f"finance{order.unit}"
        by = self.there.by[side]
        refund = self.there.attempt(
            lambda: refund_payment(new, payment_id=PaymentId(payment.id), by=by, now=self.now),
            expected=refusal,
        )
        self.fired[f"refund {refusal or 'done'}"] += 1
        if refund is None:
            return
        rest = [0] * (len(order.lines) - 1)
        taken = [amount, *rest] if named else order.take_back(amount)
        order.goes_back(payment, refund.id, taken)

    def go_on(self, order: Order) -> None:
        """Take the ordinary next step of an order."""
        pending = [one for one in order.payments if one.status == "pending"]
        if order.status == "pending_approval":
            self.decide(order, who="approver", reject=False)
        elif order.status == "placed":
            self.confirm(order)
        elif order.status != "confirmed":
            return
        elif pending:
            self.see_money(order, pending[0])
        elif order.due:
            self.pay(order, WHOLE)
        elif any(line.under_way for line in order.lines):
            self.receive(order, (WHOLE, WHOLE), good=WHOLE)
        elif not order.refunded:
            self.ship(order, (WHOLE, WHOLE), lot=order.total, final=False)

    def _payment(self, pick: int, status: str) -> tuple[Order, Payment]:
        """Pick a payment, mostly one in that state."""
        fitting = [one for one in self.payments() if one[1].status == status] if pick % 4 else []
        among = fitting or self.payments()
        return among[pick // 4 % len(among)]
