"""How pages write figures, days and instants, in both languages."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from console.widgets.words import is_english, term
from kernel import clock

SHANGHAI = ZoneInfo("Asia/Shanghai")
FEN = Decimal(100)
WAN = Decimal(1_000_000)
NOTHING = "—"


def yuan(fen: int | None) -> str:
    """Write fen as yuan: `1,234.50 元`, `¥1,234.50`."""
    if fen is None:
        return NOTHING
    amount = f"{abs(Decimal(fen)) / FEN:,.2f}"
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{amount}" if is_english() else f"{sign}{amount} 元"


def wan(fen: int | None) -> str:
    """Write fen as ten thousands of yuan, for statistics; in whole yuan in English."""
    if fen is None:
        return NOTHING
    if is_english():
        return f"¥{Decimal(fen) / FEN:,.0f}"
    return f"{Decimal(fen) / WAN:,.2f} 万元"


def quantity(value: str | Decimal | None, unit: str | None = None) -> str:
    """Write a quantity without the zeros nobody needs, with its unit if that is told."""
    if value is None:
        return NOTHING
    number = Decimal(value)
    text = f"{number:,.3f}".rstrip("0").rstrip(".") or "0"
    if unit is None:
        return text
    named = term(unit, "unit")
    return f"{text} {named.text if abs(number) == 1 else named.texts}"


def percent(value: Any) -> str:
    """Write a rate (1 is all) as per cent with two places; nothing where there is no rate."""
    return NOTHING if value is None else f"{Decimal(str(value)) * 100:.2f}%"


def basis_points(value: int | None) -> str:
    """Write basis points as per cent."""
    return NOTHING if value is None else f"{Decimal(value) / 100:.2f}%".replace(".00%", "%")


def day(value: str | date | None) -> str:
    """Write a day: `2026年11月22日`, `22 Nov 2026`."""
    if value is None:
        return NOTHING
    on = date.fromisoformat(value) if isinstance(value, str) else value
    if is_english():
        return f"{on.day}\N{NO-BREAK SPACE}{on:%b}\N{NO-BREAK SPACE}{on:%Y}"
    return f"{on.year}年{on.month}月{on.day}日"


def month(value: str) -> str:
    """Write the month that a day is of: `2026年11月`, `Nov 2026`."""
    on = date.fromisoformat(value)
    return f"{on:%b}\N{NO-BREAK SPACE}{on:%Y}" if is_english() else f"{on.year}年{on.month}月"


def instant(value: str | datetime | None) -> str:
    """Write an instant in Shanghai to the minute."""
    if value is None:
        return NOTHING
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    local = at.astimezone(SHANGHAI)
    return f"{day(local.date())} {local:%H:%M}"


FILTERS = {
    "yuan": yuan,
    "wan": wan,
    "quantity": quantity,
    "percent": percent,
    "basis_points": basis_points,
    "day": day,
    "month": month,
    "instant": instant,
}


def today() -> date:
    """Give the day in Shanghai."""
    return clock.now().astimezone(SHANGHAI).date()
