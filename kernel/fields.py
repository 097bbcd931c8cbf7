"""JSON fields that refuse what they cannot keep: strict money, quantities, codes, instants."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from io import BytesIO
from typing import Any, ClassVar
from uuid import UUID

import marshmallow as ma
from marshmallow import ValidationError, fields
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError as BadNumber
from werkzeug.datastructures import FileStorage

from kernel.money import MAX_FEN, Fen
from kernel.quantity import MAX_QUANTITY, PLACES

UNKNOWN_FIELD = "unknown_field"
NUMBER = re.compile(r"\d{1,11}(\.\d{1,3})?")
QUANTITY_DOCUMENTATION = {
    "pattern": r"^[0-9]{1,11}(\.[0-9]{1,3})?$",
    "description": "decimal text, at most three places",
}
LATEST_YEAR = 2100
EARLIEST_YEAR = 2000
ID_NUMBER_LENGTH = 18
MAX_VERSION = 2**31 - 1


class Schema(ma.Schema):
    """A body or an answer; unknown fields are refused, `makes` turns a body into an object."""

    makes: ClassVar[Callable[..., Any] | None] = None
    error_messages = {"unknown": UNKNOWN_FIELD}  # noqa: RUF012 - marshmallow's own shape

    class Meta:
        """What is not named is refused, not ignored."""

        unknown = ma.RAISE

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Any:
        makes = type(self).makes
        return data if makes is None else makes(**data)


class Money(fields.Integer):
    """A whole number of fen from zero up; no float, no text, no bool."""

    lowest: ClassVar[int] = 0

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("metadata", {"description": "fen (分)"})
        super().__init__(strict=True, **kwargs)
        self.validators.insert(0, ma.validate.Range(min=self.lowest, max=MAX_FEN))

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Fen:
        if type(value) is not int:
            raise ValidationError("必须是整数分 / a whole number of fen")
        return Fen(value)


class PositiveMoney(Money):
    """A whole number of fen above zero."""

    lowest = 1


class QuantityField(fields.String):
    """A quantity as text with at most three places, above zero unless `zero` is allowed."""

    def __init__(self, *, zero: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("metadata", QUANTITY_DOCUMENTATION)
        super().__init__(**kwargs)
        self.zero = zero

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:
        return None if value is None else str(Decimal(value).quantize(PLACES))

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Decimal:  # type: ignore[override]
        if not isinstance(value, str) or not NUMBER.fullmatch(value) or not value.isascii():
            raise ValidationError("必须是最多三位小数的文本 / decimal text, at most three places")
        try:
            quantity = Decimal(value)
        except InvalidOperation as error:
            raise ValidationError("不是数字 / not a number") from error
        if quantity > MAX_QUANTITY or (quantity == 0 and not self.zero):
            raise ValidationError("必须大于零 / above zero")
        return quantity


class Text(fields.String):
    """Text without control characters, trimmed, composed (NFC), with a length limit."""

    def __init__(self, *, max: int = 200, min: int = 1, **kwargs: Any) -> None:  # noqa: A002
        super().__init__(**kwargs)
        self.validators.append(ma.validate.Length(min=min, max=max))

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, *args, **kwargs)).strip()
        if any(unicodedata.category(mark) in {"Cc", "Cs"} and mark not in "\n\t" for mark in text):
            raise ValidationError("含有控制字符 / control characters")
        return unicodedata.normalize("NFC", text)


class Code(fields.String):
    """A short code of letters, digits, dot, dash and underscore."""

    def __init__(self, *, max: int = 64, **kwargs: Any) -> None:  # noqa: A002
        super().__init__(**kwargs)
        self.validators.append(ma.validate.Regexp(rf"^[A-Za-z0-9._-]{{1,{max}}}\Z"))


class RegionCode(fields.String):
    """A code of GB/T 2260 (6 digits) or below it a town (9) or village (12)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(ma.validate.Regexp(r"^([0-9]{6}|[0-9]{9}|[0-9]{12})\Z"))


