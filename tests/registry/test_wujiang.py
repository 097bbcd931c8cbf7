"""The town table of the Wujiang document of 2020 adds up: T-W1 to T-W7 of the domain's numbers."""

from __future__ import annotations

import csv
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

TABLE = Path(__file__).parents[1] / "data" / "wujiang_2020.csv"
TOWNS = ("龙归镇", "江湾镇", "重阳镇", "西河镇", "西联镇")
SETTLEMENT_HOUSEHOLDS = 20
HOUSEHOLDS_OF_A_HELPER = 5


def _table() -> dict[str, dict[str, int]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            row["town"]: {name: int(row[name]) for name in ("households", "people", "villages")}
            for row in csv.DictReader(file)
        }


@pytest.mark.parametrize(
    ("column", "rows", "total"),
    [
        ("households", (299, 94, 266, 69, 27), 755),
        ("people", (690, 252, 673, 127, 46), 1788),
        ("villages", (2, 2, 3, 0, 0), 7),
    ],
    ids=["T-W1", "T-W2", "T-W3"],
)
def test_the_towns_add_up_to_the_printed_total(
    column: str, rows: tuple[int, ...], total: int
) -> None:
    table = _table()
    assert tuple(table[town][column] for town in TOWNS) == rows
    assert sum(rows) == table["合计"][column] == total


def test_the_figures_of_the_text_are_those_of_the_table() -> None:
    """T-W4: 755户1788贫困人口, 7个贫困村."""
    assert _table()["合计"] == {"households": 755, "people": 1788, "villages": 7}


@pytest.mark.parametrize(
    ("town", "average"),
    [
        ("龙归镇", "2.308"),
        ("江湾镇", "2.681"),
        ("重阳镇", "2.530"),
        ("西河镇", "1.841"),
        ("西联镇", "1.704"),
        ("合计", "2.368"),
    ],
)
def test_every_town_has_at_least_one_person_a_household(town: str, average: str) -> None:
    """T-W5."""
    row = _table()[town]
    assert row["people"] >= row["households"]
    people_a_household = (Decimal(row["people"]) / row["households"]).quantize(
        Decimal("0.001"), ROUND_HALF_UP
    )
    assert people_a_household == Decimal(average)
    assert 1 <= people_a_household <= 10


def test_a_settlement_of_20_households_counts_and_one_of_19_does_not() -> None:
    """T-W6: 20户以上."""
    assert [size for size in (19, 20, 21) if size >= SETTLEMENT_HOUSEHOLDS] == [20, 21]


def test_755_households_need_151_helpers() -> None:
    """T-W7: a helper looks after five households at most."""
    helpers = -(-_table()["合计"]["households"] // HOUSEHOLDS_OF_A_HELPER)
    assert helpers == 151
    assert 150 * HOUSEHOLDS_OF_A_HELPER < 755 <= 151 * HOUSEHOLDS_OF_A_HELPER
