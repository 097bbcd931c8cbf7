"""Which roles try a route: some that it opens for and some that it does not, others each turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

THEIRS = 3
OTHERS = 2


def asked(known: Sequence[str], roles: frozenset[str], *, turn: int) -> Iterator[tuple[str, bool]]:
    """Give a few of the known roles, each with whether the route is theirs."""
    known = [*known[turn % len(known) :], *known[: turn % len(known)]]
    theirs = [one for one in known if not roles.isdisjoint({"public", "signed-in", one})]
    others = [one for one in known if one not in theirs]
    yield from ((one, True) for one in theirs[:THEIRS])
    yield from ((one, False) for one in others[:OTHERS])
