"""A6: figures of fewer than five are not published, and cannot be worked out from what is.

The attacker reads every page there is, the country's, each province's, city's and county's, on two
days one after the other; adds and takes away as regions lie in each other; and knows that nobody
who bought or was given something in a year ceases to have done so.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping

import pytest

from kernel.money import Fen
from marketplace.openness import rules
from marketplace.openness.rules import LEAST, Table, members_inside, publish
from registry.regions.rules import NATION, subtree_prefix

PAIRS = 500
"""Of two days each: a thousand tables."""
UNBOUNDED = 10**9
Tree = Mapping[str, list[str]]
Days = tuple[Mapping[str, int], Mapping[str, int]]
Node = tuple[int, str]
Bounds = dict[Node, tuple[int, int]]
Sums = list[tuple[Node, list[Node]]]


def _country(chance: random.Random) -> Tree:
    """Make provinces with cities with counties; each code with those directly inside it."""
    tree: dict[str, list[str]] = {NATION: []}
    for province in range(11, 11 + chance.randint(1, 2)):
        cities = [f"{province}{city:02}00" for city in range(1, chance.randint(2, 4))]
        tree[NATION].append(f"{province}0000")
        tree[f"{province}0000"] = cities
        for city in cities:
            tree[city] = [f"{city[:4]}{county:02}" for county in range(1, chance.randint(2, 4))]
    return tree


def _pairs(pairs: int) -> Iterator[tuple[Tree, Days]]:
    """Give countries and whom their counties count on two days; on the second some have come."""
    chance = random.Random(20260302)
    for _ in range(pairs):
        tree = _country(chance)
        most, more = chance.choice((3, 8, 20)), chance.choice((0, 1, 4))
        counties = sorted({one for inside in tree.values() for one in inside} - tree.keys())
        first = {code: chance.randint(0, most) for code in counties}
        second = {code: number + chance.randint(0, more) for code, number in first.items()}
        yield tree, (first, second)


def _published(tree: Tree, members: Mapping[str, int]) -> dict[str, Table]:
    """Publish every page; who stands behind nothing is not counted at all."""
    behind = {code: number for code, number in members.items() if number}
    codes = {*tree, *members}
    inside = {code: members_inside(subtree_prefix(code), behind) for code in codes}
    return {
        code: publish(
            code, members=behind, amounts={one: (Fen(n),) for one, n in inside[code].items()}
        )
        for code in codes
    }


def _read(day: int, tree: Tree, pages: Mapping[str, Table]) -> tuple[Bounds, Sums]:
    """Say what the pages of a day tell: numbers, and what adds up to what."""
    bounds: Bounds = {(day, code): (0, UNBOUNDED) for code in pages}
    sums: Sums = [((day, code), [(day, one) for one in inside]) for code, inside in tree.items()]
    for code, page in pages.items():
        told = {code: page.whole, **page.regions}
        counts = {one: said.members for one, said in told.items() if said.members is not None}
        bounds |= {(day, one): (number, number) for one, number in counts.items()}
        if page.rest is not None and page.rest.members is not None:
            rest = (day, f"the rest of {code}")
            bounds[rest] = (page.rest.members,) * 2
            sums.append((rest, [(day, one) for one in tree.get(code, ()) if one not in counts]))
    return bounds, sums


def _attack(tree: Tree, days: Days) -> Bounds:
    """Work out from both days between which bounds each number lies, until nothing moves."""
    bounds: Bounds = {}
    sums: Sums = []
    for day, members in enumerate(days):
        known, more = _read(day, tree, _published(tree, members))
        bounds |= known
        sums += more
    before: Bounds = {}
    while bounds != before:
        before = dict(bounds)
        for whole, parts in sums:
            _tighten(bounds, whole, parts)
        for code in days[0]:
            (low, high), (later_low, later_high) = bounds[0, code], bounds[1, code]
            bounds[0, code] = (low, min(high, later_high))
            bounds[1, code] = (max(later_low, low), later_high)
    return bounds


def _tighten(bounds: Bounds, whole: Node, parts: list[Node]) -> None:
    least, most = (sum(bounds[one][end] for one in parts) for end in (0, 1))
    low, high = bounds[whole]
    low, high = bounds[whole] = max(low, least), min(high, most)
    for one in parts:
        own_low, own_high = bounds[one]
        bounds[one] = (
            max(own_low, low - (most - own_high)),
            min(own_high, high - (least - own_low)),
        )


def _recovered(tree: Tree, days: Days) -> list[Node]:
    """Name the regions with a few that are shown, or that both days tell."""
    bounds = _attack(tree, days)
    found = []
    for day, members in enumerate(days):
        for code in {*tree, *members}:
            prefix = subtree_prefix(code)
            truth = sum(number for one, number in members.items() if one.startswith(prefix))
            low, high = bounds[day, code]
            assert low <= truth <= high, "the attacker adds up rightly"
            if 0 < truth < LEAST and low == high:
                found.append((day, code))
    return found


def test_nothing_of_a_few_is_recovered_from_a_thousand_days() -> None:
    assert [pair for pair in _pairs(PAIRS) if _recovered(*pair)] == []


def test_enough_is_shown_to_be_of_use() -> None:
    shown = regions = 0
    for tree, days in _pairs(50):
        pages = _published(tree, days[1])
        shown += sum(len(page.regions) for page in pages.values())
        regions += sum(map(len, tree.values()))
    assert shown > regions / 4


def _few_only(members: Mapping[str, int]) -> frozenset[str]:
    return frozenset(code for code, number in members.items() if number < LEAST)


def _nothing(members: Mapping[str, int]) -> frozenset[str]:
    del members
    return frozenset()


@pytest.mark.parametrize("hidden_among", [_few_only, _nothing])
def test_control_the_attack_finds_what_is_hidden_badly(
    monkeypatch: pytest.MonkeyPatch, hidden_among: Callable[..., frozenset[str]]
) -> None:
    monkeypatch.setattr(rules, "hidden_among", hidden_among)
    assert sum(bool(_recovered(*pair)) for pair in _pairs(60)) > 10
