"""Where the next page of a list begins: signed, and bound to the question that it continues."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

from kernel.errors import Invalid


class _Signer:
    """The serializer of this process, given once at start."""

    serializer: URLSafeSerializer | None = None


def use_secret(secret: str) -> None:
    """Sign cursors with this secret."""
    _Signer.serializer = URLSafeSerializer(secret, salt="cursor")


def _signer() -> URLSafeSerializer:
    if _Signer.serializer is None:
        raise RuntimeError("no secret was given; kernel.assembly gives it")
    return _Signer.serializer


def written(question: str, last: Sequence[Any] | None) -> str | None:
    """Sign where the next page begins, if there is one."""
    return _signer().dumps([question, [_plain(one) for one in last]]) if last else None


def read(cursor: str, question: str, width: int) -> list[Any]:
    """Give where a page begins; a cursor of another question is refused (Invalid)."""
    refused = Invalid(reason="游标无效 / the cursor is not valid here", pointer="/cursor")
    try:
        asked, values = _signer().loads(cursor)
    except (BadSignature, ValueError) as error:
        raise refused from error
    if asked != question or len(values) != width:
        raise refused
    return [_READERS[kind](text) for kind, text in values]


_READERS: Mapping[str, Callable[[str], Any]] = {
    "uuid": UUID,
    "instant": datetime.fromisoformat,
    "day": date.fromisoformat,
    "number": Decimal,
    "ratio": float,
    "int": int,
    "text": str,
}


def _plain(value: Any) -> list[str]:
    for kind, name in (
        (UUID, "uuid"),
        (datetime, "instant"),
        (date, "day"),
        (Decimal, "number"),
        (float, "ratio"),
        (int, "int"),
    ):
        if isinstance(value, kind):
            return [name, value.isoformat() if isinstance(value, date) else str(value)]
    return ["text", str(value)]
