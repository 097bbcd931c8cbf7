"""Which cells of a table of households may be published.

A cell of fewer than five households is not shown. Nor is any other cell or total from which it
could be worked out: a table is a flow from rows to columns to the total and back, and a hidden cell
is safe when a unit of flow could pass it in another way over hidden cells alone. Where none can,
the cheapest way round (fewest households) is hidden, too.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

SHOWN_FROM = 5
TOTAL = -1
"""The row of column totals, and the column of row totals."""
Cell = tuple[int, int]
Node = tuple[str, int]


@dataclass(frozen=True)
class Published:
    """A table as the public sees it; None is not shown."""

    cells: list[list[int | None]]
    row_totals: list[int | None]
    column_totals: list[int | None]
    total: int | None


def publish(counts: Sequence[Sequence[int]]) -> Published:
    """Give a table of households by two criteria without what names the few."""
    width = len(counts[0]) if counts else 0
    if not width:
        return Published([], [None] * len(counts), [], None)
    values = _with_totals(counts, width)
    hidden = hide(values)

    def shown(row: int, column: int) -> int | None:
        return None if (row, column) in hidden else values[row, column]

    return Published(
        cells=[[shown(row, column) for column in range(width)] for row in range(len(counts))],
        row_totals=[shown(row, TOTAL) for row in range(len(counts))],
        column_totals=[shown(TOTAL, column) for column in range(width)],
        total=shown(TOTAL, TOTAL),
    )


def publish_list(counts: Sequence[int]) -> tuple[list[int | None], int | None]:
    """Give counts by one criterion, and their total, without what names the few."""
    published = publish([counts])
    return published.cells[0], published.row_totals[0]


def hide(values: Mapping[Cell, int]) -> set[Cell]:
    """Name the cells of a table with totals that may not be shown."""
    small = [cell for cell, value in values.items() if value < SHOWN_FROM]
    hidden = set(small)
    for cell in sorted(small):
        hidden |= _way_round(cell, values, hidden)
    return hidden


def _with_totals(counts: Sequence[Sequence[int]], width: int) -> dict[Cell, int]:
    values = {
        (row, column): value for row, line in enumerate(counts) for column, value in enumerate(line)
    }
    values |= {(row, TOTAL): sum(line) for row, line in enumerate(counts)}
    values |= {(TOTAL, column): sum(line[column] for line in counts) for column in range(width)}
    values[TOTAL, TOTAL] = sum(map(sum, counts))
    return values


def _way_round(cell: Cell, values: Mapping[Cell, int], hidden: set[Cell]) -> set[Cell]:
    """Find the cheapest other way for one more household in the cell: from its head to its tail.

    Hidden cells cost nothing. A way against the flow takes one away, so it needs one there. The
    way over the three totals is always free, so there is one.
    """
    tail, head = _ends(cell)
    best: dict[Node, tuple[int, Node | None, Cell | None]] = {head: (0, None, None)}
    waiting: list[tuple[int, Node]] = [(0, head)]
    while waiting:
        cost, node = heapq.heappop(waiting)
        if node == tail:
            break
        if cost > best[node][0]:
            continue
        for step, through in _steps(node, cell, values):
            price = cost + (0 if through in hidden else values[through] + 1)
            if step not in best or price < best[step][0]:
                best[step] = (price, node, through)
                heapq.heappush(waiting, (price, step))
    way: set[Cell] = set()
    at: Node | None = tail
    while at is not None:
        _, at, last = best[at]
        way |= set() if last is None else {last}
    return way


def _steps(node: Node, without: Cell, values: Mapping[Cell, int]) -> Iterator[tuple[Node, Cell]]:
    for cell, value in values.items():
        tail, head = _ends(cell)
        if cell == without:
            continue
        if tail == node:
            yield head, cell
        elif head == node and value > 0:
            yield tail, cell


def _ends(cell: Cell) -> tuple[Node, Node]:
    """Tell where a cell's flow comes from and goes to; totals lead back from columns to rows."""
    row, column = cell
    if column == TOTAL and row == TOTAL:
        return ("row", TOTAL), ("column", TOTAL)
    if column == TOTAL:
        return ("column", TOTAL), ("row", row)
    if row == TOTAL:
        return ("column", column), ("row", TOTAL)
    return ("row", row), ("column", column)
