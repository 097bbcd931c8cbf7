"""What the recount knows of orders: nothing of quotas, holds or entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kernel.calendar import shanghai_year
from kernel.money import Fen
from procurement.policies.models import OrderKind
from procurement.quotas.rules import QuotaPart
from registry.organisations.models import OrganisationId
from registry.regions.models import OriginKind

Moves = list[tuple[datetime, int]]


@dataclass
class Order:
    """What the model knows of an order of one origin and category."""

    placed_at: datetime
    origin: OriginKind
    kind: OrderKind
    category: str | None
    amount: int
    bound: list[tuple[datetime, OrganisationId]]
    accepted: Moves = field(default_factory=list)
    paid: Moves = field(default_factory=list)
    refunded: Moves = field(default_factory=list)
    released: Moves = field(default_factory=list)

    @property
    def heading(self) -> str:
        """Give the heading of the order's only part."""
        return QuotaPart(self.origin, self.kind, Fen(1), self.category).heading

    @property
    def left(self) -> int:
        """Give what is neither paid nor given back."""
        return self.amount - sum(amount for _, amount in self.paid + self.released)

    def unit_at(self, as_of: datetime) -> OrganisationId:
        """Give the unit it was bound to at an instant."""
        return [unit for since, unit in self.bound if since <= as_of][-1]


def until(moves: Moves, as_of: datetime, year: int | None = None) -> int:
    return sum(
        amount
        for at, amount in moves
        if at <= as_of and (year is None or shanghai_year(at) == year)
    )
