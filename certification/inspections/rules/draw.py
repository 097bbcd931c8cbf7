"""How certificates are drawn, so that anyone can draw them again (docs/rules/inspections.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence


def digest(text: str) -> str:
    """Give the SHA-256 of a text's UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def seed_of(secret: str, *, public_value: str) -> str:
    """Mix what was committed to with what nobody knew then."""
    return digest(f"{secret}:{public_value}")


def frame_text(rows: Iterable[tuple[str, str]]) -> str:
    """Write the frame: one line `number,stratum` a certificate, by number."""
    return "".join(f"{number},{stratum}\n" for number, stratum in sorted(rows))


def draw(
    rows: Sequence[tuple[str, str]], *, sizes: Mapping[str, int], seed: str
) -> dict[str, list[str]]:
    """Draw from each stratum the numbers with the least digests of `seed:number`.

    A stratum smaller than its size is drawn whole.
    """
    return {
        stratum: sorted(
            (number for number, its_stratum in rows if its_stratum == stratum),
            key=lambda number: digest(f"{seed}:{number}"),
        )[:size]
        for stratum, size in sizes.items()
    }
