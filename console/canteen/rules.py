"""What a basket may hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

QUANTITY = re.compile(r"[0-9]{1,11}(\.[0-9]{1,3})?")
MOST_LINES = 60
SEPARATOR = "~"


@dataclass(frozen=True)
class Basket:
    """Listings and how much of each, in the order in which they were put in."""

    lines: tuple[tuple[UUID, str], ...]

    @classmethod
    def read(cls, text: str) -> Basket:
        """Read what `written` gave; what is not a line is left out."""
        found = []
        for part in text.split(SEPARATOR)[:MOST_LINES]:
            key, _, quantity = part.partition(":")
            if len(key) == len(UUID(int=0).hex) and QUANTITY.fullmatch(quantity):
                try:
                    found.append((UUID(key), quantity))
                except ValueError:
                    continue
        return cls(tuple(found))

    def with_line(self, listing_id: UUID, quantity: str) -> Basket:
        """Give the basket with so much of a listing; what is no quantity above zero ends it."""
        kept = tuple(line for line in self.lines if line[0] != listing_id)
        wanted = quantity.strip()
        if not QUANTITY.fullmatch(wanted) or not wanted.strip("0."):
            return Basket(kept)
        return Basket((*kept, (listing_id, wanted))[-MOST_LINES:])

    def written(self) -> str:
        """Write it for a cookie."""
        return SEPARATOR.join(f"{key.hex}:{quantity}" for key, quantity in self.lines)
