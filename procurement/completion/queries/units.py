"""Which units a report names: what each was called then, what it filed, whether it had ended."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.paging import Page, page
from procurement.completion.models import CompletionYear, Reach, UnitRow
from procurement.completion.queries.facts import list_facts
from procurement.completion.queries.shapes import (
    AS_OF,
    DAY,
    YEAR,
    Shape,
    Source,
    asked,
    in_reach,
    shape_of,
)
from procurement.filings.models import Filing
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import name_on, visible
from registry.regions.models import Region


def list_units(
    actor: Actor,
    reach: Reach,
    *,
    year: int,
    as_of: datetime,
    limit: int,
    cursor: str | None,
) -> Page[UnitRow]:
    """List the units in reach and sight that have entries for the year, and the one asked for."""
    found = page(
        _units(shape_of(actor, reach)),
        keys=[(Organisation.id, False)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"reach": reach, "year": year},
        parameters=asked(actor, reach, year=year, as_of=as_of) | {"unit_id": reach.unit_id},
    )
    return Page([UnitRow(*row) for row in found.items], found.next_cursor)


def get_unit_row(actor: Actor, unit_id: OrganisationId, *, year: int, as_of: datetime) -> UnitRow:
    """Give a unit in sight as it was then."""
    statement = select(Organisation, *told()).where(visible(actor), Organisation.id == unit_id)
    parameters = {"year": year, "as_of": as_of, "day": shanghai_day(as_of)}
    return UnitRow(*db.session.execute(statement, parameters).one())


def list_region_names(actor: Actor, codes: Collection[str]) -> dict[str, str]:
    """Give the names of regions by code; codes that the list does not carry are missing."""
    del actor
    rows = db.session.execute(select(Region.code, Region.name).where(Region.code.in_(codes)))
    return dict(rows.all())


def count_units(
    actor: Actor, reach: Reach, *, year: int, as_of: datetime, source: Source = Source.YEARS
) -> dict[str, int]:
    """Count the units in reach and sight that any amount is left of, by the region of each."""
    statement = _by_place(shape_of(actor, reach, source))
    rows = db.session.execute(statement, asked(actor, reach, year=year, as_of=as_of)).all()
    if (then := Source.then(rows, as_of)) is not None:
        return count_units(actor, reach, year=year, as_of=as_of, source=then)
    return {row.region_code: row.units for row in rows}


@lru_cache
def _units(shape: Shape) -> Select[Any]:
    has_entries = (
        select(CompletionYear.quota_id)
        .where(
            CompletionYear.unit_id == Organisation.id,
            or_(
                and_(CompletionYear.quota_year == YEAR, CompletionYear.first_at <= AS_OF),
                and_(CompletionYear.year == YEAR, CompletionYear.first_paid_at <= AS_OF),
            ),
        )
        .exists()
    )
    asked_for = Organisation.id == bindparam("unit_id", type_=Uuid)
    return select(Organisation, *told()).where(in_reach(shape), or_(has_entries, asked_for))


@lru_cache
def _by_place(shape: Shape) -> Select[Any]:
    facts = list_facts(shape).subquery("facts")
    amounts = (facts.c.reserved_fen, facts.c.ordered_fen, facts.c.accepted_fen, facts.c.paid_fen)
    each = (
        select(facts.c.region_code, func.max(facts.c.last_at).label("last_at"))
        .group_by(facts.c.region_code, facts.c.unit_id)
        .having(or_(*(func.sum_fen(one) != 0 for one in amounts)))
        .subquery("each")
    )
    units = func.count().label("units")
    return select(each.c.region_code, units, func.max(each.c.last_at)).group_by(each.c.region_code)


@lru_cache
def told() -> tuple[ColumnElement[Any], ...]:
    """Give, of `Organisation`, its name on the day, what it filed, and who took its place."""
    heir = aliased(Organisation)
    situation = (
        select(Filing.situation)
        .where(Filing.unit_id == Organisation.id, Filing.year == YEAR, Filing.confirmed_at <= AS_OF)
        .order_by(Filing.confirmed_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    successor = select(heir.name).where(heir.id == Organisation.successor_id).scalar_subquery()
    ended = and_(Organisation.ended_on.is_not(None), Organisation.ended_on <= DAY)
    return (
        name_on(DAY),
        situation,
        case((ended, Organisation.ending)),
        case((ended, successor)),
    )
