"""What may be said of a region to anybody: nothing that a handful stand behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from kernel.money import Fen
from registry.regions.rules import GROUPS, child_length, subtree_prefix

LEAST = 5
"""So many units or households stand behind a figure that anybody may read."""
Amounts = tuple[Fen, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """What is said of a region, or of the rest of them together: how many, and their amounts.

    Where too few stand behind it, nothing is said.
    """

    members: int | None
    amounts: Amounts | None


HIDDEN = Published(None, None)


@dataclass(frozen=True, slots=True)
class Table:
    """A region, those directly inside it that are shown, by code, and the others together.

    Which the others are is not said, nor that there is anybody in them: who knew that there is one
    at least in each of five would know of one in each, where the rest is five.
    """

    whole: Published
    regions: Mapping[str, Published]
    rest: Published | None


def publish(
    region_code: str, *, members: Mapping[str, int], amounts: Mapping[str, Amounts]
) -> Table:
    """Say of a region what may be said.

    `members` counts by the region that each is registered in, over the whole country; `amounts`
    are of the regions directly inside this one, by code.
    """
    prefix = subtree_prefix(region_code)
    inside = members_inside(prefix, members)
    if not is_open(prefix, members):
        return Table(HIDDEN, {}, None)
    hidden = hidden_among(inside)
    shown = {
        code: Published(count, amounts[code])
        for code, count in inside.items()
        if code not in hidden
    }
    return Table(_together(inside, inside, amounts), shown,
                 _together(sorted(hidden), inside, amounts) if hidden else None)  # fmt: skip


def is_open(prefix: str, members: Mapping[str, int]) -> bool:
    """Say whether anything is said of a region: enough stand behind it, and no level hides it."""
    if sum(members_inside(prefix, members).values()) < LEAST:
        return False
    outer = ("", *(prefix[:end] for end in takewhile(lambda end: end < len(prefix), GROUPS)))
    return not any(
        _code(prefix[: child_length(one)]) in hidden_among(members_inside(one, members))
        for one in outer
        if one != prefix
    )


def hidden_among(members: Mapping[str, int]) -> frozenset[str]:
    """Give the regions of which nothing is said: those with too few, and what shields them.

    Whoever takes what is shown off the whole learns of all that are hidden together. So where
    those are too few themselves, the next smallest is hidden with them.
    """
    by_size = sorted(members, key=lambda code: (members[code], code))
    hidden: list[str] = []
    behind = 0
    for code in by_size:
        if members[code] >= LEAST and (not hidden or behind >= LEAST):
            break
        hidden.append(code)
        behind += members[code]
    return frozenset(hidden)


def members_inside(prefix: str, members: Mapping[str, int]) -> dict[str, int]:
    """Add members up by the regions directly inside the one with this prefix, by code."""
    length = child_length(prefix)
    found: dict[str, int] = {}
    for code in sorted(members):
        if code.startswith(prefix):
            part = _code(code[:length])
            found[part] = found.get(part, 0) + members[code]
    return found


def _together(
    codes: Sequence[str] | Mapping[str, int],
    members: Mapping[str, int],
    amounts: Mapping[str, Amounts],
) -> Published:
    columns = zip(*(amounts[code] for code in codes), strict=True)
    return Published(
        sum(members[code] for code in codes), tuple(Fen(sum(column)) for column in columns)
    )


def _code(prefix: str) -> str:
    return prefix.ljust(6, "0")
