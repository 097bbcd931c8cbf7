"""What one version of a promise says otherwise than another, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two versions say differently, and why it had been returned."""

    pointer: str
    before: Any
    after: Any
    reasons: Sequence[str] = ()


def differences(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    reasons: Sequence[Mapping[str, str]] = (),
) -> list[Difference]:
    """Tell which fields differ, in the order of the form; reasons stand beside their fields."""
    return [
        Difference(
            pointer=f"/{name}",
            before=before.get(name),
            after=after.get(name),
            reasons=[one["text"] for one in reasons if one["pointer"] == f"/{name}"],
        )
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def unanswered(
    found: Sequence[Difference], *, reasons: Sequence[Mapping[str, str]]
) -> list[Mapping[str, str]]:
    """Tell which reasons of a return name a field that was not changed."""
    changed = {one.pointer for one in found}
    return [one for one in reasons if one["pointer"] not in changed]
