"""How a lot adds up, and from which lots a demand is served."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kernel.errors import Invalid, UnitMismatch
from kernel.money import Fen, split
from kernel.quantity import GRAMS, PLACES, Unit, check_quantity, convert, is_whole_only
from marketplace.errors.lots import StockShort
from marketplace.lots.models import AdjustmentKind, Lot, LotId
from registry.households.models.households import HouseholdId

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Contribution:
    """What one household delivered, in the lot's unit, and the farm price of one unit (fen)."""

    household_id: HouseholdId
    quantity: Decimal
    farm_price_fen: int


@dataclass(frozen=True)
class Remaining:
    """What a lot has left, in its own unit."""

    lot_id: LotId
    unit: Unit
    free: Decimal
    expires_on: date | None
    harvested_on: date


@dataclass(frozen=True)
class Pick:
    """So much of a lot, in the demand's unit and in the lot's."""

    lot_id: LotId
    quantity: Decimal
    lot_quantity: Decimal
    lot_unit: Unit


def check_days(harvested_on: date, expires_on: date | None, *, today: date) -> None:
    """Refuse a harvest to come, and produce that is past its last day (Invalid)."""
    if harvested_on > today:
        raise Invalid(reason="采收日期不能晚于今天 / not harvested yet", pointer="/harvested_on")
    if expires_on is not None and expires_on <= max(today, harvested_on):
        raise Invalid(reason="已过保质期 / already expired", pointer="/expires_on")


def check_unit(unit: Unit, *, listing_unit: Unit, step: Decimal) -> None:
    """Refuse a unit in which the listing's step is no exact quantity (UnitMismatch)."""
    try:
        check_quantity(convert(step, from_unit=listing_unit, to_unit=unit), unit)
    except (UnitMismatch, Invalid):
        raise UnitMismatch(from_unit=listing_unit, to_unit=unit, pointer="/unit") from None


def total_of(
    contributions: Sequence[Contribution], *, own_quantity: Decimal, unit: Unit
) -> Decimal:
    """Add a lot up; each household stands in it once, with a quantity of the unit (Invalid)."""
    seen: set[HouseholdId] = set()
    for position, one in enumerate(contributions):
        pointer = f"/contributions/{position}"
        check_quantity(one.quantity, unit, pointer=f"{pointer}/quantity")
        if one.household_id in seen:
            raise Invalid(
                reason="同一农户只能出现一次 / a household stands in a lot once",
                pointer=f"{pointer}/household_id",
            )
        seen.add(one.household_id)
    check_quantity(own_quantity, unit, pointer="/own_quantity")
    total = sum((one.quantity for one in contributions), own_quantity)
    if total <= 0:
        raise Invalid(reason="批次数量必须大于零 / a lot is not empty", pointer="/contributions")
    return total


def choose_lots(
    demands: Sequence[Decimal], lots: Iterable[Remaining], *, unit: Unit, title: str
) -> list[list[Pick]]:
    """Serve demands in `unit` from lots, first expired first out, or refuse all (StockShort).

    Gives the picks of each demand in order. Every pick is exact in both units: what is left of
    a lot beyond the coarsest grain of the lots together stays in it.
    """
    queue = sorted(lots, key=lambda lot: (lot.expires_on or date.max, lot.harvested_on, lot.lot_id))
    grain = max((_grain(lot.unit, unit) for lot in queue), default=PLACES)
    free = [
        (lot, floor(measure(lot.free, from_unit=lot.unit, to_unit=unit), grain)) for lot in queue
    ]
    wanted, available = sum(demands, NOTHING), sum((left for _, left in free), NOTHING)
    if wanted > available:
        raise StockShort(title=title, available=available, wanted=wanted, unit=unit)
    picks: list[list[Pick]] = []
    for demand in demands:
        picks.append([])
        due = demand
        while due > 0:
            lot, left = free[0]
            part = min(due, left)
            if part > 0:
                picks[-1].append(
                    Pick(
                        lot.lot_id, part, convert(part, from_unit=unit, to_unit=lot.unit), lot.unit
                    )
                )
            due -= part
            free[0] = (lot, left - part)
            if left == part:
                free.pop(0)
    return picks


def measure(value: Decimal, *, from_unit: Unit, to_unit: Unit) -> Decimal:
    """Convert between units that are known to convert, without the limit of three places."""
    if from_unit == to_unit:
        return value
    return value * GRAMS[from_unit] / GRAMS[to_unit]


def floor(value: Decimal, grain: Decimal = PLACES) -> Decimal:
    """Round down to whole grains."""
    return (value // grain * grain).quantize(PLACES)


def _grain(lot_unit: Unit, unit: Unit) -> Decimal:
    """Give the smallest quantity in `unit` that is exact in both units."""
    return max(PLACES, measure(PLACES, from_unit=lot_unit, to_unit=unit))


def carry(
    quantity: Decimal, *, own: Decimal, contributed: Sequence[Decimal], unit: Unit
) -> tuple[Decimal, list[Decimal]]:
    """Divide what leaves a lot over its own part and its contributions, in their proportions.

    In grains of the unit, by largest remainder, ties to the earlier and the own part last: the
    parts add up to the quantity, and none is more than there is. Refuses Invalid (a fraction of
    a counted unit, more than there is).
    """
    check_quantity(quantity, unit, pointer="/quantity")
    grain = Decimal(1) if is_whole_only(unit) else PLACES
    weights = [int(one / grain) for one in (*contributed, own)]
    grains = int(quantity / grain)
    if not 0 < grains <= sum(weights):
        raise Invalid(reason="数量超出批次 / more than the lot holds", pointer="/quantity")
    *parts, own_part = (one * grain for one in split(Fen(grains), weights))
    return own_part, list(parts)


def check_mergeable(lots: Sequence[Lot]) -> None:
    """Refuse to merge one lot alone, or lots of several listings or units (Invalid)."""
    if len({lot.id for lot in lots}) < 2:  # noqa: PLR2004 - one lot is merged with nothing
        raise Invalid(reason="至少选择两个批次 / two lots at least", pointer="/lot_ids")
    if len({(lot.listing_id, lot.unit) for lot in lots}) > 1:
        reason = "只能合并同一商品、同一计量单位的批次 / lots of one listing and unit only"
        raise Invalid(reason=reason, pointer="/lot_ids")


def check_paid_on(paid_on: date, *, harvested_on: date, today: date) -> None:
    """Refuse a payment before the harvest, or to come (Invalid)."""
    if not harvested_on <= paid_on <= today:
        reason = f"付款日期应在 {harvested_on} 至 {today} 之间 / between {harvested_on} and {today}"
        raise Invalid(reason=reason, pointer="/paid_on")


def check_correctable(kind: AdjustmentKind) -> None:
    """Refuse to take back what was found, or a correction (Invalid)."""
    if kind in {AdjustmentKind.FOUND, AdjustmentKind.CORRECTED}:
        raise Invalid(reason="只能更正损耗 / only a loss is corrected")
