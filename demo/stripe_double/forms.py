"""How Stripe writes what is asked: `a[b][]=c` in a form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

PART = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")
WORDS = {"true": True, "false": False}


def parse(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Read the pairs of a form as nested maps and lists."""
    read: dict[str, Any] = {}
    for name, value in pairs:
        *path, last = PART.findall(name)
        inner = read
        for part in path:
            inner = inner.setdefault(part, {})
        inner[last or str(len(inner))] = value
    return {name: _settled(value) for name, value in read.items()}


def _settled(value: Any) -> Any:
    """Make lists of maps that count from nothing, and truth of its words."""
    if not isinstance(value, dict):
        return WORDS.get(value, value)
    settled = {name: _settled(inner) for name, inner in value.items()}
    if settled and all(name.isdigit() for name in settled):
        return [settled[name] for name in sorted(settled, key=int)]
    return settled


def whole(value: Any) -> int | None:
    """Read a whole number above nothing, or None."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else None
