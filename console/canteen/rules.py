"""What pages of the canteen decide: what a basket may hold, and which rows of a form count."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict

from kernel.entries import WRITES

QUANTITY = re.compile(r"[0-9]{1,11}(\.[0-9]{1,3})?")
MOST_LINES = 60
SEPARATOR = "~"
BETWEEN = re.compile(r"[\s,;，；、]+")


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


def pace_of(curve: dict[str, Any] | None) -> Decimal | None:
    """Give which part of the year's floor the plan wants by today, None where nothing is owed."""
    if curve is None or not curve["reserved_fen"]:
        return None
    return min(Decimal(curve["planned_fen"]) / Decimal(curve["reserved_fen"]), Decimal(1))


@dataclass(frozen=True)
class Dense:
    """Rows of a form that hold what makes a row, and which rows they were."""

    name: str
    bodies: list[dict[str, Any]]
    rows: tuple[int, ...]

    def name_of(self, error: str) -> str:
        """Give the form's name of a field that the door names by its place in the body."""
        begin, _, rest = error.removeprefix(self.name + ".").partition(".")
        if not error.startswith(self.name + ".") or not begin.isdecimal():
            return error
        at = int(begin)
        row = self.rows[at] if at < len(self.rows) else at
        return f"{self.name}.{row}.{rest}".rstrip(".")


def dense(
    form: MultiDict[str, str],
    name: str,
    *,
    wanted: tuple[str, ...],
    keeps: tuple[str, ...] = (),
    lists: tuple[str, ...] = (),
    yuan: tuple[str, ...] = (),
) -> Dense:
    """Take the rows of a form in which anything `wanted` stands; others are left out of the body.

    `keeps` are the row's other fields, `lists` those that hold several values; `yuan` are written
    as fen where they are money at all, else left for the door to refuse.
    """
    numbers = sorted({
        int(one) for key in form if (one := _row_of(key, name)) is not None
    })  # fmt: skip
    rows, bodies = [], []
    for row in numbers:
        begin = f"{name}.{row}."
        texts = {key: form.get(begin + key, "").strip() for key in (*wanted, *keeps)}
        if not any(texts[key].strip("0.") for key in wanted):
            continue
        body: dict[str, Any] = {key: text for key, text in texts.items() if text}
        body |= {key: found for key in lists if (found := form.getlist(begin + key))}
        bodies.append(body | {key: _fen(body[key]) for key in yuan if key in body})
        rows.append(row)
    return Dense(name, bodies, tuple(rows))


def _row_of(key: str, name: str) -> str | None:
    """Give the number of the row that a field's name stands in."""
    begin, _, rest = key.removeprefix(name + ".").partition(".")
    return begin if key.startswith(name + ".") and begin.isdecimal() and rest else None


def _fen(text: str) -> int | str:
    try:
        found: int = WRITES["yuan"](text)
    except ValueError:
        return text
    return found


def worth_of(listing: dict[str, Any], quantity: Decimal) -> int:
    """Give what so much of a listing costs by its tiers, in fen, without freight."""
    price = int(listing["unit_price_fen"])
    for tier in listing.get("tiers") or ():
        if quantity >= Decimal(tier["min_quantity"]):
            price = min(price, int(tier["unit_price_fen"]))
    return int((quantity * price).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def owed_of(order: dict[str, Any]) -> dict[str, int]:
    """Give what a payment of an order begins with: all of it, or what was accepted of it."""
    goods_first = order["pay_mode"] == "goods_first" and order["accepted_fen"] > 0
    left = order["accepted_fen" if goods_first else "total_fen"] - order["paid_fen"]
    return {"amount_fen": left} if left > 0 else {}


def codes_of(text: str) -> list[str]:
    """Give the codes that somebody wrote one after another."""
    return [one for one in BETWEEN.split(text.strip()) if one]
