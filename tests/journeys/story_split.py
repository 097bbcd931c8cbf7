"""An order line's goods, money and split, in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import floor
from uuid import UUID

ZERO = Decimal(0)
HALF = Fraction(1, 2)
Party = tuple[str, UUID]


def half_up(value: Fraction) -> int:
    """Round to whole fen, halves up."""
    return floor(value + HALF)


def worth(quantity: Decimal, price: int) -> int:
    """Price a quantity."""
    return half_up(Fraction(quantity) * price)


def share_out(amount: int, weights: Sequence[Fraction | int]) -> list[int]:
    """Divide by largest remainder; ties to the earlier."""
    whole = sum(weights)
    exact = [Fraction(amount) * weight / whole for weight in weights]
    parts = [floor(one) for one in exact]
    by_rest = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_rest[: amount - sum(parts)]:
        parts[i] += 1
    return parts


@dataclass
class Lot:
    """A lot in kilograms, and by household what it grew at which farm price."""

    id: UUID
    listing: int
    total: Decimal
    grown: dict[UUID, tuple[Decimal, int]]


@dataclass
class Sent:
    """What left of one lot for a line, in the line's unit and in kilograms."""

    lot: Lot
    quantity: Decimal
    lot_quantity: Decimal
    accepted: Decimal = ZERO
    rejected: Decimal = ZERO


@dataclass
class Line:
    """An order line with its goods, its money and its split."""

    id: UUID
    listing: int
    kind: str
    quantity: Decimal
    price: int
    shipped: Decimal = ZERO
    came: int = 0
    back: int = 0
    refunds: list[tuple[UUID, int]] = field(default_factory=list)
    sent: dict[UUID, Sent] = field(default_factory=dict)
    postings: list[dict[Party, int]] = field(default_factory=list)
    reversed_by: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def amount(self) -> int:
        """What it costs as ordered."""
        return worth(self.quantity, self.price)

    @property
    def accepted(self) -> Decimal:
        """What was taken in."""
        return sum((one.accepted for one in self.sent.values()), ZERO)

    @property
    def rejected(self) -> Decimal:
        """What was turned away."""
        return sum((one.rejected for one in self.sent.values()), ZERO)

    @property
    def under_way(self) -> Decimal:
        """What was sent and neither taken in nor turned away."""
        return self.shipped - self.accepted - self.rejected

    @property
    def accepted_fen(self) -> int:
        """What the goods taken in cost."""
        return worth(self.accepted, self.price)

    @property
    def net(self) -> dict[Party, int]:
        """What every party has of it now."""
        sums: dict[Party, int] = defaultdict(int)
        for posting in self.postings:
            for party, left in posting.items():
                sums[party] += left
        return sums

    def split(self, cooperative: UUID) -> None:
        """Bring the split up to date, as the news of money and goods does."""
        earned = max(0, min(self.came - self.back, self.accepted_fen))
        standing = sum(self.net.values())
        if earned > standing:
            self._post(earned - standing, cooperative)
        elif earned < standing:
            self._reverse(standing - earned)

    def _post(self, amount: int, cooperative: UUID) -> None:
        values: dict[UUID, Fraction] = defaultdict(Fraction)
        for one in self.sent.values():
            part = Fraction(one.accepted) / Fraction(one.quantity) * Fraction(one.lot_quantity)
            for household, (quantity, price) in one.lot.grown.items():
                values[household] += part / Fraction(one.lot.total) * Fraction(quantity) * price
        households = sorted(values)
        have = [self.net[("household", one)] for one in households]
        pool = half_up(sum(values.values(), Fraction(0)))
        first = max(0, min(amount, pool - sum(have)))
        posting: dict[Party, int] = {}
        if first:
            share = Fraction(sum(have) + first) / sum(values.values())
            lack = [
                max(Fraction(0), share * values[one] - had)
                for one, had in zip(households, have, strict=True)
            ]
            parts = share_out(first, lack)
            posting = {("household", one): p for one, p in zip(households, parts, strict=True)}
        posting["cooperative", cooperative] = amount - first
        self.postings.append({party: part for party, part in posting.items() if part})

    def _reverse(self, amount: int) -> None:
        for refund, taken in reversed(self.refunds):
            part = min(amount, taken - self.reversed_by[refund])
            if part:
                places = [(p, party) for p in self.postings for party in p]
                gone = share_out(part, [posting[party] for posting, party in places])
                for (posting, party), less in zip(places, gone, strict=True):
                    posting[party] -= less
                self.reversed_by[refund] += part
                amount -= part
