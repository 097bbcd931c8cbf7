"""Units by rank, and the parts of the region they lie in: both of the same rows, read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Double,
    FromClause,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from kernel.actor import Actor
from kernel.paging import Page, page
from procurement.completion.models import Axis, Counting, Part, Ranked, Ranking, Reach, UnitRow
from procurement.completion.queries.facts import counted, had_begun, keys_of, list_facts
from procurement.completion.queries.shapes import Shape, Source, asked, shape_of
from procurement.completion.queries.sums import (
    KINDS,
    sum_of,
    sum_parts,
    total,
    totals,
)
from procurement.completion.queries.units import told
from registry.organisations.models import Organisation
from registry.regions.rules import child_length

LAST = -1_000_000
"""Where units without a rate stand: behind every rate there is."""
SUMS = ("reserved_fen", "ordered_fen", "accepted_fen", "paid_fen", "elsewhere_fen")
AMOUNTS = (
    "reserved_fen",
    "ordered_fen",
    "accepted_fen",
    "paid_fen",
    "counted_fen",
    "ruled_fen",
)


@dataclass(frozen=True, slots=True)
class Ranks:
    """A page of units by rank, and the regions directly inside the one asked for."""

    units: Page[Ranked]
    regions: Sequence[Part]


def list_ranks(
    actor: Actor,
    reach: Reach,
    *,
    year: int,
    as_of: datetime,
    counting: Counting,
    by: Ranking,
    limit: int,
    cursor: str | None,
    source: Source = Source.YEARS,
) -> Ranks:
    """List the units that reserved or bought something, best or worst first; ties share a place.

    `counting` says whose paid money counts. Units without a rate come last and have no place.
    Units and regions are of one statement, and so of one moment.
    """
    ranking = _ranking(shape_of(actor, reach, source), by, child_length(reach.region_prefix))
    found = page(
        ranking.statement,
        keys=[(ranking.ordered, True), (Organisation.id, False)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"reach": reach, "year": year, "by": by},
        parameters=asked(actor, reach, year=year, as_of=as_of) | keys_of(counting),
    )
    if not found.items:
        regions = sum_parts(actor, reach, axis=Axis.REGION, year=year, as_of=as_of, source=source)
        return Ranks(found, regions)
    *_, parts, _ = found.items[0]
    then = Source.then(found.items[:1], as_of)
    if then is not None:
        return list_ranks(
            actor,
            reach,
            year=year,
            as_of=as_of,
            counting=counting,
            by=by,
            limit=limit,
            cursor=cursor,
            source=then,
        )
    width = 1 + len(told())
    items = [Ranked(UnitRow(*row[:width]), *row[width:-2]) for row in found.items]
    return Ranks(Page(items, found.next_cursor), [_part(one) for one in orjson.loads(parts)])


@dataclass(frozen=True, slots=True)
class _Ranking:
    statement: Select[Any]
    ordered: ColumnElement[Any]


@lru_cache
def _ranking(shape: Shape, by: Ranking, length: int) -> _Ranking:
    """Build the statement: each row has a unit, its place and amounts, and all parts in JSON."""
    added = _added(shape, length)
    is_unit = added.c.unit_id.is_not(None)
    each = select(added).where(is_unit).subquery("each")
    rate = cast(each.c.counted_fen, Double) / cast(func.nullif(each.c.reserved_fen, 0), Double)
    measure: ColumnElement[Any] = {
        Ranking.RATE: rate,
        Ranking.OWED: func.greatest(each.c.reserved_fen - each.c.counted_fen, 0),
        Ranking.COUNTED: each.c.counted_fen,
    }[by]
    sound = each.c.reserved_fen > 0
    measured = (
        select(each, case((sound, measure), else_=LAST).label("ordered"))
        .offset(literal_column("0"))
        .subquery("measured")
    )
    ordered = measured.c.ordered
    placed = select(
        measured,
        case((measured.c.reserved_fen > 0, func.rank().over(order_by=ordered.desc()))).label(
            "place"
        ),
    ).subquery("placed")
    row = func.jsonb_build_array(*(added.c[name] for name in ("part", *KINDS, *SUMS)))
    statement = select(
        Organisation,
        *told(),
        placed.c.place,
        *(placed.c[name] for name in AMOUNTS),
        select(cast(func.jsonb_agg(row), Text)).where(~is_unit).scalar_subquery().label("regions"),
        select(func.max(added.c.last_at)).where(~is_unit).scalar_subquery().label("touched_at"),
    ).join(placed, placed.c.unit_id == Organisation.id)
    return _Ranking(statement, placed.c.ordered)


def _added(shape: Shape, length: int) -> FromClause:
    """Add the same rows up twice in one pass: by unit, and by region and kinds (without a unit)."""
    facts = list_facts(shape).subquery("facts")
    keys = (bindparam(name, type_=ARRAY(Text)) for name in ("counting", "not_counting"))
    bought = counted(facts.c, *keys)
    counts = and_(facts.c.inside, or_(facts.c.origin_kind.is_(None), bought))
    ruled = and_(facts.c.of_year, facts.c.policy_id.is_not(None))
    *amounts, last_at = totals(facts)
    named = dict(zip(SUMS, amounts, strict=True)) | {
        "counted_fen": total(facts.c.paid_fen, counts),
        "ruled_fen": total(facts.c.reserved_fen, ruled),
        "last_at": last_at,
    }
    part = func.left(facts.c.region_code, literal_column(str(length)))
    kinds = [facts.c[name] for name in KINDS]
    return (
        select(
            facts.c.unit_id,
            part.label("part"),
            *kinds,
            *(amount.label(name) for name, amount in named.items()),
        )
        .group_by(func.grouping_sets(tuple_(facts.c.unit_id), tuple_(part, *kinds)))
        .having(had_begun(facts, shape))
        .cte("added")
    )


def _part(row: Sequence[Any]) -> Part:
    part, policy_id, *rest = row
    of_policy = None if policy_id is None else UUID(policy_id)
    return Part(part, sum_of((None, of_policy, *rest, None)))
