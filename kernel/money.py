"""Money in fen, and the only arithmetic that rounds it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

Fen = NewType("Fen", int)

MAX_FEN = Fen(10**15)
"""Ten trillion yuan: more than any amount of the trade, and far inside BIGINT."""

BASIS_POINTS = 10_000


def line_amount(quantity: Decimal, unit_price: Fen) -> Fen:
    """Price a line in fen; half a fen goes up."""
    return Fen(int((quantity * unit_price).quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def share(amount: Fen, basis_points: int) -> Fen:
    """Take `basis_points` of an amount; half a fen goes up."""
    return Fen((amount * basis_points * 2 + BASIS_POINTS) // (BASIS_POINTS * 2))


def split(amount: Fen, weights: Sequence[int]) -> list[Fen]:
    """Divide an amount without losing a fen (largest remainder, ties to the earlier weight).

    Weights are whole numbers, not negative and not all zero; the parts have their order.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0 or amount < 0:
        raise ValueError("weights must not be negative and must add up to something")
    parts = [amount * weight // whole for weight in weights]
    rests = [amount * weight % whole for weight in weights]
    first = sorted(range(len(weights)), key=lambda i: (-rests[i], i))[: amount - sum(parts)]
    more = set(first)
    return [Fen(part + (i in more)) for i, part in enumerate(parts)]


def yuan(amount: Fen) -> str:
    """Write an amount for people: `1,234.50`."""
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 100)
    return f"{sign}{whole:,}.{rest:02d}"
