"""Whatever happens to a quota in whatever order, its counters equal its entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from kernel.database import db
from kernel.errors import HoldSpent
from kernel.identity import new_id
from kernel.money import Fen
from procurement.errors.quotas import AcceptedTwice, QuotaExceeded
from procurement.quotas.commands import holds as commands
from procurement.quotas.models import Quota, QuotaEntry
from procurement.wiring import INVARIANTS
from registry.organisations.models import OrganisationKind
from registry.regions.models import OriginKind
from tests.builders import procurement, registry
from tests.builders.procurement import NOW
from tests.promises import broken

CEILING = 100
KINDS = (OriginKind.NATIONAL_832, OriginKind.PROVINCIAL_VILLAGE)


@dataclass
class Part:
    """What the model knows of an order's goods of one origin."""

    amount: int
    posted: int = 0
    released: int = 0
    accepted: int = 0

    @property
    def left(self) -> int:
        """Give what is still held."""
        return self.amount - self.posted - self.released


@dataclass
class Model:
    """A quota as it should be."""

    quota: Quota
    orders: dict[UUID, dict[OriginKind, Part]] = field(default_factory=dict)

    @property
    def held(self) -> int:
        """Give what all orders still hold."""
        return sum(part.left for order in self.orders.values() for part in order.values())

    @property
    def spent(self) -> int:
        """Give what all orders have paid."""
        return sum(part.posted for order in self.orders.values() for part in order.values())

    def place(self, amounts: tuple[int, int]) -> None:
        """Place an order; it is refused exactly when it does not fit."""
        order_id = new_id()
        parts = [
            procurement.part(amount, kind) for kind, amount in zip(KINDS, amounts, strict=True)
        ]
        refused = False
        try:
            with db.session.begin_nested():
                commands.hold(
                    order_id=order_id,
                    quota_id=self.quota.id,
                    parts=parts,
                    expires_at=None,
                    now=NOW,
                )
        except QuotaExceeded:
            refused = True
        assert refused is (self.held + self.spent + sum(amounts) > CEILING)
        if not refused:
            wanted = zip(KINDS, amounts, strict=True)
            self.orders[order_id] = {kind: Part(amount) for kind, amount in wanted if amount}

    def act(self, name: str, index: int, kind: OriginKind, amount: int) -> None:
        """Do something to an order; it is refused exactly when the model says so."""
        if not self.orders:
            return
        order_id = list(self.orders)[index % len(self.orders)]
        part = self.orders[order_id].get(kind)
        if part is None:
            return
        refused = False
        try:
            with db.session.begin_nested():
                self.send(name, order_id, {kind: Fen(amount)})
        except (HoldSpent, AcceptedTwice):
            refused = True
        assert refused is not self.expect(name, part, amount)

    @staticmethod
    def send(name: str, order_id: UUID, amounts: dict[OriginKind, Fen]) -> None:
        """Send one command."""
        if name == "post":
            commands.post(order_id=order_id, amounts=amounts, now=NOW)
        elif name == "release":
            commands.release(order_id=order_id, amounts=amounts, now=NOW)
        elif name == "refund":
            commands.refund(order_id=order_id, amounts=amounts, now=NOW)
        else:
            commands.accept(order_id=order_id, amounts=amounts, now=NOW)

    @staticmethod
    def expect(name: str, part: Part, amount: int) -> bool:
        """Apply an act to the model, and say whether it may happen."""
        room = {
            "post": part.left,
            "release": part.left,
            "refund": part.posted,
            "accept": part.amount - part.accepted,
        }[name]
        if amount > room:
            return False
        if name == "post":
            part.posted += amount
        elif name == "release":
            part.released += amount
        elif name == "refund":
            part.posted, part.released = part.posted - amount, part.released + amount
        else:
            part.accepted += amount
        return True

    def check(self) -> None:
        """Compare counters and entries with the model."""
        row = db.session.execute(
            select(Quota.held_fen, Quota.spent_fen).where(Quota.id == self.quota.id)
        ).one()
        entries = db.session.execute(
            select(func.sum(QuotaEntry.held), func.sum(QuotaEntry.spent)).where(
                QuotaEntry.counter_id == self.quota.id
            )
        ).one()
        assert tuple(row) == (self.held, self.spent) == tuple(int(one) for one in entries)


AMOUNTS = st.tuples(st.integers(0, 60), st.integers(0, 60))
ACTS = st.tuples(
    st.sampled_from(["post", "release", "refund", "accept"]),
    st.integers(0, 5),
    st.sampled_from(KINDS),
    st.integers(1, 40),
)


@pytest.mark.usefixtures("db_session")
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.one_of(AMOUNTS, ACTS), max_size=25))
def test_counters_equal_entries_after_anything(
    steps: list[tuple[int, int] | tuple[str, int, OriginKind, int]],
) -> None:
    unit = registry.organisation(OrganisationKind.BUDGET_UNIT)
    model = Model(procurement.quota(unit, CEILING))
    for step in steps:
        if len(step) == 2:
            model.place(step)
        else:
            model.act(*step)
        model.check()
    assert broken(INVARIANTS) == []
