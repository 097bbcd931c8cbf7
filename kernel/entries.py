"""How one value is written in a form, and read from it: fen as yuan, hundredths as per cent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from marshmallow import fields

from kernel.calendar import SHANGHAI
from kernel.fields import Day, EnumField, Flag, Instant, Money, QuantityField, Upload, Year

YUAN = re.compile(r"[0-9]{1,13}(\.[0-9]{1,2})?")
PERCENT = re.compile(r"[0-9]{1,5}(\.[0-9]{1,2})?")
HUNDREDTHS = 100
OFFSET = "+08:00"
WHOLE = re.compile(r"-?[0-9]{1,10}")
NOT_YUAN = "写成元，最多两位小数 / yuan, with at most two places"
NOT_PERCENT = "写成百分数，最多两位小数 / per cent, with at most two places"
NOT_WHOLE = "必须是整数 / a whole number"
KINDS: Mapping[type[fields.Field[Any]], str] = {
    Money: "yuan",
    QuantityField: "quantity",
    Day: "day",
    Instant: "instant",
    Year: "year",
    Flag: "flag",
    Upload: "file",
    EnumField: "choice",
    fields.Integer: "number",
}


def kind_of(field: fields.Field[Any]) -> str:
    """Say how a field is written on a page."""
    one = field.inner if isinstance(field, fields.List) else field
    if isinstance(one, fields.Integer) and str(field.name).endswith("_bp"):
        return "percent"
    for kind in type(one).__mro__:
        if kind in KINDS:
            return KINDS[kind]
    return "text"


def written(field: fields.Field[Any], value: Any) -> str:
    """Write a value of an answer as it stands in a form.

    Fen as yuan, hundredths as per cent, a quantity without the zeros nobody needs, an instant as
    the clock in Shanghai shows it.
    """
    if value is None:
        return ""
    if kind_of(field) == "instant":
        at = datetime.fromisoformat(str(value)).astimezone(SHANGHAI).replace(tzinfo=None)
        return at.isoformat(timespec="auto" if at.second or at.microsecond else "minutes")
    if kind_of(field) in {"yuan", "percent"}:
        return f"{Decimal(int(value)) / HUNDREDTHS:.2f}"
    if kind_of(field) == "quantity":
        return f"{Decimal(str(value)).normalize():f}"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value.value if isinstance(value, Enum) else value)


def read_text(field: fields.Field[Any], text: str) -> Any:
    """Give one value as the schema reads it; raises ValueError for what cannot be written so."""
    return WRITES.get(kind_of(field), str)(text)


def _hundredths(form: re.Pattern[str], sentence: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        plain = text.replace(",", "").removeprefix("¥").removesuffix("%").strip()
        if not form.fullmatch(plain):
            raise ValueError(sentence)
        return int(Decimal(plain) * HUNDREDTHS)

    return read


def _whole(text: str) -> int:
    if not WHOLE.fullmatch(text):
        raise ValueError(NOT_WHOLE)
    return int(text)


def _in_shanghai(text: str) -> str:
    return text if "+" in text or text.endswith("Z") else text + OFFSET


WRITES: Mapping[str, Callable[[str], Any]] = {
    "yuan": _hundredths(YUAN, NOT_YUAN),
    "percent": _hundredths(PERCENT, NOT_PERCENT),
    "number": _whole,
    "year": _whole,
    "flag": lambda text: text == "true",
    "instant": _in_shanghai,
}
"""By kind, how a form's text becomes what the schema reads."""
