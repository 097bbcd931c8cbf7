"""The town table of the Wujiang document of 2020, refused where its rows do not add up."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).parent / "data" / "wujiang_2020.csv"
TOTAL_ROW = "合计"
PRINTED = (755, 1788, 7)
"""Households, people and villages as the document's text says them, twice."""


class TableDoesNotAddUp(Exception):
    """The rows of the town table do not add up to the totals the document prints."""


@dataclass(frozen=True)
class Town:
    """One town: its households, people and villages on the register of 2020."""

    name: str
    households: int
    people: int
    villages: int

    @property
    def figures(self) -> tuple[int, int, int]:
        """Households, people, villages."""
        return (self.households, self.people, self.villages)


def read_towns(table: Path = TABLE) -> tuple[Town, ...]:
    """Read the five towns; raises TableDoesNotAddUp when they differ from the totals."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = [
            Town(
                name=row["town"],
                households=int(row["households"]),
                people=int(row["people"]),
                villages=int(row["villages"]),
            )
            for row in csv.DictReader(file)
        ]
    towns = tuple(row for row in rows if row.name != TOTAL_ROW)
    (total,) = (row for row in rows if row.name == TOTAL_ROW)
    sums = tuple(sum(column) for column in zip(*(town.figures for town in towns), strict=True))
    if sums != total.figures or total.figures != PRINTED:
        raise TableDoesNotAddUp(
            f"towns add to {sums}, the total row says {total.figures}, the text {PRINTED}"
        )
    return towns
