"""Where the next page of a list begins: signed, and bound to the question that it continues."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import ColumnElement, and_, or_

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


def question_of(keys: Sequence[tuple[Any, bool]], filters: Mapping[str, Any]) -> str:
    """Name a question: by which columns rows are ordered, descending or not, and what is asked."""
    asked = [[str(column), down] for column, down in keys], sorted(filters.items(), key=str)
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:16]


def after(keys: Sequence[tuple[Any, bool]], values: Sequence[Any]) -> ColumnElement[bool]:
    """Say "behind the last row": (a, b, c) > (x, y, z) with a direction for each."""
    alternatives = []
    for index, (column, down) in enumerate(keys):
        same = [keys[i][0] == values[i] for i in range(index)]
        beyond = column < values[index] if down else column > values[index]
        alternatives.append(and_(*same, beyond))
    first, down = keys[0]
    bound = first <= values[0] if down else first >= values[0]  # what an index can begin at
    return and_(bound, or_(*alternatives))


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
