"""What a cell means: never guessed, refused with the reason where digits may be lost."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from kernel.quantity import PLACES
from kernel.sheets.columns import Column, Kind

EXACT = 10**15
"""Excel keeps fifteen digits; from here on a number is not what was typed."""
SCIENTIFIC = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+\Z")
GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?\Z")
PLAIN = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]+)?\Z")
DAYS = (
    re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})\Z"),
    re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})\Z"),
    re.compile(r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})\Z"),
    re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日\Z"),
    re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})\Z"),
)
YES = frozenset({"是", "有", "yes", "y", "true", "1", "√"})
NO = frozenset({"否", "无", "no", "n", "false", "0", "×"})
ERRORS = frozenset(
    {"#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A", "#NULL!", "#NUM!", "#GETTING_DATA", "#SPILL!"}
)
QUANTITY_PLACES = 3
FEN_PLACES = 2
Cell = Any
"""What a reader gives: text, number, bool, date, time."""


class BadCell(Exception):
    """A cell that does not hold what its column wants; figures never hold its content."""

    def __init__(self, code: str, **figures: Any) -> None:
        self.code = code
        self.figures = figures
        super().__init__(code)


def convert(cell: Cell, column: Column) -> Any:
    """Give the JSON value that a cell means, or None where it is empty; refuses BadCell."""
    if isinstance(cell, str):
        if "\0" in cell:
            raise BadCell("nul")
        if not cell.strip():
            return None
        if cell in ERRORS:
            raise BadCell("error_value")
    return _READERS[column.kind](cell, column)


def _text(cell: Cell, _: Column) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float) and cell.is_integer():
        if abs(cell) >= EXACT:
            raise BadCell("scientific_notation")
        return str(int(cell))
    raise BadCell("not_text")


def _identity(cell: Cell, _: Column) -> str:
    if isinstance(cell, str):
        return _digits(cell)
    if isinstance(cell, bool | date | time):
        raise BadCell("not_text")
    raise BadCell("scientific_notation" if abs(cell) >= EXACT else "number_not_text")


def _code(cell: Cell, _: Column) -> str:
    if isinstance(cell, str):
        return _digits(cell)
    if isinstance(cell, float) and not isinstance(cell, bool):
        if abs(cell) >= EXACT:
            raise BadCell("scientific_notation")
        if cell.is_integer() and cell >= 0:
            return str(int(cell))
    raise BadCell("not_text")


def _digits(text: str) -> str:
    """Give a number that is kept as text: narrow digits, no spaces between groups."""
    narrow = narrowed(text).replace(" ", "")
    if SCIENTIFIC.match(narrow):
        raise BadCell("scientific_notation")
    return narrow


def _number(cell: Cell, *, code: str, places: int) -> Decimal:
    if isinstance(cell, bool | date | time):
        raise BadCell(code, places=places)
    if isinstance(cell, str):
        narrow = narrowed(cell)
        if GROUPED.match(narrow):
            narrow = narrow.replace(",", "")
        if not PLAIN.match(narrow):
            raise BadCell(code, places=places)
    elif abs(cell) >= EXACT:
        raise BadCell("scientific_notation")
    else:
        narrow = repr(cell)
    try:
        number = Decimal(narrow)
    except InvalidOperation as error:
        raise BadCell(code, places=places) from error
    if not number.is_finite() or number != round(number, places):
        raise BadCell(code, places=places)
    return number


def _whole(cell: Cell, _: Column) -> int:
    return int(_number(cell, code="not_whole", places=0))


def _quantity(cell: Cell, _: Column) -> str:
    number = _number(cell, code="not_decimal", places=QUANTITY_PLACES)
    return f"{number.normalize():f}"


def _yuan(cell: Cell, _: Column) -> int:
    return int(_number(cell, code="not_decimal", places=FEN_PLACES) * 100)


def _day(cell: Cell, _: Column) -> str:
    if isinstance(cell, datetime):
        if cell.time() != time():
            raise BadCell("not_day")
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        text = narrowed(cell)
        for pattern in DAYS:
            found = pattern.match(text)
            if found is not None:
                return _date(*map(int, found.groups()))
        raise BadCell("not_day")
    raise BadCell("not_day" if isinstance(cell, bool | time) else "number_not_day")


def _date(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError as error:
        raise BadCell("not_day") from error


def _flag(cell: Cell, _: Column) -> bool:
    if isinstance(cell, bool):
        return cell
    text = narrowed(cell).casefold() if isinstance(cell, str) else ""
    if isinstance(cell, float) and cell in (0.0, 1.0):
        return bool(cell)
    if text in YES:
        return True
    if text in NO:
        return False
    raise BadCell("not_flag")


def _choice(cell: Cell, column: Column) -> str:
    known = column.choices()
    if isinstance(cell, str):
        text = unicodedata.normalize("NFC", cell).strip()
        for one in (text, narrowed(cell), text.casefold()):
            if one in known:
                return known[one]
    listed = "、".join(zh for zh, _ in column.labels.values())
    raise BadCell("not_choice", choices=listed)


def narrowed(text: str) -> str:
    """Give a text with its full-width letters, digits and spaces narrowed (NFKC), trimmed."""
    return unicodedata.normalize("NFKC", text).strip()


_READERS: Mapping[Kind, Callable[[Cell, Column], Any]] = {
    Kind.TEXT: _text,
    Kind.IDENTITY: _identity,
    Kind.CODE: _code,
    Kind.WHOLE: _whole,
    Kind.QUANTITY: _quantity,
    Kind.YUAN: _yuan,
    Kind.DAY: _day,
    Kind.FLAG: _flag,
    Kind.CHOICE: _choice,
}


def show(value: Any, column: Column) -> str | int:
    """Write a value for a sheet, as `convert` reads it again."""
    if value is None:
        return ""
    return _WRITERS.get(column.kind, _as_text)(value, column)


def _as_text(value: Any, _: Column) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _as_yuan(value: Any, _: Column) -> str:
    whole, rest = divmod(abs(int(value)), 100)
    return f"{'-' if int(value) < 0 else ''}{whole}.{rest:02d}"


def _as_flag(value: Any, _: Column) -> str:
    return "是" if value else "否"


def _as_choice(value: Any, column: Column) -> str:
    return column.labels.get(str(value), (str(value), ""))[0]


_WRITERS: Mapping[Kind, Callable[[Any, Column], str | int]] = {
    Kind.WHOLE: lambda value, _: int(value),
    Kind.QUANTITY: lambda value, _: str(Decimal(value).quantize(PLACES)),
    Kind.YUAN: _as_yuan,
    Kind.FLAG: _as_flag,
    Kind.CHOICE: _as_choice,
    Kind.DAY: lambda value, _: str(value)[:10],
}


def masked(cell: str | int) -> str | int:
    """Hide a personal cell but for its first mark."""
    text = str(cell)
    return text[:1] + "*" * min(len(text) - 1, 8) if text else cell
