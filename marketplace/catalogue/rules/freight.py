"""What bringing goods costs, by where they go, what they weigh and what they are worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from kernel.errors import Invalid
from kernel.money import Fen
from kernel.quantity import Unit, convert, is_whole_only
from marketplace.catalogue.models.freight import FreightPlanId
from marketplace.errors.catalogue import NotDeliveredThere, WeightMissing
from registry.regions.rules import subtree_prefix


@dataclass(frozen=True)
class Zone:
    """What freight costs within regions: a base up to `base_kg`, then by each begun step.

    Without a step it is fixed. Goods worth `free_from_fen` or more go free.
    """

    region_codes: Sequence[str]
    base_fen: Fen
    base_kg: Decimal | None = None
    step_kg: Decimal | None = None
    step_fen: Fen | None = None
    free_from_fen: Fen | None = None

    @property
    def is_by_weight(self) -> bool:
        """Say whether goods have to be weighed for it."""
        return self.step_kg is not None


@dataclass(frozen=True)
class Load:
    """One line to bring: its money, its weight where it is known, the zones of its plan."""

    plan_id: FreightPlanId
    zones: Sequence[Zone]
    title: str
    amount_fen: Fen
    weight_kg: Decimal | None


def check_zones(zones: Sequence[Zone]) -> None:
    """Refuse zones that say half a step, nothing beyond it, or one region twice (Invalid)."""
    seen: set[str] = set()
    for position, zone in enumerate(zones):
        pointer = f"/zones/{position}"
        if len({zone.base_kg is None, zone.step_kg is None, zone.step_fen is None}) > 1:
            reason = "首重、续重、续费须同时填写 / base, step and its price come together"
            raise Invalid(reason=reason, pointer=f"{pointer}/step_kg")
        prefixes = [subtree_prefix(code) for code in zone.region_codes]
        if len(seen.union(prefixes)) < len(seen) + len(prefixes):
            reason = "同一地区只能出现一次 / a region is named once"
            raise Invalid(reason=reason, pointer=f"{pointer}/region_codes")
        seen.update(prefixes)


def zone_of(zones: Sequence[Zone], *, region_code: str) -> Zone | None:
    """Find the zone whose region is the narrowest around a place."""
    around = [
        (len(prefix), zone)
        for zone in zones
        for prefix in map(subtree_prefix, zone.region_codes)
        if region_code.startswith(prefix)
    ]
    return max(around, key=lambda one: one[0])[1] if around else None


def weight_of(quantity: Decimal, *, unit: Unit, unit_weight_kg: Decimal | None) -> Decimal | None:
    """Give what a quantity weighs in kilograms; counted goods by the weight of one."""
    if not is_whole_only(unit):
        return quantity * convert(Decimal(1000), from_unit=unit, to_unit=Unit.KG) / 1000
    return None if unit_weight_kg is None else quantity * unit_weight_kg


def charge(zone: Zone, *, goods_fen: Fen, weight_kg: Decimal) -> Fen:
    """Price what goes into one zone at once (fen)."""
    if zone.free_from_fen is not None and goods_fen >= zone.free_from_fen:
        return Fen(0)
    if zone.base_kg is None or zone.step_kg is None or zone.step_fen is None:
        return zone.base_fen
    beyond = max(Decimal(0), weight_kg - zone.base_kg)
    steps = (beyond / zone.step_kg).to_integral_value(rounding=ROUND_CEILING)
    return Fen(zone.base_fen + int(steps) * zone.step_fen)


def freight(loads: Sequence[Load], *, region_code: str) -> Fen:
    """Add up the freight of an order: the lines of one plan travel together.

    Refuses NotDeliveredThere and WeightMissing of the first line at fault.
    """
    together: dict[FreightPlanId, list[Load]] = defaultdict(list)
    for load in loads:
        together[load.plan_id].append(load)
    return Fen(sum(_freight(same, region_code=region_code) for same in together.values()))


def zones_of(kept: Sequence[Mapping[str, Any]]) -> list[Zone]:
    """Read zones as a plan keeps them."""
    return [
        Zone(
            region_codes=tuple(zone["region_codes"]),
            base_fen=Fen(zone["base_fen"]),
            base_kg=_decimal(zone["base_kg"]),
            step_kg=_decimal(zone["step_kg"]),
            step_fen=zone["step_fen"],
            free_from_fen=zone["free_from_fen"],
        )
        for zone in kept
    ]


def kept_zones(zones: Sequence[Zone]) -> list[dict[str, Any]]:
    """Write zones as a plan keeps them."""
    return [
        {
            "region_codes": list(zone.region_codes),
            "base_fen": zone.base_fen,
            "base_kg": None if zone.base_kg is None else str(zone.base_kg),
            "step_kg": None if zone.step_kg is None else str(zone.step_kg),
            "step_fen": zone.step_fen,
            "free_from_fen": zone.free_from_fen,
        }
        for zone in zones
    ]


def _freight(loads: Sequence[Load], *, region_code: str) -> Fen:
    zone = zone_of(loads[0].zones, region_code=region_code)
    if zone is None:
        raise NotDeliveredThere(title=loads[0].title, region_code=region_code)
    weight = Decimal(0)
    for load in loads:
        if load.weight_kg is None and zone.is_by_weight:
            raise WeightMissing(title=load.title)
        weight += load.weight_kg or 0
    return charge(zone, goods_fen=Fen(sum(load.amount_fen for load in loads)), weight_kg=weight)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
