"""Three units and everything that may happen to their orders, with a recount beside it.

The model knows orders, what was accepted of them, their payments and refunds, and which unit
each was bound to since when; it knows nothing of quotas, holds or entries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from kernel.actor import SYSTEM
from kernel.calendar import shanghai_year, year_bounds
from kernel.identity import new_id
from kernel.money import Fen
from procurement.completion.models import Axis
from procurement.completion.queries.shapes import Source
from procurement.completion.queries.totals import count_differences
from procurement.policies.models import OrderKind
from procurement.quotas.commands import closings, holds, mergers, transfers
from procurement.quotas.models import Fund
from procurement.quotas.rules import QuotaPart
from registry.accounts.models import Role
from registry.organisations.models import Organisation, OrganisationId, OrganisationKind
from registry.regions.models import OriginKind
from tests.builders import procurement, registry
from tests.builders.procurement import NOW, YEAR, Cast, contents
from tests.procurement.completion.model import Order, until
from tests.procurement.completion.showing import (
    Figures,
    months_of,
    paid_by_month,
    parted,
    ranked,
    shown,
)

FLOOR = 300_000_00
COUNTS = {OrderKind.RESERVED_SHARE, OrderKind.PRIORITY}
CATEGORIES = ("grain", "fruit", None)
LEAPS = (
    timedelta(0),
    timedelta(microseconds=1),
    timedelta(hours=7),
    timedelta(days=11),
    timedelta(days=45),
)
LATE = 8
"""After so many steps a year may be closed; then nothing is placed or moved any more."""
TICK = timedelta(microseconds=1)
"""What happens after a figure was shown happens later."""
"""Those that were asked for; they never change."""


class Recount(RuleBasedStateMachine):
    """Some units under one, and everything that may happen to their orders."""

    UNITS = 3
    FIRED: ClassVar[Counter[str]] = Counter()
    """How often each act really did something, over all runs."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.orders: dict[UUID, Order] = {}
        self.floors: list[tuple[datetime, OrganisationId, int]] = []
        self.ended: set[OrganisationId] = set()
        self.shown: list[tuple[Organisation, datetime, int, Figures]] = []
        head = procurement.cast_of()
        self.head = head.superior
        self.is_closed = False
        self.units = [self._unit(head) for _ in range(self.UNITS)]

    def _unit(self, head: Cast) -> Organisation:
        unit = registry.organisation(OrganisationKind.BUDGET_UNIT, registry.WUJIANG, head.superior)
        people = Cast(
            unit=unit,
            superior=head.superior,
            bureau=head.bureau,
            admin=registry.user(unit, [Role.UNIT_ADMIN]),
            superior_admin=head.superior_admin,
            supervisor=head.supervisor,
        )
        procurement.confirmed(people, contents())
        self.floors.append((NOW, unit.id, FLOOR))
        return unit

    def live(self) -> list[Organisation]:
        """Give the units that have not been merged."""
        return [unit for unit in self.units if unit.id not in self.ended]

    @rule(leap=st.sampled_from(LEAPS))
    def wait(self, leap: timedelta) -> None:
        """Let time pass, past New Year too."""
        self.now += leap

    @initialize()
    def begin(self) -> None:
        """Let each kind of act happen once before the rest is left to chance."""
        for pick in range(2):
            self.place(pick, OriginKind.NATIONAL_832, OrderKind.RESERVED_SHARE, "grain", 600)
        for name in ("accept", "post", "refund", "release"):
            self.act(name, 0, 2)
        self.rebind(0, 1)
        self.merge(2)

    @precondition(lambda self: not self.is_closed)
    @rule(
        pick=st.integers(0, 9),
        origin=st.sampled_from(list(OriginKind)),
        kind=st.sampled_from(list(OrderKind)),
        category=st.sampled_from(CATEGORIES),
        amount=st.integers(1, 1_000),
    )
    def place(
        self, pick: int, origin: OriginKind, kind: OrderKind, category: str | None, amount: int
    ) -> None:
        """Place an order on the quota of 2026."""
        unit = self.live()[pick % len(self.live())]
        order_id = new_id()
        holds.hold(
            order_id=order_id,
            unit_id=unit.id,
            year=YEAR,
            fund=Fund.CANTEEN,
            parts=[QuotaPart(origin, kind, Fen(amount), category)],
            expires_at=None,
            now=self.now,
            buyer_kind=OrganisationKind.CANTEEN_CONTRACTOR,
        )
        bound = [(self.now, unit.id)]
        self.orders[order_id] = Order(self.now, origin, kind, category, amount, bound)

    @precondition(lambda self: self.orders)
    @rule(
        name=st.sampled_from(["accept", "post", "post", "refund", "release"]),
        pick=st.integers(0, 99),
        part=st.integers(1, 4),
    )
    def act(self, name: str, pick: int, part: int) -> None:
        """Accept, pay, refund or give back a part of what there is."""
        order_id = list(self.orders)[pick % len(self.orders)]
        order = self.orders[order_id]
        done, room = {
            "accept": (order.accepted, order.amount - until(order.accepted, self.now)),
            "post": (order.paid, order.left),
            "release": (order.released, order.left),
            "refund": (
                order.refunded,
                until(order.paid, self.now) - until(order.refunded, self.now),
            ),
        }[name]
        amount = -(-room // part)
        if amount:
            act: Callable[..., None] = getattr(holds, name)
            act(order_id=order_id, amounts={order.heading: Fen(amount)}, now=self.now)
            done.append((self.now, amount))
            self.FIRED[name] += 1

    @precondition(lambda self: self.orders and shanghai_year(self.now) == YEAR)
    @rule(pick=st.integers(0, 99), to=st.integers(0, 9))
    def rebind(self, pick: int, to: int) -> None:
        """Let an order count for another unit from now on."""
        order_id = list(self.orders)[pick % len(self.orders)]
        unit = self.live()[to % len(self.live())]
        transfers.transfer(
            order_id=order_id, to_unit_id=unit.id, source="申请", by=SYSTEM, now=self.now
        )
        moved = self.orders[order_id].unit_at(self.now) != unit.id
        self.orders[order_id].bound.append((self.now, unit.id))
        self.FIRED["rebind"] += moved

    @precondition(lambda self: len(self.live()) > 1 and shanghai_year(self.now) == YEAR)
    @rule(pick=st.integers(0, 9))
    def merge(self, pick: int) -> None:
        """Merge a unit into the next one, which takes over its promise and its orders."""
        live = self.live()
        unit, into = live[pick % len(live)], live[(pick + 1) % len(live)]
        mergers.carry_to_successor(unit.id, successor_id=into.id, now=self.now)
        self.ended.add(unit.id)
        kept = sum(floor for _, owner, floor in self.floors if owner == unit.id)
        self.floors += [(self.now, unit.id, -kept), (self.now, into.id, kept)]
        for order in self.orders.values():
            if order.unit_at(self.now) == unit.id:
                order.bound.append((self.now, into.id))
        self.FIRED["merge"] += 1

    @precondition(lambda self: len(self.shown) > LATE)
    @rule()
    def close(self) -> None:
        """Let the year be over and close it, and again what came free in it since."""
        self.now = max(self.now, year_bounds(YEAR)[1])
        while closings.close_next(now=self.now):
            self.FIRED["close"] += 1
        self.is_closed = True

    @invariant()
    def show(self) -> None:
        """Show the figures of a unit, or of the tree; they are compared now, and at the end."""
        whose = [self.head, *self.units][len(self.shown) % 4]
        year = YEAR + (len(self.shown) % 3 == 0)
        figures = shown(whose, year=year, as_of=self.now)
        assert figures == self.recount(whose, year=year, as_of=self.now)
        self.shown.append((whose, self.now, year, figures))
        self.now += TICK

    def teardown(self) -> None:
        """Ask again for all that was ever shown: of totals, months and entries alone."""
        for whose, as_of, year, figures in self.shown:
            assert self.recount(whose, year=year, as_of=as_of) == figures
            self.FIRED["as of a past instant"] += as_of < self.now
            for source in Source:
                assert shown(whose, year=year, as_of=as_of, source=source) == figures, source
        for axis in (Axis.MONTH, Axis.CATEGORY, Axis.ORIGIN_KIND):
            whose, as_of, year, figures = self.shown[-1]
            assert parted(whose, axis, year=year, as_of=as_of) == figures
        for whose, as_of, year, figures in self.shown[-1:] + self.shown[:2]:
            by_month = paid_by_month(whose, year=year, as_of=as_of)
            for source in Source:
                found = months_of(whose, year=year, as_of=as_of, source=source)
                assert found == (figures, by_month), source
            past = (Source.RECENT, Source.MONTHS, Source.ENTRIES)
            first, *others = [ranked(whose, year=year, as_of=as_of, source=one) for one in past]
            assert others == [first, first]
        assert count_differences(SYSTEM) == 0

    def recount(self, whose: Organisation, *, year: int, as_of: datetime) -> Figures:
        """Count the orders and payments of a unit, or of all, without any entry."""
        mine = {unit.id for unit in self.units} if whose is self.head else {whose.id}
        orders = [
            one
            for one in self.orders.values()
            if one.placed_at <= as_of and one.unit_at(as_of) in mine
        ]
        of_year = [one for one in orders if year == YEAR]
        paid = {
            id(one): until(one.paid, as_of, year) - until(one.refunded, as_of, year)
            for one in orders
        }
        return (
            sum(
                floor
                for at, owner, floor in self.floors
                if owner in mine and at <= as_of and year == YEAR
            ),
            sum(
                one.amount - until(one.released, as_of) - until(one.refunded, as_of)
                for one in of_year
            ),
            sum(until(one.accepted, as_of) for one in of_year),
            sum(paid.values()),
            sum(
                paid[id(one)]
                for one in orders
                if one.origin is OriginKind.NATIONAL_832 and one.kind in COUNTS
            ),
        )