class CreditCode(fields.String):
    """A unified social credit code (GB 32100-2015) with a right check character."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, *args, **kwargs))
        try:
            return str(uscc.validate(text))
        except BadNumber as error:
            raise ValidationError({"code": "credit_code_invalid"}) from error


class IdNumber(fields.String):
    """A resident identity number (GB 11643): date that exists and check character (MOD 11-2)."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, *args, **kwargs)).upper()
        if not is_id_number(text):
            raise ValidationError({"code": "id_number_invalid"})
        return text


def is_id_number(text: str) -> bool:
    """Say whether an identity number's shape, birth date and check character are right.

    Its first six digits are not looked up: they name the county of the time of issue.
    """
    if len(text) != ID_NUMBER_LENGTH or not text.isascii() or not text[:17].isdigit():
        return False
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return born.year > 1850 and bool(ric.calc_check_digit(text[:17] + "0") == text[17])  # noqa: PLR2004


class EnumField(fields.Enum[Any]):
    """One of an enumeration, by value."""

    def __init__(self, kind: type[StrEnum], **kwargs: Any) -> None:
        super().__init__(kind, by_value=fields.String, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise ValidationError("必须是文本 / must be text")
        return super()._deserialize(value, *args, **kwargs)


class Instant(fields.AwareDateTime):
    """An instant as RFC 3339 with an offset, kept in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", default_timezone=None, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise ValidationError("必须是 RFC 3339 时间 / an RFC 3339 instant")
        instant = super()._deserialize(value.replace(" ", "+"), *args, **kwargs)
        try:
            in_utc = instant.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError("时间超出范围 / out of range") from error
        _check_year(in_utc.year)
        return in_utc


class Day(fields.Date):
    """A date, `2026-11-22`."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or len(value) != len("2026-11-22"):
            raise ValidationError("必须是日期 YYYY-MM-DD / a date YYYY-MM-DD")
        day: date = super()._deserialize(value, *args, **kwargs)
        _check_year(day.year, earliest=1850)
        return day


def _check_year(year: int, *, earliest: int = EARLIEST_YEAR) -> None:
    if not earliest <= year <= LATEST_YEAR:
        raise ValidationError("年份超出范围 / the year is out of range")


class Year(fields.Integer):
    """A calendar year of the trade."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(ma.validate.Range(min=EARLIEST_YEAR, max=LATEST_YEAR))

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool | float) or len(str(value)) != len("2026"):
            raise ValidationError("必须是四位年份 / a year of four digits")
        return super()._deserialize(value, *args, **kwargs)


class Key(fields.UUID):
    """An identifier."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> UUID:
        if not isinstance(value, str):
            raise ValidationError("必须是 UUID / must be a UUID")
        return super()._deserialize(value, *args, **kwargs)


class Flag(fields.Boolean):
    """True or false, nothing that only looks like it."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("必须是 true 或 false / must be true or false")
        return value


class Upload(fields.Field[bytes]):
    """A file of a form, as its content."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"type": "string", "format": "binary"}, **kwargs)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bytes:
        if not isinstance(value, FileStorage):
            raise ValidationError("必须是一个文件 / must be one file")
        with value.stream:
            content: bytes = value.read()
        value.stream = BytesIO(content)  # a unit of work that is run again reads it again
        if not content:
            raise ValidationError("文件为空 / the file is empty")
        return content


def flatten(messages: Mapping[Any, Any] | list[Any], path: str = "") -> list[dict[str, str]]:
    """Turn marshmallow's nested messages into problems with JSON pointers (RFC 6901)."""
    if isinstance(messages, Mapping):
        if set(messages) == {"code"} and isinstance(messages["code"], str):
            return [{"pointer": path, "code": messages["code"], "detail": messages["code"]}]
        found: list[dict[str, str]] = []
        for key, inner in messages.items():
            step = str(key).replace("~", "~0").replace("/", "~1")
            found += flatten(inner, path if key == "_schema" else f"{path}/{step}")
        return found
    if isinstance(messages, str):
        messages = [messages]
    return [
        problem
        for one in messages
        for problem in (
            flatten(one, path)
            if isinstance(one, Mapping)
            else [{"pointer": path, "code": _code_of(one), "detail": str(one)}]
        )
    ]


def _code_of(message: object) -> str:
    return UNKNOWN_FIELD if message == UNKNOWN_FIELD else "invalid"
