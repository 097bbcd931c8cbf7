"""A region is cut into portions of its units: each unit is in one, and all are of a fit size."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import WrongState
from procurement.supervision.models.circulars import Circular, CircularStatus
from procurement.supervision.rules.circulars import drawn
from procurement.supervision.rules.standings import Portion, portions

CODES = st.sampled_from(
    ["000000", "110000", "110101", "440000", "440200", "440203", "440203103", "440203103801",
     "440204", "440300", "440305", "360732"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("places", "within", "wanted"),
    [
        ([], "44", [("44", 0)]),
        (["440203", "440204"], "44", [("44", 2)]),
        (["440203", "440203", "440204"], "44", [("440203", 2), ("440204", 1)]),
        (["440203", "440200", "440000"], "44", [("4400", 1), ("4402", 2)]),
        (["440203", "440203103", "440203"], "440203", [("440203", 3)]),
        (["110101", "440203", "000000"], "", [("00", 1), ("11", 1), ("44", 1)]),
    ],
)
def test_a_region_is_cut_where_it_has_more_units_than_a_portion(
    places: list[str], within: str, wanted: list[tuple[str, int]]
) -> None:
    assert portions(places, within=within, most=2) == [Portion(*one) for one in wanted]


@given(st.lists(CODES, max_size=60), st.integers(1, 9))
def test_every_unit_is_in_exactly_one_portion(places: list[str], most: int) -> None:
    found = portions(places, within="", most=most)
    owners = [
        [one.region_prefix for one in found if code.startswith(one.region_prefix)]
        for code in places
    ]
    assert all(len(one) == 1 for one in owners)
    counted = Counter(prefix for (prefix,) in owners)
    assert all(counted[one.region_prefix] == one.units for one in found)
    assert all(one.units <= most or len(one.region_prefix) >= 6 for one in found)


@pytest.mark.parametrize("status", [CircularStatus.DRAWING, CircularStatus.FAILED])
def test_nothing_stands_in_a_circular_that_is_not_drawn_up(status: CircularStatus) -> None:
    with pytest.raises(WrongState) as refused:
        drawn(Circular(status=status))
    assert refused.value.figures == {"state": status}
