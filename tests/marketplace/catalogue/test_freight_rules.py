"""What bringing goods costs: fixed, by weight, by region, and free above a sum."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel.errors import Invalid
from kernel.identity import new_id
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.models.freight import FreightPlanId
from marketplace.catalogue.rules.freight import (
    Load,
    Zone,
    charge,
    check_zones,
    freight,
    kept_zones,
    weight_of,
    zone_of,
    zones_of,
)
from marketplace.errors.catalogue import NotDeliveredThere, WeightMissing
from tests.builders.offers import zone

FIXED = zone(base=1_000)
WEIGHED = zone(base=800, base_kg="3", step_kg="1", step_fen=Fen(200))
FREE = zone(base=1_000, free_from_fen=Fen(20_000))
PLAN, OTHER = FreightPlanId(new_id()), FreightPlanId(new_id())


@pytest.mark.parametrize(
    ("where", "goods", "weight", "fen"),
    [
        (FIXED, 1, "0.001", 1_000),
        (FIXED, 99_999, "1000", 1_000),
        (WEIGHED, 1, "0.5", 800),
        (WEIGHED, 1, "3", 800),
        (WEIGHED, 1, "3.001", 1_000),
        (WEIGHED, 1, "4", 1_000),
        (WEIGHED, 1, "4.001", 1_200),
        (FREE, 19_999, "1", 1_000),
        (FREE, 20_000, "1", 0),
    ],
)
def test_a_zone_charges(where: Zone, goods: int, weight: str, fen: int) -> None:
    assert charge(where, goods_fen=Fen(goods), weight_kg=Decimal(weight)) == fen


def test_the_narrowest_zone_around_a_place_holds() -> None:
    zones = [zone("440000", base=1), zone("440200", "440300", base=2), zone("440203", base=3)]
    places = {"440203001": 3, "440203": 3, "440204": 2, "440305": 2, "440100": 1}
    assert {place: zone_of(zones, region_code=place) for place in places} == {
        place: zones[number - 1] for place, number in places.items()
    }
    assert zone_of(zones, region_code="360100") is None
    assert zone_of([*zones, FIXED], region_code="360100") is FIXED


@pytest.mark.parametrize(
    ("quantity", "unit", "one", "kg"),
    [
        ("2", Unit.JIN, None, "1"),
        ("0.001", Unit.G, None, "0.000001"),
        ("3", Unit.TONNE, "9", "3000"),
        ("4", Unit.BOX, "2.5", "10"),
        ("4", Unit.BOX, None, None),
    ],
)
def test_goods_weigh(quantity: str, unit: Unit, one: str | None, kg: str | None) -> None:
    weight = weight_of(Decimal(quantity), unit=unit, unit_weight_kg=Decimal(one) if one else None)
    assert weight == (None if kg is None else Decimal(kg))


def load(amount: int, kg: str | None, *zones: Zone, plan: FreightPlanId = PLAN) -> Load:
    return Load(plan, zones, "米", Fen(amount), None if kg is None else Decimal(kg))


def test_lines_of_one_plan_travel_together_and_plans_apart() -> None:
    both = [load(12_000, "2", FREE), load(8_000, "1", FREE)]
    assert freight(both, region_code="440203") == 0
    apart = [load(12_000, "2", FREE), load(8_000, "1", FREE, plan=OTHER)]
    assert freight(apart, region_code="440203") == 2_000
    assert freight([load(1, "2", WEIGHED), load(1, "1.5", WEIGHED)], region_code="440203") == 1_000
    assert freight([], region_code="440203") == 0


def test_what_is_not_brought_there_or_not_weighed_is_named() -> None:
    with pytest.raises(NotDeliveredThere) as there:
        freight([load(1, "1", zone("360000", base=1))], region_code="440203")
    assert there.value.figures == {"title": "米", "region_code": "440203"}
    with pytest.raises(WeightMissing) as weight:
        freight([load(1, None, WEIGHED)], region_code="440203")
    assert weight.value.figures == {"title": "米"}
    assert freight([load(1, None, FIXED)], region_code="440203") == 1_000


@pytest.mark.parametrize(
    ("zones", "pointer"),
    [
        ([zone(base=1, base_kg="1")], "/zones/0/step_kg"),
        ([zone(base=1, step_kg="1", step_fen=Fen(1))], "/zones/0/step_kg"),
        ([zone("440000", base=1), zone("440000", base=2)], "/zones/1/region_codes"),
        ([zone("440000", "440000", base=1)], "/zones/0/region_codes"),
    ],
)
def test_zones_that_do_not_fit_are_refused(zones: list[Zone], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_zones(zones)
    assert refused.value.pointer == pointer


def test_zones_are_kept_as_they_were_said() -> None:
    zones = [zone("440000", base=1), WEIGHED, FREE]
    check_zones([zone("440000", base=1), zone("440200", base=2), FREE])
    assert kept_zones(zones_of(kept_zones(zones))) == kept_zones(zones)
