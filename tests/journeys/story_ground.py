"""The ground that every story stands on: goods that come in, and the orders of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import wraps
from typing import Any
from uuid import UUID

from hypothesis import stateful
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition
from sqlalchemy import Engine, text

from kernel.database import db
from kernel.numbers import forget_spare_numbers
from kernel.quantity import Unit
from kernel.unit_of_work import run
from marketplace.lots.commands.stock import NewLot, record_lot
from marketplace.lots.rules import Contribution
from registry.households.models.households import HouseholdId
from tests.journeys import story_model as model
from tests.journeys.story_split import Lot
from tests.journeys.story_stage import SUPPLIERS, Stage
from tests.journeys.story_years import Acts

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
MOST_LOTS = 14
PROMISES_EVERY = 3
SWEEP_EVERY = 100
fired: Counter[str] = Counter()
RULES: list[str] = []
"""What may be done in a story; `fired` counts each as `rule …`."""

which = st.integers(min_value=0, max_value=999)
parts = st.integers(min_value=0, max_value=10)
tenths = st.integers(min_value=1, max_value=120)
some = st.integers(min_value=1, max_value=9)


def rule(**chances: Any) -> Callable[[Callable[..., None]], Any]:
    """Leave it to chance whether something is done, and count how often it was."""

    def mark(act: Callable[..., None]) -> Any:
        @wraps(act)
        def counted(*told: Any, **chosen: Any) -> None:
            fired[f"rule {act.__name__}"] += 1
            act(*told, **chosen)

        RULES.append(act.__name__)
        left: Any = stateful.rule(**chances)
        return left(counted)

    return mark


def sweep() -> None:
    """Free the rows of the stories before, through which every search goes: nobody else will.

    All stories are parts of one transaction, and its statistics, which would call for a vacuum,
    are told at its end.
    """
    engine: Engine = db.engine.engine
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as beside:
        beside.execute(text("VACUUM (SKIP_LOCKED, TRUNCATE FALSE)"))


class Ground(RuleBasedStateMachine):
    """A market with a few lots, and people who order."""

    there: Stage

    def __init__(self) -> None:
        super().__init__()
        db.session.remove()
        self.savepoint = db.engine.begin_nested()  # type: ignore[attr-defined]
        self.acts = Acts(self.there, self.there.model(), NOW, fired)
        self.jumps = self.steps = 0
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
            self.acts.there.double.forget()
        if fired["story"] % SWEEP_EVERY == 0:
            sweep()

    @property
    def orders(self) -> list[model.Order]:
        """List the orders of the story."""
        return self.acts.model.orders

    def an_order(
        self, pick: int, fits: Callable[[model.Order], bool] = lambda _: True
    ) -> model.Order:
        """Pick an order, mostly one that fits."""
        fitting = [one for one in self.orders if fits(one)] if pick % 4 else []
        among = fitting or self.orders
        return among[pick // 4 % len(among)]

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

    @rule(
        first=st.integers(0, 90), second=st.integers(0, 15), goods_first=st.booleans(),
        times=st.integers(1, 3),
    )  # fmt: skip
    def send(self, first: int, second: int, goods_first: bool, times: int) -> None:  # noqa: FBT001
        """Order at the door, and once more under the same key where the answer was not heard."""
        wishes = {0: Decimal(first) / 10, 1: Decimal(second)}
        if first or second:
            wanted = {k: q for k, q in wishes.items() if q}
            self.acts.send(wanted, goods_first=goods_first, times=times)

    @rule(pick=which, changed=st.booleans())
    def retry(self, pick: int, changed: bool) -> None:  # noqa: FBT001
        """Send what was placed before once more, or something else under its key."""
        if not self.acts.sent:
            self.send(first=pick % 20 + 1, second=0, goods_first=changed, times=1)
        if self.acts.sent:
            self.acts.retry(pick, changed=changed)

    @precondition(lambda self: self.orders)
    @rule(pick=which, steps=st.integers(1, 6))
    def go_on(self, pick: int, steps: int) -> None:
        """Take the next ordinary steps of an order."""
        for _ in range(steps):
            self.acts.go_on(self.an_order(pick, lambda one: one.status in model.OPEN))

    @precondition(lambda self: self.orders)
    @rule(pick=which, share=st.integers(1, 9), good=st.integers(8, 10))
    def go_on_in_parts(self, pick: int, share: int, good: int) -> None:
        """Pay, send and take in parts of an order that is under way."""
        order = self.an_order(pick, lambda one: one.status == "confirmed")
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
