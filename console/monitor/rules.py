"""How figures become pictures: the points of a curve, the tiles of a map, the class of a rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

WIDTH = 640
HEIGHT = 240
MARGIN = 36
TILE = 64
COLUMNS = 8
CLASSES = (0.25, 0.5, 0.75, 1.0)
"""Where a class of completion ends: five classes, the last one full."""
PROVINCES: Mapping[str, tuple[int, int]] = {
    "230000": (7, 0), "150000": (5, 1), "220000": (7, 1), "650000": (0, 2), "620000": (2, 2),
    "640000": (3, 2), "140000": (4, 2), "130000": (5, 2), "110000": (6, 2), "210000": (7, 2),
    "630000": (1, 3), "610000": (3, 3), "410000": (4, 3), "370000": (5, 3), "120000": (6, 3),
    "540000": (0, 4), "510000": (1, 4), "500000": (2, 4), "420000": (3, 4), "340000": (4, 4),
    "320000": (5, 4), "310000": (6, 4), "530000": (1, 5), "520000": (2, 5), "430000": (3, 5),
    "360000": (4, 5), "330000": (5, 5), "710000": (6, 5), "450000": (2, 6), "440000": (3, 6),
    "350000": (4, 6), "460000": (3, 7), "810000": (4, 7), "820000": (5, 7),
}  # fmt: skip
"""Column and row of each province on a map of equal tiles."""


KEYS: Mapping[str, str] = {
    "product": "certificate_number",
    "category": "category_code",
    "village": "region",
    "county": "region",
}
"""By what sales are parted by, what of the question narrows them to one key."""
MONTH_AND_MORE = timedelta(days=31)


@dataclass(frozen=True)
class Tile:
    """A region on the map: where, and how far it has come."""

    code: str
    name: str
    rate: float | None
    level: int
    x: int
    y: int


@dataclass(frozen=True)
class Curve:
    """Two lines over a year's months, in the units of the drawing."""

    done: str
    planned: str
    top_fen: int
    months: tuple[tuple[int, int], ...]
    """Month and where it stands."""


def level_of(rate: float | None) -> int:
    """Give the class of a rate, 0 to 4; nothing is the lowest."""
    return sum(1 for end in CLASSES if rate is not None and rate >= end)


def tiles_of(regions: Sequence[Mapping[str, Any]]) -> list[Tile]:
    """Place regions on the map: provinces where they lie, others row by row."""
    found = []
    for at, one in enumerate(regions):
        column, row = PROVINCES.get(one["code"], (at % COLUMNS, at // COLUMNS))
        rate = None if one["rate"] is None else float(one["rate"])
        found.append(
            Tile(one["code"], one["name"], rate, level_of(rate), column * TILE, row * TILE)
        )
    return found


def curve_of(months: Sequence[Mapping[str, Any]]) -> Curve:
    """Draw what was counted so far and what was planned, month by month."""
    top = max(
        [int(one[key] or 0) for one in months for key in ("counted_so_far_fen", "planned_fen")]
        or [0]
    )
    step = (WIDTH - 2 * MARGIN) / max(len(months) - 1, 1)

    def line(key: str) -> str:
        points = [
            (MARGIN + at * step, HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * one[key] / (top or 1))
            for at, one in enumerate(months)
            if one[key] is not None
        ]
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)

    marks = tuple(
        (date.fromisoformat(one["month"]).month, round(MARGIN + at * step))
        for at, one in enumerate(months)
    )
    return Curve(line("counted_so_far_fen"), line("planned_fen"), top, marks)


def narrowed(sale: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, str] | None:
    """Give the question for the orders that a figure of sales is made of.

    None where there is none: of an order, or of goods whose key is not known.
    """
    by, key = about.get("by", "whole"), sale["key"]
    if by == "order" or (by in KEYS and not key):
        return None
    kept = {name: one for name, one in about.items() if name not in {"cursor", "direct", "channel"}}
    through = {"channel": sale["channel"]} if sale["channel"] else {"direct": "true"}
    part = {KEYS[by]: key} if by in KEYS else _of_month(key, about) if by == "month" else {}
    return kept | through | part | {"by": "order"}


def _of_month(month: str, about: Mapping[str, str]) -> dict[str, str]:
    """Give the first day of a month and the first after it, or of the period that cuts it."""
    first = date.fromisoformat(f"{month}-01")
    after = (first + MONTH_AND_MORE).replace(day=1)
    return {
        "from": max(first.isoformat(), about.get("from", "")),
        "to": min(after.isoformat(), about.get("to", after.isoformat())),
    }
