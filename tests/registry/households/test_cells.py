"""A6: fewer than five households are not shown, and cannot be worked out from what is."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

import pytest

from registry.households.rules import cells
from registry.households.rules.cells import SHOWN_FROM, TOTAL, publish, publish_list

TABLES = 1_000
UNBOUNDED = 10**9
Bounds = dict[tuple[int, int], tuple[int, int]]


def test_a_list_hides_the_few_and_what_would_tell_them() -> None:
    assert publish_list([7, 9, 12]) == ([7, 9, 12], 28)
    assert publish_list([7, 4, 12]) == ([None, None, 12], 23)
    assert publish_list([3, 2]) == ([None, None], 5)
    assert publish_list([4]) == ([None], None)
    assert publish([]).total is None


def test_two_empty_cells_are_not_told_by_their_total() -> None:
    """7 + 0 + 0 = 7: hiding both zeros alone would tell them."""
    shown, total = publish_list([7, 0, 0])
    assert shown.count(None) == 3 or total is None


def _attack(shown: cells.Published) -> Bounds:
    """Work out bounds of what is hidden from every sum there is, until nothing moves any more."""
    rows, columns = len(shown.row_totals), len(shown.column_totals)
    known: dict[tuple[int, int], int | None] = {
        (r, c): shown.cells[r][c] for r, c in product(range(rows), range(columns))
    }
    known |= {(r, TOTAL): shown.row_totals[r] for r in range(rows)}
    known |= {(TOTAL, c): shown.column_totals[c] for c in range(columns)}
    known[TOTAL, TOTAL] = shown.total
    bounds = {k: (0, UNBOUNDED) if v is None else (v, v) for k, v in known.items()}
    lines = list(_lines(rows, columns))
    moved = True
    while moved:
        moved = False
        for parts, total in lines:
            for one in (*parts, total):
                tight = _tighten(one, parts, total, bounds)
                if tight != bounds[one]:
                    bounds[one], moved = tight, True
    return bounds


def _lines(rows: int, columns: int) -> Iterator[tuple[list[tuple[int, int]], tuple[int, int]]]:
    for r in (*range(rows), TOTAL):
        yield [(r, c) for c in range(columns)], (r, TOTAL)
    for c in (*range(columns), TOTAL):
        yield [(r, c) for r in range(rows)], (TOTAL, c)


def _tighten(
    one: tuple[int, int], parts: Sequence[tuple[int, int]], total: tuple[int, int], bounds: Bounds
) -> tuple[int, int]:
    low, high = bounds[one]
    if one == total:
        return max(low, sum(bounds[p][0] for p in parts)), min(
            high, sum(bounds[p][1] for p in parts)
        )
    others = [p for p in parts if p != one]
    return (
        max(low, bounds[total][0] - sum(bounds[p][1] for p in others)),
        min(high, bounds[total][1] - sum(bounds[p][0] for p in others)),
    )


def _recovered(table: list[list[int]]) -> list[tuple[int, int]]:
    """Name the small cells that are shown, or that the sums tell."""
    bounds = _attack(publish(table))
    width = len(table[0])
    values = cells._with_totals(table, width)  # noqa: SLF001 - the truth, to compare with
    return [k for k, v in values.items() if v < SHOWN_FROM and bounds[k][0] == bounds[k][1]]


def _tables() -> Iterator[list[list[int]]]:
    chance = random.Random(20260302)
    for _ in range(TABLES):
        rows, columns = chance.randint(1, 6), chance.randint(1, 6)
        most = chance.choice((3, 8, 20, 200))
        yield [[chance.randint(0, most) for _ in range(columns)] for _ in range(rows)]


def test_no_small_cell_of_a_thousand_tables_can_be_recovered() -> None:
    assert [table for table in _tables() if _recovered(table)] == []


def test_enough_is_shown_to_be_of_use() -> None:
    chance = random.Random(7)
    table = [[chance.randint(0, 60) for _ in range(8)] for _ in range(12)]
    shown = publish(table)
    assert sum(one is not None for line in shown.cells for one in line) > 60
    assert shown.total is not None


def _small_only(values: Mapping[tuple[int, int], int]) -> set[tuple[int, int]]:
    return {cell for cell, value in values.items() if value < SHOWN_FROM}


@pytest.mark.parametrize("hide", [_small_only, lambda _: set()], ids=["no second cell", "nothing"])
def test_negative_control_the_attack_finds_what_is_hidden_badly(
    monkeypatch: pytest.MonkeyPatch, hide: Callable[..., set[tuple[int, int]]]
) -> None:
    monkeypatch.setattr(cells, "hide", hide)
    assert sum(bool(_recovered(table)) for table in _tables()) > 100
