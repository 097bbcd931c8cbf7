"""Lists in pages: by keys, each page beginning behind the last row of the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

import marshmallow as ma
from marshmallow import fields
from sqlalchemy import ColumnElement, Select, and_, case, func, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute

from kernel import cursors
from kernel.database import db, planned_anew
from kernel.fields import Schema

T = TypeVar("T")
DEFAULT_LIMIT = 20
MAX_LIMIT = 200
NEAR = 2_000
"""How many rows of a list a search looks at one after the other."""
FEW = 5 * NEAR
"""How many rows of a narrow filter are read where no index has the order."""
Sort = tuple[InstrumentedAttribute[Any] | ColumnElement[Any], bool]


@dataclass(frozen=True)
class Search:
    """What is looked for by words among the rows of an entity with `search_text` and `grams`.

    Each of `words` stands anywhere in the text, and the row has all `grams`. `narrow` are filters
    that an index each can serve, `beside` such whose index is read beside that of the words;
    `listed` is what the indexes of the orders are kept for, and lists without an index for their
    order say `is_ordered=False`. `shown` gives what else is asked of the entity, or of rows named
    like it that have its id and the columns `by`; it may ask for `parameters`.
    """

    entity: Any
    words: Sequence[str] = ()
    grams: Sequence[str] = ()
    narrow: Sequence[ColumnElement[bool]] = ()
    beside: Sequence[ColumnElement[bool]] = ()
    listed: Sequence[ColumnElement[bool]] = ()
    shown: Callable[[Any], Sequence[ColumnElement[bool]]] = lambda _: ()
    by: Sequence[InstrumentedAttribute[Any]] = ()
    parameters: Mapping[str, Any] | None = None
    is_ordered: bool = True


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


class Near:
    """The columns of an entity's rows called "near": one object each, so much is built once."""

    def __init__(self, entity: Any) -> None:
        for one in entity.__table__.columns:
            setattr(self, one.key, literal_column(f"near.{one.name}", one.type))


_near = cache(Near)


@dataclass(frozen=True)
class Stretch(Generic[T]):
    """What a walk found in one stretch, each with its key, in their order, and where that ends.

    At the end of all `ends` is None.
    """

    found: Sequence[tuple[Sequence[Any], T]]
    ends: Sequence[Any] | None


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
    parameters: Mapping[str, Any] | None = None,
) -> Page[Any]:
    """Run one page of a select, ordered by `keys` (column, descending); the last key is unique.

    Rows come as entities, or as tuples with `scalars=False`. `filters` are what was asked, so
    that a cursor of another question is refused (Invalid). `parameters` are those of the select.
    """
    question = cursors.question_of(keys, filters or {})
    columns = [column for column, _ in keys]
    if cursor is not None:
        statement = statement.where(cursors.after(keys, cursors.read(cursor, question, len(keys))))
    asked = statement.add_columns(*columns).order_by(*_ordering(keys)).limit(limit + 1)
    rows = _rows(asked, parameters)
    return _page_of(rows, question, width=len(keys), limit=limit, scalars=scalars)


def page_of_search(
    search: Search,
    *,
    keys: Sequence[Sort],
    limit: int,
    cursor: str | None,
    filters: Mapping[str, Any] | None = None,
) -> Page[Any]:
    """Run one page of a search: what `page` would give, at a cost that hardly grows.

    PostgreSQL takes the pieces of a word for independent, so it thinks every word rare and sorts
    all that bear it; nor does it know how few pass a narrow filter. What is there decides instead:
    the next NEAR rows in the order asked for are looked at; where these do not fill the page, few
    fit, and a filter that at most NEAR rows pass gives them all, or else the index of the words.
    """
    entity, has_words = search.entity, bool(search.words)
    passed = (*search.narrow, *search.beside)
    is_looked = search.is_ordered and (has_words or bool(passed))
    if not is_looked and not _any_is_narrow(search):
        whole = select(entity.id).where(*search.listed, *passed, *search.shown(entity))
        given = search.parameters
        return page(whole, keys=keys, limit=limit, cursor=cursor, filters=filters, parameters=given)
    question = cursors.question_of(keys, filters or {})
    behind = [] if cursor is None else cursors.read(cursor, question, len(keys))
    columns = dict.fromkeys([entity.id, *(column for column, _ in keys), *search.by])
    rows = select(*columns).order_by(*_ordering(keys)).where(*search.listed)
    rows = rows.where(cursors.after(keys, behind)) if behind else rows
    found: Sequence[Any] = ()
    if is_looked:
        fits = and_(*passed, *_bearing(search)).label("fits")
        found = _shown(search, rows.add_columns(fits).limit(_number(NEAR)), keys=keys, limit=limit)
    if len(found) <= limit:
        few = rows.where(*passed)
        if has_words and not _any_is_narrow(search):
            few = few.where(entity.grams.contains(search.grams), *_in_text(search))
        else:
            few = few.where(*_bearing(search))
        found = _shown(search, few.offset(0), keys=keys, limit=limit)
    return _page_of(found, question, width=len(keys), limit=limit, scalars=True)


