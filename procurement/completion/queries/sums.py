"""What a year adds up to as of an instant, by policy, kinds and purchase, whole and in parts.

The number of statements does not grow with the number of units.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Function,
    Select,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from kernel.actor import Actor
from kernel.database import db, planned_anew
from procurement.completion.models import Axis, CompletionYear, Monthly, Part, Reach, Sum
from procurement.completion.queries.facts import had_begun, list_facts
from procurement.completion.queries.shapes import (
    YEAR,
    Shape,
    Source,
    asked,
    in_reach,
    shape_of,
    whose,
)
from procurement.policies.models import OrderKind, Purchase
from registry.organisations.models import Organisation, OrganisationId
from registry.regions.models import OriginKind, Region
from registry.regions.rules import child_length

KEPT_BY_MONTH = frozenset({Axis.MONTH, Axis.CATEGORY})
"""What the yearly totals do not tell apart."""
MONTHS = 12
_NUMBERS = range(1, MONTHS + 1)
KINDS = ("policy_id", "origin_kind", "order_kind", "purchase")


def sum_units(
    actor: Actor,
    reach: Reach,
    *,
    unit_ids: Collection[OrganisationId],
    year: int,
    as_of: datetime,
    source: Source = Source.YEARS,
) -> Sequence[Sum]:
    """Add up all units in reach and sight, and each of `unit_ids` by itself.

    One row per policy, kinds and purchase; rows of the whole have no unit. One statement, so
    whole and parts are of one moment.
    """
    parameters = asked(actor, reach, year=year, as_of=as_of) | {"unit_ids": list(unit_ids)}
    shape = shape_of(actor, reach, source)
    rows = _rows(shape, _by_unit(shape), parameters)
    if (then := Source.then(rows, as_of)) is not None:
        return sum_units(actor, reach, unit_ids=unit_ids, year=year, as_of=as_of, source=then)
    return [sum_of(row) for row in rows]


def sum_parts(
    actor: Actor,
    reach: Reach,
    *,
    axis: Axis,
    year: int,
    as_of: datetime,
    source: Source | None = None,
) -> Sequence[Part]:
    """Add up all units in reach and sight by what an axis tells apart; the parts make the whole."""
    chosen = source or (Source.MONTHS if axis in KEPT_BY_MONTH else Source.YEARS)
    shape = shape_of(actor, reach, chosen)
    statement = _by_axis(shape, axis, child_length(reach.region_prefix))
    rows = _rows(shape, statement, asked(actor, reach, year=year, as_of=as_of))
    if (then := Source.then(rows, as_of)) is not None:
        return sum_parts(actor, reach, axis=axis, year=year, as_of=as_of, source=then)
    return [Part(_text(row[0]), sum_of((None, *row[1:]))) for row in rows]


def sum_months(
    actor: Actor, reach: Reach, *, year: int, as_of: datetime, source: Source = Source.YEARS
) -> Sequence[Monthly]:
    """Add up all units in reach and sight, and what was paid in each month of the year."""
    shape = shape_of(actor, reach, source)
    rows = _rows(shape, _by_month(shape), asked(actor, reach, year=year, as_of=as_of))
    if (then := Source.then(rows, as_of)) is not None:
        return sum_months(actor, reach, year=year, as_of=as_of, source=then)
    return [Monthly(sum_of((None, *row[MONTHS:])), row[:MONTHS]) for row in rows]


def sum_paid_months(
    actor: Actor, reach: Reach, *, unit_ids: Collection[OrganisationId], year: int
) -> dict[OrganisationId | None, list[int]]:
    """Add up what was paid in each month of a year (fen): of all in reach, and of each unit."""
    parameters = whose(actor, reach) | {"year": year, "unit_ids": list(unit_ids)}
    shape = shape_of(actor, reach)
    rows = _rows(shape, _paid_months(shape), parameters)
    return {row[0]: list(row[1:]) for row in rows}


def _rows(shape: Shape, statement: Select[Any], parameters: Mapping[str, Any]) -> Sequence[Any]:
    """Run a statement of this shape; of a tree any plan serves, of a region one for its size."""
    with nullcontext() if shape.is_tree else planned_anew():
        return db.session.execute(statement, parameters).all()


@lru_cache
def _by_unit(shape: Shape) -> Select[Any]:
    facts = list_facts(shape).subquery("facts")
    part = _among(facts.c.unit_id)
    kinds = [facts.c[name] for name in KINDS]
    return (
        select(part.label("part"), *kinds, *totals(facts))
        .group_by(func.grouping_sets(tuple_(*kinds), tuple_(part, *kinds)))
        .having(and_(or_(func.grouping(part) == 1, part.is_not(None)), had_begun(facts, shape)))
    )


@lru_cache
def _by_axis(shape: Shape, axis: Axis, length: int) -> Select[Any]:
    """Part by an axis; `length` is how many digits name the regions inside the one asked for."""
    facts = list_facts(shape).subquery("facts")
    kinds = [facts.c[name] for name in KINDS]
    if axis is Axis.LEVEL:
        part: ColumnElement[Any] = Region.level.expression
    elif axis is Axis.REGION:
        part = func.left(facts.c.region_code, literal_column(str(length)))
    else:
        part = facts.c[axis.value]
    statement = select(part.label("part"), *kinds, *totals(facts)).select_from(facts)
    if axis is Axis.LEVEL:
        statement = statement.join(Region, Region.code == facts.c.region_code)
    return statement.group_by(part, *kinds).having(had_begun(facts, shape))


@lru_cache
def _by_month(shape: Shape) -> Select[Any]:
    facts = list_facts(shape).subquery("facts")
    kinds = [facts.c[name] for name in KINDS]
    columns = [*_months(facts), *kinds, *totals(facts)]
    return select(*columns).group_by(*kinds).having(had_begun(facts, shape))


def _months(facts: FromClause) -> list[ColumnElement[int]]:
    """Give, of facts, what was paid inside the year in each of its months."""
    of, month = facts.c, func.extract("month", facts.c.month)
    numbers: list[Any] = [literal_column(str(one)) for one in _NUMBERS]
    return [
        total(func.coalesce(of.paid_months[one], case((month == one, of.paid_fen))), of.inside)
        for one in numbers
    ]


@lru_cache
def _paid_months(shape: Shape) -> Select[Any]:
    part = _among(CompletionYear.unit_id)
    paid = CompletionYear.paid_months
    months = [_sum_fen(paid[literal_column(str(one))]) for one in _NUMBERS]
    return (
        select(part.label("part"), *months)
        .select_from(CompletionYear)
        .join(Organisation, Organisation.id == CompletionYear.unit_id)
        .where(CompletionYear.year == YEAR, in_reach(shape))
        .group_by(func.grouping_sets(tuple_(), tuple_(part)))
        .having(or_(func.grouping(part) == 1, part.is_not(None)))
    )


def _among(unit_id: Any) -> ColumnElement[Any]:
    """Give a unit that is asked about by itself, and nothing for any other."""
    return case((unit_id == any_(bindparam("unit_ids", type_=ARRAY(Uuid))), unit_id))


def totals(facts: FromClause) -> list[ColumnElement[Any]]:
    """Give, of facts, the amounts of a `Sum` and when the last of them was written to."""
    of_year, inside = facts.c.of_year, facts.c.inside
    return [
        total(facts.c.reserved_fen, of_year),
        total(facts.c.ordered_fen, of_year),
        total(facts.c.accepted_fen, of_year),
        total(facts.c.paid_fen, inside),
        total(facts.c.paid_fen, and_(of_year, ~inside)),
        func.max(facts.c.last_at),
    ]


def total(amount: ColumnElement[Any], of: ColumnElement[bool]) -> ColumnElement[int]:
    """Add up an amount of the rows of which something is said."""
    return _sum_fen(amount).filter(of)


def _sum_fen(amount: Any) -> Function[int]:
    """Add fen up as whole numbers, nothing being none; the database's own sum makes decimals."""
    return func.sum_fen(amount, type_=BigInteger)


def sum_of(row: Any) -> Sum:
    """Read a row of part, kinds and totals."""
    part, policy_id, origin_kind, order_kind, purchase, *amounts, _ = row
    return Sum(
        part,
        policy_id,
        None if origin_kind is None else OriginKind(origin_kind),
        None if order_kind is None else OrderKind(order_kind),
        Purchase(purchase),
        *amounts,
    )


def _text(key: Any) -> str | None:
    return None if key is None else str(getattr(key, "value", key))
