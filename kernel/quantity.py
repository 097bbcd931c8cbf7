"""Quantities with their units: three places, no arithmetic across units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from kernel.errors import Invalid, UnitMismatch

PLACES = Decimal("0.001")
MAX_QUANTITY = Decimal("99999999999.999")


class Unit(StrEnum):
    """Units of measure of farm produce; the first four are weights."""

    KG = "kg"
    G = "g"
    JIN = "jin"
    TONNE = "tonne"
    PIECE = "piece"
    BOX = "box"
    BAG = "bag"
    BOTTLE = "bottle"


UNIT_LABELS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        Unit.KG: ("千克", "kilogram"),
        Unit.G: ("克", "gram"),
        Unit.JIN: ("斤", "jin"),
        Unit.TONNE: ("吨", "tonne"),
        Unit.PIECE: ("件", "piece"),
        Unit.BOX: ("箱", "box"),
        Unit.BAG: ("袋", "bag"),
        Unit.BOTTLE: ("瓶", "bottle"),
    }
)
"""How units are written for people, in Chinese and in English."""
GRAMS = {
    Unit.KG: Decimal(1000),
    Unit.G: Decimal(1),
    Unit.JIN: Decimal(500),
    Unit.TONNE: Decimal(1_000_000),
}
"""1 jin (市斤) is 0.5 kg."""


def is_whole_only(unit: Unit) -> bool:
    """Say whether a unit is counted, so that fractions of it make no sense."""
    return unit not in GRAMS


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value of at most three places and its unit; counted units refuse fractions (Invalid)."""

    value: Decimal
    unit: Unit

    def __post_init__(self) -> None:
        check_quantity(self.value, self.unit)


def check_quantity(value: Decimal, unit: Unit, *, pointer: str | None = None) -> None:
    """Refuse a fraction of a counted unit or more than three places (Invalid)."""
    if not value.is_finite() or value != value.quantize(PLACES):
        raise Invalid(reason="数量最多三位小数 / at most three places", pointer=pointer)
    if is_whole_only(unit) and value != value.to_integral_value():
        raise Invalid(reason=f"{unit} 必须为整数 / counted in whole {unit}", pointer=pointer)


def convert(value: Decimal, *, from_unit: Unit, to_unit: Unit) -> Decimal:
    """Convert between weights; other units only into themselves (UnitMismatch).

    A result that needs more than three places is refused (Invalid): nothing is rounded away.
    """
    if from_unit == to_unit:
        return value
    if from_unit not in GRAMS or to_unit not in GRAMS:
        raise UnitMismatch(from_unit=from_unit, to_unit=to_unit)
    result = value * GRAMS[from_unit] / GRAMS[to_unit]
    if result != result.quantize(PLACES):
        raise Invalid(reason="换算后超过三位小数 / more than three places after conversion")
    return result.quantize(PLACES)
