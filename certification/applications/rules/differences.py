"""What a resubmission changed, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """A field whose value changed, and why it had been returned."""

    pointer: str
    before: Any
    after: Any
    reasons: Sequence[str] = ()


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], *, reasons: Sequence[Mapping[str, str]]
) -> list[Change]:
    """Tell what changed between two versions, by field, in the order of the form.

    `reasons` are those of the return in between; each stands beside the field it named.
    """
    return [
        Change(
            pointer=f"/{name}",
            before=before.get(name),
            after=after.get(name),
            reasons=[one["text"] for one in reasons if _field(one["pointer"]) == name],
        )
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def unanswered(
    changes: Sequence[Change], *, reasons: Sequence[Mapping[str, str]]
) -> list[Mapping[str, str]]:
    """Tell which reasons of the return name a field that was not changed."""
    changed = {change.pointer.removeprefix("/") for change in changes}
    return [one for one in reasons if _field(one["pointer"]) not in changed]


def _field(pointer: str) -> str:
    return pointer.removeprefix("/").split("/", maxsplit=1)[0]
