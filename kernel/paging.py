"""Lists in pages: keyset cursors, signed, bound to the question they continue."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

import marshmallow as ma
from itsdangerous import BadSignature, URLSafeSerializer
from marshmallow import fields
from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from kernel.database import db
from kernel.errors import Invalid
from kernel.fields import Schema

T = TypeVar("T")
DEFAULT_LIMIT = 20
MAX_LIMIT = 200
Sort = tuple[InstrumentedAttribute[Any] | ColumnElement[Any], bool]


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


class PageQuery(Schema):
    """The two parameters of every list."""

    limit = fields.Integer(
        load_default=DEFAULT_LIMIT, validate=ma.validate.Range(min=1, max=MAX_LIMIT)
    )
    cursor = fields.String(load_default=None, validate=ma.validate.Length(max=2000))


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page; `next_cursor` is None on the last."""

    items: Sequence[T]
    next_cursor: str | None


def page_schema(item: type[Schema]) -> Schema:
    """Make the schema of a page of such items."""
    name = item.__name__.removesuffix("Out")
    made: type[Schema] = type(
        f"{name}PageOut",
        (Schema,),
        {
            "__doc__": f"A page of {name} items.",
            "items": fields.List(fields.Nested(item), required=True),
            "next_cursor": fields.String(required=True, allow_none=True),
        },
    )
    return made()


def page(
    statement: Select[*tuple[Any, ...]],
    *,
    keys: Sequence[Sort],
    limit: int,
    cursor: str | None,
    scalars: bool = True,
    filters: Mapping[str, Any] | None = None,
) -> Page[Any]:
    """Run one page of a select, ordered by `keys` (column, descending); the last key is unique.

    Rows come as entities, or as tuples with `scalars=False`. `filters` are what was asked, so
    that a cursor of another question is refused (Invalid).
    """
    question = _question(keys, filters or {})
    columns = [column for column, _ in keys]
    if cursor is not None:
        statement = statement.where(_after(keys, _read(cursor, question, len(keys))))
    ordering = [column.desc() if down else column.asc() for column, down in keys]
    rows = db.session.execute(
        statement.add_columns(*columns).order_by(*ordering).limit(limit + 1)
    ).all()
    more = len(rows) > limit
    rows = rows[:limit]
    width = len(keys)
    last = [_plain(value) for value in rows[-1][-width:]] if more else None
    items = [row[0] if scalars else row[:-width] for row in rows]
    return Page(items, _signer().dumps([question, last]) if last else None)


def page_in_turn(
    statements: Sequence[Select[*tuple[Any, ...]]],
    *,
    keys: Sequence[Sort],
    limit: int,
    cursor: str | None,
    filters: Mapping[str, Any] | None = None,
) -> Page[tuple[int, Any]]:
    """Run one page over several selects of one entity, one after the other, each by `keys`.

    Items come with the number of their select, from zero. Each select begins where an index
    can, so that a list by rank costs what its page costs.
    """
    question = _question(keys, {**(filters or {}), "turns": len(statements)})
    columns = [column for column, _ in keys]
    ordering = [column.desc() if down else column.asc() for column, down in keys]
    begun, *behind = _read(cursor, question, 1 + len(keys)) if cursor is not None else [0]
    rows: list[Any] = []
    for turn, statement in enumerate(statements):
        if turn < begun or len(rows) > limit:
            continue
        asked = statement.add_columns(*columns).order_by(*ordering).limit(limit + 1 - len(rows))
        if behind and turn == begun:
            asked = asked.where(_after(keys, behind))
        rows += [(turn, *row) for row in db.session.execute(asked)]
    more = len(rows) > limit
    rows = rows[:limit]
    last = [_plain(value) for value in (rows[-1][0], *rows[-1][2:])] if more else None
    items = [(row[0], row[1]) for row in rows]
    return Page(items, _signer().dumps([question, last]) if last else None)


def cut(
    rows: Sequence[T], *, limit: int, cursor: str | None, filters: Mapping[str, Any]
) -> Page[T]:
    """Cut one page out of a list that is the same for every call with these filters.

    A cursor of another question is refused (Invalid).
    """
    question = _question((), filters)
    begins = 0 if cursor is None else int(_read(cursor, question, 1)[0])
    ends = begins + limit
    last = [_plain(ends)] if ends < len(rows) else None
    return Page(rows[begins:ends], _signer().dumps([question, last]) if last else None)


def _question(keys: Sequence[Sort], filters: Mapping[str, Any]) -> str:
    asked = [[str(column), down] for column, down in keys], sorted(filters.items(), key=str)
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:16]


def _after(keys: Sequence[Sort], values: Sequence[Any]) -> ColumnElement[bool]:
    """Say "behind the last row": (a, b, c) > (x, y, z) with a direction for each."""
    alternatives = []
    for index, (column, down) in enumerate(keys):
        same = [keys[i][0] == values[i] for i in range(index)]
        beyond = column < values[index] if down else column > values[index]
        alternatives.append(and_(*same, beyond))
    first, down = keys[0]
    bound = first <= values[0] if down else first >= values[0]  # what an index can begin at
    return and_(bound, or_(*alternatives))


def _read(cursor: str, question: str, width: int) -> list[Any]:
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
    "int": int,
    "text": str,
}


def _plain(value: Any) -> list[str]:
    for kind, name in (
        (UUID, "uuid"),
        (datetime, "instant"),
        (date, "day"),
        (Decimal, "number"),
        (int, "int"),
    ):
        if isinstance(value, kind):
            return [name, value.isoformat() if isinstance(value, date) else str(value)]
    return ["text", str(value)]
