"""The whole trade as a state machine: everything that people do, in any order, some refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

from kernel.database import db
from kernel.numbers import forget_spare_numbers
from kernel.quantity import Unit
from kernel.unit_of_work import run
from marketplace.lots.commands.stock import NewLot, record_lot
from marketplace.lots.rules import Contribution
from marketplace.orders.commands.deciding import expire_next
from registry.households.models.households import HouseholdId
from tests.journeys import story_model as model
from tests.journeys.story_books import books, opinion
from tests.journeys.story_changes import Changes
from tests.journeys.story_split import Lot
from tests.journeys.story_stage import SUPPLIERS, Stage

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
LONG = timedelta(days=31)
MOST_JUMPS = 4
MOST_LOTS = 14
PROMISES_EVERY = 3
fired: Counter[str] = Counter()

which = st.integers(min_value=0, max_value=999)
parts = st.integers(min_value=0, max_value=10)
tenths = st.integers(min_value=1, max_value=120)
some = st.integers(min_value=1, max_value=9)


class Story(RuleBasedStateMachine):
    """Everything that people do with orders, in any order, some of it refused."""

    there: Stage

    def __init__(self) -> None:
        super().__init__()
        db.session.remove()
        self.savepoint = db.engine.begin_nested()  # type: ignore[attr-defined]
        self.acts = Changes(self.there, self.there.model(), NOW, fired)
        self.jumps = 0
        self.record_lot(listing=0, grown=[117, 61, 7], own=50, price=200)
        self.record_lot(listing=0, grown=[90, 33], own=1, price=260)
        self.record_lot(listing=1, grown=[45], own=12, price=300)
        self.record_lot(listing=2, grown=[30, 60, 15], own=0, price=210)
        self.record_lot(listing=3, grown=[80, 20], own=6, price=190)

    def teardown(self) -> None:
        """Hold every promise, after every third story, and forget this one."""
        fired["story"] += 1
        try:
            if fired["story"] % PROMISES_EVERY == 0:
                self.acts.there.deliver_news(self.acts.now)
                found = self.acts.there.broken_promises(self.acts.now)
                assert not found, found
        finally:
            db.session.remove()
            self.savepoint.rollback()
            forget_spare_numbers()

    @property
    def orders(self) -> list[model.Order]:
        """List the orders of the story."""
        return self.acts.model.orders

    @precondition(lambda self: len(self.acts.model.lots) < MOST_LOTS)
    @rule(listing=st.integers(0, 3), grown=st.lists(tenths, max_size=3), own=parts, price=which)
    def record_lot(self, listing: int, grown: list[int], own: int, price: int) -> None:
        """Bring goods in, of several households."""
        there = self.acts.there
        shares: dict[UUID, tuple[Decimal, int]] = {
            household: (Decimal(tenth) / 10, price + 20 * i)
            for i, (household, tenth) in enumerate(zip(there.households, grown, strict=False))
        }
        total = sum((quantity for quantity, _ in shares.values()), Decimal(own))
        if total == 0:
            return
        new = NewLot(
            listing_id=there.listings[listing],
            harvested_on=NOW.date(),
            unit=Unit.KG,
            contributions=[Contribution(HouseholdId(one), *grown) for one, grown in shares.items()],
            own_quantity=Decimal(own),
        )
        by = there.by[f"clerk{SUPPLIERS[listing]}"]
        lot = run(lambda: record_lot(new, by=by, now=self.acts.now)).lot
        self.acts.model.lots[lot.id] = Lot(lot.id, listing, total, shares)
        fired["record_lot"] += 1

    @rule(first=st.integers(0, 150), second=st.integers(0, 30), goods_first=st.booleans())
    def place(self, first: int, second: int, goods_first: bool) -> None:  # noqa: FBT001
        """Order some of one product or both."""
        wishes = {0: Decimal(first) / 10, 1: Decimal(second)}
        if first or second:
            self.acts.place({k: q for k, q in wishes.items() if q}, goods_first=goods_first)

    @rule(wishes=st.dictionaries(st.integers(0, 3), some, min_size=1), goods_first=st.booleans())
    def check_out(self, wishes: dict[int, int], goods_first: bool) -> None:  # noqa: FBT001
        """Order of several suppliers at once: an order of each, or nothing."""
        wanted = {i: Decimal(quantity) for i, quantity in sorted(wishes.items())}
        self.acts.place(wanted, goods_first=goods_first, together=True)

    @precondition(lambda self: self.orders)
    @rule(pick=which, first=some, third=st.integers(0, 9), goods_first=st.booleans())
    def replace(self, pick: int, first: int, third: int, goods_first: bool) -> None:  # noqa: FBT001
        """Order anew in the place of an order that stands."""
        wishes = {0: Decimal(first), 2: Decimal(third)}
        self.acts.replace(
            self._order(pick, model.Order.may_cancel),
            {k: q for k, q in wishes.items() if q},
            goods_first=goods_first,
        )

    @precondition(lambda self: self.orders)
    @rule(pick=which, written=st.booleans(), agreed=st.integers(0, 3))
    def rebind(self, pick: int, written: bool, agreed: int) -> None:  # noqa: FBT001
        """Let the other unit take an order on, with the consent of both."""
        if pick % 3:
            self.buy(first=pick // 50 + 1, second=0, goods_first=written, on=pick % 5)
        self.acts.rebind(self._order(pick), written=written, agreed=agreed > 0)

    @precondition(lambda self: self.orders)
    @rule(pick=which, tenths=parts, cheaper=st.integers(0, 40), agreed=st.integers(0, 3))
    def substitute(self, pick: int, tenths: int, cheaper: int, agreed: int) -> None:
        """Bring other goods than were ordered, with the buyer's consent."""
        if pick % 4 and not any(map(model.Order.may_swap, self.orders)):
            self.buy(first=tenths + 20, second=0, goods_first=True, on=2)
        order = self._order(pick, model.Order.may_swap)
        self.acts.substitute(order, pick, tenths=tenths, cheaper=cheaper, agreed=agreed > 0)

    @precondition(lambda self: self.orders)
    @rule(pick=which)
    def extend(self, pick: int) -> None:
        """Ask for more time for the money."""
        self.acts.extend(self._order(pick, lambda one: one.status in model.OPEN))

    @precondition(lambda self: self.orders)
    @rule(pick=which, who=st.sampled_from(["approver", "buyer"]), reject=st.booleans())
    def decide(self, pick: int, who: str, reject: bool) -> None:  # noqa: FBT001
        """Approve or reject."""
        order = self._order(pick, lambda one: one.status == "pending_approval")
        self.acts.decide(order, who=who, reject=reject)

    @precondition(lambda self: self.orders)
    @rule(pick=which)
    def confirm(self, pick: int) -> None:
        """Take an order on."""
        self.acts.confirm(self._order(pick, lambda one: one.status == "placed"))

    @precondition(lambda self: self.orders)
    @rule(pick=which, who=st.sampled_from(["buyer", "manager"]))
    def cancel(self, pick: int, who: str) -> None:
        """Call an order off."""
        self.acts.cancel(self._order(pick), who=who)

    @precondition(lambda self: self.orders)
    @rule(pick=which, shares=st.tuples(parts, parts), lot=which, final=st.booleans())
    def ship(self, pick: int, shares: tuple[int, int], lot: int, final: bool) -> None:  # noqa: FBT001
        """Send part of the lines, sometimes from a named lot, sometimes for the last time."""
        self.acts.ship(self._order(pick, model.Order.may_ship), shares, lot=lot, final=final)

    @precondition(lambda self: self.orders)
    @rule(pick=which, shares=st.tuples(parts, parts), good=parts)
    def receive(self, pick: int, shares: tuple[int, int], good: int) -> None:
        """Take part of what is under way in by weight, and turn the rest of it away."""
        order = self._order(pick, lambda one: any(line.under_way for line in one.lines))
        self.acts.receive(order, shares, good=good)

    @precondition(lambda self: self.orders)
    @rule(pick=which, share=st.integers(1, 11), who=st.sampled_from(["finance", "buyer"]))
    def pay(self, pick: int, share: int, who: str) -> None:
        """Pay part of what is due, all of it, or too much."""
        self.acts.pay(self._order(pick, lambda one: one.due > 0), share, who=who)

    @precondition(lambda self: self.acts.payments())
    @rule(pick=which)
    def confirm_money(self, pick: int) -> None:
        """See money come."""
        self.acts.confirm_money(pick)

    @precondition(lambda self: self.acts.payments())
    @rule(pick=which, share=st.integers(1, 10))
    def withdraw_money(self, pick: int, share: int) -> None:
        """Say that money will not come, perhaps of a payment that was just announced."""
        if pick % 3:
            self.acts.pay(self._order(pick, lambda one: one.due > 0), share)
        self.acts.withdraw_money(pick)

    @precondition(lambda self: self.orders)
    @rule(pick=which, share=st.integers(1, 11), named=st.booleans())
    def refund(self, pick: int, share: int, named: bool) -> None:  # noqa: FBT001
        """Give part of a payment back, all that is left, or too much."""
        if not any(one.status == "confirmed" for _, one in self.acts.payments()):
            self.buy(first=pick % 20 + 1, second=share % 3, goods_first=False, on=5)
        self.acts.refund(pick, share, named=named)

    @precondition(lambda self: self.orders)
    @rule(pick=which, steps=st.integers(1, 6))
    def go_on(self, pick: int, steps: int) -> None:
        """Take the next ordinary steps of an order."""
        for _ in range(steps):
            self.acts.go_on(self._order(pick, lambda one: one.status in model.OPEN))

    @precondition(lambda self: self.orders)
    @rule(pick=which, share=st.integers(1, 9), good=st.integers(8, 10))
    def go_on_in_parts(self, pick: int, share: int, good: int) -> None:
        """Pay, send and take in parts of an order that is under way."""
        order = self._order(pick, lambda one: one.status == "confirmed")
        if order.status == "confirmed":
            self.acts.pay(order, share)
            self.acts.ship(order, (share, 10 - share), lot=pick, final=pick % 5 == 0)
            self.acts.receive(order, (10, share), good=good)

    @rule(first=st.integers(1, 120), second=st.integers(0, 9), goods_first=st.booleans(), on=parts)
    def buy(self, first: int, second: int, goods_first: bool, on: int) -> None:  # noqa: FBT001
        """Order something and take its next ordinary steps."""
        before = len(self.orders)
        self.place(first=first, second=second, goods_first=goods_first)
        for order in self.orders[before:]:
            for _ in range(on):
                self.acts.go_on(order)

    @rule()
    def news_arrives(self) -> None:
        """Let the handlers take the news in."""
        self.acts.deliver_news()

    @precondition(lambda self: self.jumps < MOST_JUMPS)
    @rule(first=some, on=st.integers(0, 2))
    def a_month_passes(self, first: int, on: int) -> None:
        """Let unpaid pay-first orders lapse, one just placed among them."""
        self.buy(first=first, second=0, goods_first=False, on=on)
        self.acts.deliver_news()
        self.jumps += 1
        self.acts.now += LONG
        lapsed = 0
        while run(lambda: expire_next(now=self.acts.now)):
            lapsed += 1
        assert lapsed == self.acts.lapse()
        fired["lapsed"] += lapsed

    @precondition(lambda self: any(one.status == "expired" for one in self.orders))
    @rule(pick=which)
    def money_comes_late(self, pick: int) -> None:
        """See money of an order that lapsed; mostly of one that its supplier had taken on."""
        order = self._order(pick | 1, lambda one: one.status == "expired" and one.taken_on)
        if order.status == "expired":
            self.acts.pay_late(order)

    @precondition(lambda self: len(self.orders) > 2)
    @rule(listing=st.integers(0, 3), revoke=parts)
    def turn_certificate(self, listing: int, revoke: int) -> None:
        """Suspend a certificate or bring it back; sometimes revoke it for good."""
        self.acts.turn_certificate(listing, revoke=not revoke)

    @invariant()
    def model_and_books_agree(self) -> None:
        """Compare stock, capacity, quota, ledger, orders and shares, all of them."""
        there, market = self.acts.there, self.acts.model
        fired["step"] += 1
        assert books(there, market) == opinion(there, market)

    def _order(
        self, pick: int, fits: Callable[[model.Order], bool] = lambda _: True
    ) -> model.Order:
        """Pick an order, mostly one that fits."""
        fitting = [one for one in self.orders if fits(one)] if pick % 4 else []
        among = fitting or self.orders
        return among[pick // 4 % len(among)]
