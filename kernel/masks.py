"""What is shown of a person: enough to be recognised by who knows them, and no more."""

from __future__ import annotations


def mask_name(name: str) -> str:
    """Keep the surname's first character and hide the rest."""
    return name[:1] + "*" * (len(name) - 1)


def mask(number: str, *, first: int, last: int) -> str:
    """Keep the ends of a number and hide what stands between."""
    return number[:first] + "*" * (len(number) - first - last) + number[-last:]
