"""The whole trade as a state machine: everything that people do, in any order, some refused."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition

from certification.certificates.models.certificates import ChangeKind
from tests.journeys import story_model as model
from tests.journeys.story_books import apart, books, opinion
from tests.journeys.story_changes import REBINDABLE
from tests.journeys.story_ground import NOW, fired, parts, rule, some, which
from tests.journeys.story_payments import Payments

__all__ = ["NOW", "Story", "fired"]
MOST_JUMPS = 4
EARLY, LATE = 10, 36
"""So many steps pass before a certificate is revoked, and before the year may end."""
MOST_REVOKED = 1


def lapsed(order: model.Order) -> bool:
    """Say whether an order lapsed that its supplier had taken on."""
    return order.status == "expired" and order.taken_on


class Story(Payments):
    """Everything that people do with orders, in any order, some of it refused."""

    @precondition(lambda self: self.orders)
    @rule(pick=which, first=some, third=st.integers(0, 9), goods_first=st.booleans())
    def replace(self, pick: int, first: int, third: int, goods_first: bool) -> None:  # noqa: FBT001
        """Order anew in the place of an order that stands."""
        wishes = {0: Decimal(first), 2: Decimal(third)}
        self.acts.replace(
            self.an_order(pick, model.Order.may_cancel),
            {k: q for k, q in wishes.items() if q},
            goods_first=goods_first,
        )

    @precondition(lambda self: self.orders)
    @rule(pick=which, written=st.booleans(), agreed=st.integers(0, 3))
    def rebind(self, pick: int, written: bool, agreed: int) -> None:  # noqa: FBT001
        """Let the other unit take an order on, with the consent of both."""
        if pick % 3:
            self.buy(first=pick // 50 + 1, second=0, goods_first=written, on=pick % 5)
        order = self.an_order(pick, lambda one: one.status in REBINDABLE)
        self.acts.rebind(order, written=written, agreed=agreed > 0)

    @precondition(lambda self: self.orders)
    @rule(pick=which, tenths=some, cheaper=st.integers(0, 40), agreed=st.integers(0, 3))
    def substitute(self, pick: int, tenths: int, cheaper: int, agreed: int) -> None:
        """Bring other goods than were ordered, with the buyer's consent."""
        if pick % 4 and not any(map(model.Order.may_swap, self.orders)):
            self.buy(first=tenths + 20, second=0, goods_first=True, on=1)
        order = self.an_order(pick, model.Order.may_swap)
        self.acts.substitute(order, pick, tenths=tenths, cheaper=cheaper, agreed=agreed > 0)

    @precondition(lambda self: self.orders)
    @rule(pick=which)
    def extend(self, pick: int) -> None:
        """Ask for more time for the money, perhaps of an order that was just placed."""
        if pick % 2:
            self.buy(first=pick % 25 + 1, second=0, goods_first=False, on=pick % 3 // 2)
            self.acts.extend(self.orders[-1])
        else:
            self.acts.extend(self.an_order(pick, lambda one: one.status in model.OPEN))

    @precondition(lambda self: self.orders)
    @rule(pick=which, who=st.sampled_from(["approver", "buyer"]))
    def approve(self, pick: int, who: str) -> None:
        """Let an order of much money go on."""
        order = self.an_order(pick, lambda one: one.status == "pending_approval")
        self.acts.decide(order, who=who, reject=False)

    @precondition(lambda self: self.orders)
    @rule(pick=which, who=st.sampled_from(["approver", "approver", "buyer"]))
    def reject(self, pick: int, who: str) -> None:
        """Let an order of much money end, perhaps one that was just placed."""
        if pick % 3 and not any(one.status == "pending_approval" for one in self.orders):
            self.buy(first=110, second=0, goods_first=True, on=0)
        order = self.an_order(pick, lambda one: one.status == "pending_approval")
        self.acts.decide(order, who=who, reject=True)

    @precondition(lambda self: self.orders)
    @rule(pick=which)
    def confirm(self, pick: int) -> None:
        """Take an order on."""
        self.acts.confirm(self.an_order(pick, lambda one: one.status == "placed"))

    @precondition(lambda self: self.orders)
    @rule(pick=which, who=st.sampled_from(["buyer", "manager"]))
    def cancel(self, pick: int, who: str) -> None:
        """Call an order off."""
        self.acts.cancel(self.an_order(pick, model.Order.may_cancel), who=who)

    @precondition(lambda self: self.orders)
    @rule(pick=which, shares=st.tuples(parts, parts), lot=which, final=st.booleans())
    def ship(self, pick: int, shares: tuple[int, int], lot: int, final: bool) -> None:  # noqa: FBT001
        """Send part of the lines, sometimes from a named lot, sometimes for the last time."""
        self.acts.ship(self.an_order(pick, model.Order.may_ship), shares, lot=lot, final=final)

    @precondition(lambda self: self.orders)
    @rule(pick=which, shares=st.tuples(parts, parts), good=parts)
    def receive(self, pick: int, shares: tuple[int, int], good: int) -> None:
        """Take part of what is under way in by weight, and turn the rest of it away."""
        order = self.an_order(pick, lambda one: any(line.under_way for line in one.lines))
        self.acts.receive(order, shares, good=good)

    @rule()
    def news_arrives(self) -> None:
        """Let the handlers take the news in."""
        self.acts.deliver_news()

    @precondition(lambda self: self.jumps < MOST_JUMPS and not self.acts.model.is_over)
    @rule(first=some, on=st.integers(0, 2), by_card=st.booleans())
    def a_month_passes(self, first: int, on: int, by_card: bool) -> None:  # noqa: FBT001
        """Let unpaid pay-first orders lapse, one just placed among them."""
        self.buy(first=first, second=0, goods_first=False, on=on)
        if by_card:
            self.acts.pay(self.to_pay(first | 1), first, by_card=True)
        self.jumps += 1
        self.acts.month_passes()

    @precondition(lambda self: self.jumps < MOST_JUMPS and not self.acts.model.is_over)
    @rule(pick=which)
    def money_comes_late(self, pick: int) -> None:
        """See money of an order that lapsed; mostly of one that its supplier had taken on."""
        if not any(map(lapsed, self.orders)):
            self.a_month_passes(first=pick % 9 + 1, on=1, by_card=False)
        order = self.an_order(pick | 1, lapsed)
        if order.status == "expired":
            self.acts.pay_late(order)

    @precondition(lambda self: self.steps >= LATE)
    @rule()
    def close_year(self) -> None:
        """Let the year end, and close it; again where money has come free of it since."""
        self.acts.close_year()

    @precondition(lambda self: self.acts.figures)
    @rule(pick=which)
    def look_back(self, pick: int) -> None:
        """Ask what a past instant's figures were."""
        self.acts.look_back(pick)

    @precondition(lambda self: len(self.orders) > 2 and not self.certified("suspended"))
    @rule(pick=which)
    def suspend(self, pick: int) -> None:
        """Suspend a certificate."""
        self.turn(pick, self.certified("in_force"), ChangeKind.SUSPENDED)

    @precondition(lambda self: self.certified("in_force"))
    @rule(pick=which)
    def reinstate(self, pick: int) -> None:
        """Bring a suspended certificate back, perhaps one that was just suspended."""
        if not self.certified("suspended"):
            self.turn(pick, self.certified("in_force"), ChangeKind.SUSPENDED)
        self.turn(pick, self.certified("suspended"), ChangeKind.REINSTATED)

    @precondition(
        lambda self: self.steps >= EARLY and len(self.certified("revoked")) < MOST_REVOKED
    )
    @rule(pick=which)
    def revoke(self, pick: int) -> None:
        """Revoke a certificate for good, never the one that most orders are about."""
        self.turn(pick, [1, 2, 3], ChangeKind.REVOKED)

    @invariant()
    def model_and_books_agree(self) -> None:
        """Compare stock, capacity, quota, ledger, orders and shares, all of them."""
        there, market = self.acts.there, self.acts.model
        fired["step"] += 1
        self.steps += 1
        found, meant = books(there, market), opinion(there, market)
        assert found == meant, apart(found, meant)

    def certified(self, state: str) -> list[int]:
        """List the products whose certificate stands so."""
        return [i for i, one in enumerate(self.acts.certificates) if one == state]

    def turn(self, pick: int, among: list[int], change: ChangeKind) -> None:
        """Change one of these certificates."""
        self.acts.turn_certificate(among[pick % len(among)], change)
