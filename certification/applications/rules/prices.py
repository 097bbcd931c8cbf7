"""What like products cost, and how far a price is from that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Protocol

from certification.criteria.models import Scheme
from kernel.errors import Invalid, UnitMismatch
from kernel.money import Fen
from kernel.quantity import GRAMS, Unit

BASIS_POINTS = 10_000


class Priced(Protocol):
    """What a like product costs elsewhere: where, when, for which specification, fen a unit."""

    @property
    def source(self) -> str:
        """Say where it was seen."""

    @property
    def observed_on(self) -> date:
        """Say when it was seen."""

    @property
    def specification(self) -> str:
        """Say of what exactly."""

    @property
    def unit(self) -> Unit:
        """Say per which unit."""

    @property
    def unit_price_fen(self) -> Fen:
        """Say how much, tax in."""


@dataclass(frozen=True)
class Compared:
    """A comparison price in the application's unit; only the same specification counts."""

    price: Priced
    normal_fen: Fen
    counts: bool


@dataclass(frozen=True)
class PriceTest:
    """The price beside the median of those that count, in fen and basis points."""

    compared: Sequence[Compared]
    wanted: int
    counted: int
    median_fen: Fen | None
    deviation_bp: int | None
    low_bp: int
    high_bp: int
    is_outside: bool


def normal_price(price: Priced, *, unit: Unit) -> Fen:
    """Give a price per the application's unit: 3.40 a jin is 6.80 a kg (halves up).

    UnitMismatch where the units do not convert.
    """
    if price.unit is unit:
        return price.unit_price_fen
    if price.unit not in GRAMS or unit not in GRAMS:
        raise UnitMismatch(from_unit=price.unit, to_unit=unit)
    return _rounded(price.unit_price_fen * GRAMS[unit] / GRAMS[price.unit])


def check_comparison_prices(prices: Sequence[Priced], *, unit: Unit, today: date) -> None:
    """Refuse prices of a day to come, in a unit that does not convert, or given twice."""
    seen: list[Priced] = []
    for position, price in enumerate(prices):
        pointer = f"/comparison_prices/{position}"
        if price.observed_on > today:
            raise Invalid(pointer=f"{pointer}/observed_on", reason="日期未到 / a day to come")
        if price in seen:
            raise Invalid(pointer=pointer, reason="同一价格重复 / the same price twice")
        seen.append(price)
        try:
            normal_price(price, unit=unit)
        except UnitMismatch as mismatch:
            raise UnitMismatch(pointer=f"{pointer}/unit", **mismatch.figures) from mismatch


def compare_price(
    scheme: Scheme,
    *,
    unit: Unit,
    unit_price: Fen,
    specification: str,
    prices: Sequence[Priced],
) -> PriceTest:
    """Set a price beside the median of its comparisons; outside the band is told, not refused.

    Price = the average price of the same specification, variety and quality (`domain.md` §3.2);
    the median stands for the average because one wrong figure does not move it.
    """
    compared = [
        Compared(one, normal_price(one, unit=unit), one.specification == specification)
        for one in prices
    ]
    counting = [one.normal_fen for one in compared if one.counts]
    middle = _rounded(Decimal(str(median(counting)))) if counting else None
    deviation = None if middle is None else _deviation(unit_price, middle)
    low, high = scheme.price_low_bp - BASIS_POINTS, scheme.price_high_bp - BASIS_POINTS
    return PriceTest(
        compared=compared,
        wanted=scheme.comparison_prices,
        counted=len(counting),
        median_fen=middle,
        deviation_bp=deviation,
        low_bp=low,
        high_bp=high,
        is_outside=deviation is not None and not low <= deviation <= high,
    )


def _deviation(price: Fen, middle: Fen) -> int | None:
    """Give how far a price lies above (or below) the median, in basis points."""
    if middle == 0:
        return None
    return int(_rounded(Decimal(price - middle) * BASIS_POINTS / middle))


def _rounded(value: Decimal) -> Fen:
    return Fen(int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP)))
