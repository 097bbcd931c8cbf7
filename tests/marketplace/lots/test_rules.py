"""How a lot adds up, and which lots serve a demand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid, UnitMismatch
from kernel.quantity import Unit, convert
from marketplace.errors.lots import StockShort
from marketplace.lots.models import LotId
from marketplace.lots.rules import (
    Contribution,
    Pick,
    Remaining,
    check_days,
    check_unit,
    choose_lots,
    floor,
    measure,
    total_of,
)
from registry.households.models.households import HouseholdId

TODAY = date(2026, 11, 22)
D = Decimal


def household(number: int) -> HouseholdId:
    return HouseholdId(UUID(int=number))


def lot_id(number: int) -> LotId:
    return LotId(UUID(int=number))


def lot(
    number: int, free: str, expires: date | None = None, *, unit: Unit = Unit.KG, day: int = 1
) -> Remaining:
    return Remaining(lot_id(number), unit, D(free), expires, date(2026, 11, day))


def choose(wanted: list[str], lots: list[Remaining], unit: Unit = Unit.KG) -> list[list[Pick]]:
    return choose_lots([D(one) for one in wanted], lots, unit=unit, title="脐橙")


def test_produce_harvested_today_that_keeps_until_tomorrow_is_taken() -> None:
    check_days(TODAY, date(2026, 11, 23), today=TODAY)
    check_days(TODAY, None, today=TODAY)


@pytest.mark.parametrize(
    ("harvested", "expires", "pointer"),
    [
        (date(2026, 11, 23), None, "/harvested_on"),
        (date(2026, 11, 1), TODAY, "/expires_on"),
        (TODAY, TODAY, "/expires_on"),
    ],
)
def test_a_harvest_to_come_and_a_day_gone_by_are_refused(
    harvested: date, expires: date | None, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_days(harvested, expires, today=TODAY)
    assert refused.value.pointer == pointer


def test_a_lot_counts_what_the_listing_sells_in_steps() -> None:
    check_unit(Unit.JIN, listing_unit=Unit.KG, step=D("0.5"))


@pytest.mark.parametrize(
    ("unit", "listing_unit", "step"),
    [(Unit.BOX, Unit.KG, "1"), (Unit.TONNE, Unit.G, "500"), (Unit.KG, Unit.JIN, "0.001")],
)
def test_a_lot_in_which_a_step_is_no_exact_quantity_is_refused(
    unit: Unit, listing_unit: Unit, step: str
) -> None:
    with pytest.raises(UnitMismatch) as refused:
        check_unit(unit, listing_unit=listing_unit, step=D(step))
    assert refused.value.pointer == "/unit"


def test_a_lot_adds_up_to_what_the_households_and_the_cooperative_put_in() -> None:
    contributions = [
        Contribution(household(1), D("10.5"), 300),
        Contribution(household(2), D("4.25"), 300),
    ]
    assert total_of(contributions, own_quantity=D("1.25"), unit=Unit.KG) == D("16.000")


@pytest.mark.parametrize(
    ("contributions", "own", "unit", "pointer"),
    [
        ([], "0", Unit.KG, "/contributions"),
        ([Contribution(household(1), D("1.5"), 1)], "0", Unit.BOX, "/contributions/0/quantity"),
        ([], "0.5", Unit.BOX, "/own_quantity"),
        (
            [Contribution(household(1), D(1), 1), Contribution(household(1), D(1), 2)],
            "0",
            Unit.KG,
            "/contributions/1/household_id",
        ),
    ],
)
def test_a_lot_that_does_not_add_up_is_refused(
    contributions: list[Contribution], own: str, unit: Unit, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        total_of(contributions, own_quantity=D(own), unit=unit)
    assert refused.value.pointer == pointer


def test_what_expires_first_goes_out_first_then_the_older_harvest() -> None:
    lots = [
        lot(1, "5"),
        lot(2, "5", date(2026, 12, 31)),
        lot(3, "5", date(2026, 12, 1), day=9),
        lot(4, "5", date(2026, 12, 1), day=8),
    ]
    picks = choose(["17"], lots)
    assert [(pick.lot_id.int, pick.quantity) for pick in picks[0]] == [
        (4, D(5)),
        (3, D(5)),
        (2, D(5)),
        (1, D(2)),
    ]


def test_two_demands_share_a_lot_in_their_order() -> None:
    picks = choose(["3", "4"], [lot(1, "5"), lot(2, "5", day=2)])
    assert picks == [
        [Pick(lot_id(1), D(3), D(3), Unit.KG)],
        [Pick(lot_id(1), D(2), D(2), Unit.KG), Pick(lot_id(2), D(2), D(2), Unit.KG)],
    ]


def test_exactly_what_is_left_is_served_and_a_gram_more_is_refused() -> None:
    assert choose(["9.999"], [lot(1, "9.999")])[0][0].quantity == D("9.999")
    with pytest.raises(StockShort) as refused:
        choose(["5", "5"], [lot(1, "9.999")])
    assert refused.value.figures == {
        "title": "脐橙",
        "available": D("9.999"),
        "wanted": D(10),
        "unit": Unit.KG,
    }


def test_no_lots_serve_nothing() -> None:
    with pytest.raises(StockShort) as refused:
        choose(["1"], [])
    assert refused.value.figures["available"] == D(0)


def test_jin_are_served_from_kilograms_and_grams() -> None:
    lots = [lot(1, "2.25"), lot(2, "1000", unit=Unit.G, day=2)]
    assert choose(["6"], lots, Unit.JIN) == [
        [
            Pick(lot_id(1), D("4.500"), D("2.250"), Unit.KG),
            Pick(lot_id(2), D("1.500"), D(750), Unit.G),
        ]
    ]


def test_what_the_listing_cannot_name_stays_in_the_lot() -> None:
    lots = [lot(1, "1000.5", unit=Unit.G), lot(2, "5", day=2)]
    assert choose(["3"], lots) == [
        [Pick(lot_id(1), D(1), D(1000), Unit.G), Pick(lot_id(2), D(2), D(2), Unit.KG)]
    ]


def test_a_lot_that_has_less_than_the_listing_can_name_is_passed_over() -> None:
    lots = [lot(1, "0.5", unit=Unit.G), lot(2, "5", day=2)]
    assert choose(["3"], lots) == [[Pick(lot_id(2), D(3), D(3), Unit.KG)]]


def test_a_measure_is_exact_and_a_floor_never_rounds_up() -> None:
    assert measure(D(1), from_unit=Unit.G, to_unit=Unit.TONNE) == D("0.000001")
    assert measure(D(3), from_unit=Unit.BOX, to_unit=Unit.BOX) == D(3)
    assert floor(D("1.9999")) == D("1.999")
    assert floor(D("1.9999"), D("0.5")) == D("1.5")


WEIGHTS = st.sampled_from([Unit.KG, Unit.G, Unit.JIN])


@given(
    free=st.lists(st.tuples(WEIGHTS, st.integers(1, 50)), min_size=1, max_size=6),
    demands=st.lists(st.integers(1, 40), min_size=1, max_size=4),
)
def test_picks_add_up_to_the_demand_and_never_pass_a_lot(
    free: list[tuple[Unit, int]], demands: list[int]
) -> None:
    lots = [lot(i, str(amount * 500), unit=unit) for i, (unit, amount) in enumerate(free)]
    try:
        picks = choose([str(demand * 250) for demand in demands], lots)
    except StockShort:
        whole = sum(measure(one.free, from_unit=one.unit, to_unit=Unit.KG) for one in lots)
        assert whole < sum(demands) * 250
        return
    for demand, chosen in zip(demands, picks, strict=True):
        assert sum(pick.quantity for pick in chosen) == demand * 250
    for one in lots:
        taken = [pick for chosen in picks for pick in chosen if pick.lot_id == one.lot_id]
        assert sum(pick.lot_quantity for pick in taken) <= one.free
        for pick in taken:
            assert convert(pick.lot_quantity, from_unit=one.unit, to_unit=Unit.KG) == pick.quantity