def _shown(search: Search, some: Select[Any], *, keys: Sequence[Sort], limit: int) -> Sequence[Any]:
    """Read the keys of those that fit and are shown, of some rows and in their order.

    A subquery with a limit or an offset is walked as it is written: no plan opens it.
    """
    near = some.subquery("near")
    ends = [(near.c[str(column.key)], down) for column, down in keys]
    asked = search.shown(_near(search.entity))
    statement = select(near.c.id, *(column for column, _ in ends)).order_by(*_ordering(ends))
    statement = statement.where(*([near.c.fits] if "fits" in near.c else []), *asked)
    return _rows(statement.limit(limit + 1), search.parameters)


def _in_text(search: Search) -> list[ColumnElement[bool]]:
    return [func.strpos(search.entity.search_text, word) > 0 for word in search.words]


def _bearing(search: Search) -> list[ColumnElement[bool]]:
    """Say that a row bears the words, in a way that no index of them is thought of.

    In this order: most rows fail the text, at a tenth of the cost.
    """
    has_all = search.entity.grams.contains(search.grams)
    return [case((and_(*_in_text(search)), has_all), else_=False)] if search.words else []


def _any_is_narrow(search: Search) -> bool:
    """Tell whether hardly any rows pass one of the filters; each is counted no further."""
    if not search.narrow:
        return False
    rows = select(_number(1)).select_from(search.entity).where(*search.listed)
    most = NEAR if search.is_ordered else FEW
    passing = [rows.where(one).limit(_number(most + 1)) for one in search.narrow]
    counts = [select(func.count()).select_from(one.subquery()).scalar_subquery() for one in passing]
    return any(int(count) <= most for count in _rows(select(*counts))[0])


def _rows(
    statement: Select[*tuple[Any, ...]], parameters: Mapping[str, Any] | None = None
) -> Sequence[Any]:
    with planned_anew():
        return db.session.execute(statement, parameters).all()


def _number(value: int) -> ColumnElement[Any]:
    """Write a number into the statement, where the planner sees it whatever it has prepared."""
    return literal_column(str(value))


def _page_of(
    rows: Sequence[Any], question: str, *, width: int, limit: int, scalars: bool
) -> Page[Any]:
    """Make a page of rows that end with their keys, one more than it holds where more follow."""
    last = rows[limit - 1][-width:] if len(rows) > limit else None
    items = [row[0] if scalars else row[:-width] for row in rows[:limit]]
    return Page(items, cursors.written(question, last))


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
    question = cursors.question_of(keys, {**(filters or {}), "turns": len(statements)})
    columns = [column for column, _ in keys]
    ordering = _ordering(keys)
    begun, *behind = cursors.read(cursor, question, 1 + len(keys)) if cursor is not None else [0]
    rows: list[Any] = []
    for turn, statement in enumerate(statements):
        if turn < begun or len(rows) > limit:
            continue
        asked = statement.add_columns(*columns).order_by(*ordering).limit(limit + 1 - len(rows))
        if behind and turn == begun:
            asked = asked.where(cursors.after(keys, behind))
        rows += [(turn, *row) for row in _rows(asked)]
    end = rows[limit - 1] if len(rows) > limit else None
    last = (end[0], *end[2:]) if end else None
    return Page([(row[0], row[1]) for row in rows[:limit]], cursors.written(question, last))


def page_of_walk(
    look: Callable[[Sequence[Any] | None], Stretch[T]],
    *,
    width: int,
    limit: int,
    cursor: str | None,
    filters: Mapping[str, Any],
) -> Page[T]:
    """Run one page of what a walk finds in one stretch, so that no page costs more than that.

    `look` walks from a key of so many values on, which it may find again. Where little is to be
    found a page holds less than was asked for, even nothing, and its cursor goes on from there.
    """
    question = cursors.question_of((), filters)
    last: Sequence[Any] | None = None
    if cursor is not None:
        last = cursors.read(cursor, question, width)
    stretch = look(last)
    found = [one for one in stretch.found if last is None or [*one[0]] > [*last]]
    ends = found[limit - 1][0] if len(found) > limit else stretch.ends
    return Page([item for _, item in found[:limit]], cursors.written(question, ends))


def cut(
    rows: Sequence[T], *, limit: int, cursor: str | None, filters: Mapping[str, Any]
) -> Page[T]:
    """Cut one page out of a list that is the same for every call with these filters.

    A cursor of another question is refused (Invalid).
    """
    question = cursors.question_of((), filters)
    begins = 0 if cursor is None else int(cursors.read(cursor, question, 1)[0])
    ends = begins + limit
    last = [ends] if ends < len(rows) else None
    return Page(rows[begins:ends], cursors.written(question, last))


def _ordering(keys: Sequence[Sort]) -> list[ColumnElement[Any]]:
    return [column.desc() if down else column.asc() for column, down in keys]
