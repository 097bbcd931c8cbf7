"""What people do with money in a story: by bank, by statement, by card, and back."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tests.journeys.story_ground import Ground, rule, which
from tests.journeys.story_model import Order, Payment

TOO_MUCH = 11
LINES = ("part", "all", "announced", "over", "nobody knows what")


class Payments(Ground):
    """People who pay, are paid, and want their money back."""

    @precondition(lambda self: self.orders)
    @rule(pick=which, share=st.integers(1, 10), who=st.sampled_from(["finance", "buyer"]))
    def pay(self, pick: int, share: int, who: str) -> None:
        """Pay part of what is due, or all of it."""
        self.acts.pay(self.an_order(pick, lambda one: one.due > 0), share, who=who)

    @precondition(lambda self: self.acts.payments())
    @rule(pick=which)
    def confirm_money(self, pick: int) -> None:
        """See money come."""
        self.acts.confirm_money(pick)

    @precondition(lambda self: self.orders)
    @rule(pick=which, share=st.integers(1, 10), by_card=st.booleans())
    def withdraw_money(self, pick: int, share: int, by_card: bool) -> None:  # noqa: FBT001
        """Say that money will not come, perhaps of a payment that was just announced."""
        if pick % 3:
            self.acts.pay(self.to_pay(pick), share, by_card=by_card)
        if self.acts.payments():
            self.acts.withdraw_money(pick)

    @precondition(lambda self: self.orders)
    @rule(pick=which, share=st.integers(1, 10))
    def withdraw_charged(self, pick: int, share: int) -> None:
        """Say that money will not come of which nobody knows that a card was charged."""
        if not self.waiting():
            self.acts.pay(self.to_pay(pick | 1), share, by_card=True)
        if self.waiting():
            order, payment = self.waiting()[pick % len(self.waiting())]
            self.acts.charge(order, payment, heard=0)
            self.acts.call_back(order, payment)

    @precondition(lambda self: self.orders)
    @rule(pick=which, share=st.integers(1, 10), named=st.booleans())
    def refund(self, pick: int, share: int, named: bool) -> None:  # noqa: FBT001
        """Give part of a payment back, or all that is left."""
        self.have_paid(pick)
        self.acts.refund(pick, share, named=named)

    @precondition(lambda self: self.orders)
    @rule(pick=which, named=st.booleans())
    def refund_over(self, pick: int, named: bool) -> None:  # noqa: FBT001
        """Give more back than is left of a payment."""
        self.have_paid(pick)
        self.acts.refund(pick, TOO_MUCH, named=named)

    @precondition(lambda self: self.orders)
    @rule(pick=which)
    def pay_over(self, pick: int) -> None:
        """Pay more than is due."""
        self.acts.pay(self.an_order(pick, lambda one: one.due > 0), TOO_MUCH)

    @precondition(lambda self: self.orders)
    @rule(pick=which, share=st.integers(1, 9), kind=st.sampled_from(LINES))
    def bank_pays(self, pick: int, share: int, kind: str) -> None:
        """See a line of a statement pay part of an order, all, too much, or nobody knows what."""
        order = self.to_pay(pick)
        if order.status == "expired":
            return
        if pick % 4 and order.due and kind in {"part", "announced"}:
            self.acts.pay(order, 10)
        claim, announced = order.claim(), [one.amount for one in order.pending(by_card=False)]
        amounts = {"part": claim * share // 10, "all": claim, "over": claim + share}
        amount = announced[0] if kind == "announced" and announced else amounts.get(kind, claim)
        named = [] if kind == "nobody knows what" else [order]
        self.acts.line_comes(named, max(1, amount), into=order.supplier)

    @precondition(lambda self: self.orders)
    @rule(pick=which, count=st.integers(2, 3), beside=st.sampled_from([0, 1, -1]))
    def bank_pays_together(self, pick: int, count: int, beside: int) -> None:
        """See one line name several orders: all of them are paid in full, or none."""
        first = self.to_pay(pick)
        others = [one for one in self.payable() if one is not first]
        others = [one for one in others if one.supplier == first.supplier]
        others += [self.place_anew(more) for more in range(count - 1 - len(others))]
        if pick % 8 == 0:
            others = self.orders
        named = list({one.id: one for one in [first, *others]}.values())[:count]
        total = sum(one.claim() for one in named)
        if len(named) > 1 and total + beside > 0:
            self.acts.line_comes(named, total + beside, into=first.supplier)

    @precondition(lambda self: self.orders)
    @rule(pick=which, all_of_it=st.booleans())
    def statement_again(self, pick: int, all_of_it: bool) -> None:  # noqa: FBT001
        """Take a statement in that is known."""
        if not self.acts.read:
            self.bank_pays(pick=pick, share=5, kind="part")
        if self.acts.read:
            self.acts.statement_again(pick, all_of_it=all_of_it)

    @precondition(lambda self: self.orders)
    @rule(pick=which, share=st.integers(1, 11))
    def pay_by_card(self, pick: int, share: int) -> None:
        """Have Stripe collect part of what is due."""
        if pick % 4 and not any(one.due for one in self.payable()):
            self.place_anew(pick)
        self.acts.pay(self.an_order(pick, lambda one: one.due > 0), share, by_card=True)

    @precondition(lambda self: self.waiting())
    @rule(pick=which, heard=st.integers(0, 3))
    def charge(self, pick: int, heard: int) -> None:
        """Charge a card; the event reaches us once, several times, or not yet."""
        self.acts.charge(*self.waiting()[pick % len(self.waiting())], heard=heard)

    @precondition(lambda self: self.orders)
    @rule(pick=which, times=st.integers(1, 2))
    def event_again(self, pick: int, times: int) -> None:
        """Let an event come again, or one that did not reach us."""
        if not self.acts.heard:
            self.card_pays(pick)
        if self.acts.told:
            self.acts.event_again(pick, times=times)

    @precondition(lambda self: self.orders)
    @rule(pick=which)
    def dispute(self, pick: int) -> None:
        """Let a payer's bank dispute what a card paid, perhaps just now."""
        if pick % 4 and not self.acts.disputable("", "won"):
            self.card_pays(pick)
        among = self.acts.disputable("", "won")
        if among:
            self.acts.dispute(*among[pick % len(among)])

    @precondition(lambda self: self.orders)
    @rule(pick=which, lost=st.booleans(), heard=st.integers(0, 2))
    def end_dispute(self, pick: int, lost: bool, heard: int) -> None:  # noqa: FBT001
        """Let the bank decide on a dispute; we hear of it now, twice, or later."""
        if not self.acts.disputable("open"):
            self.dispute(pick | 1)
        among = self.acts.disputable("open")
        if among:
            self.acts.end_dispute(*among[pick % len(among)], lost=lost, heard=heard)

    def have_paid(self, pick: int) -> None:
        """See that there is money which came."""
        if not any(one.status == "confirmed" for _, one in self.acts.payments()):
            self.buy(first=pick % 20 + 1, second=pick % 3, goods_first=False, on=5)

    def payable(self) -> list[Order]:
        """List the orders that money may come for."""
        return [one for one in self.orders if one.status == "confirmed" and one.claim()]

    def waiting(self) -> list[tuple[Order, Payment]]:
        """List the payments by card that are pending."""
        return [(order, one) for order in self.orders for one in order.pending(by_card=True)]

    def to_pay(self, pick: int) -> Order:
        """Pick an order that money may come for, mostly; one placed just now if there is none."""
        if not self.payable():
            self.place_anew(pick)
        among = (self.payable() if pick % 8 else self.orders) or self.orders
        return among[pick // 8 % len(among)]

    def place_anew(self, pick: int) -> Order:
        """Order a little of what is to be had, and let its supplier take it on."""
        wishes = [{listing: Decimal(pick % 3 + 1)} for listing in (0, 2, 1)]
        free = [one for one in wishes if self.acts.refuses_order(one) is None]
        self.acts.place((free or wishes)[0], goods_first=False)
        if free:
            self.acts.go_on(self.orders[-1])
        return self.orders[-1]

    def card_pays(self, pick: int) -> None:
        """Let a card pay all of an order."""
        order = self.to_pay(pick | 1)
        payment = self.acts.pay(order, 10, by_card=True) if order.due else None
        if payment is not None:
            self.acts.charge(order, payment, heard=1)
