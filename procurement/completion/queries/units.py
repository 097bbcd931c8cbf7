"""Which units a report names: what each was called then, what it filed, whether it had ended."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Numeric,
    Select,
    and_,
    case,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.paging import Page, page
from procurement.completion.models import CompletionYear, Counting, Ranked, Ranking, Reach, UnitRow
from procurement.completion.queries.facts import Source, counted, list_facts, within
from procurement.filings.models import Filing
from procurement.quotas.models import Quota
from registry.organisations.models import Organisation, OrganisationId, OrganisationName
from registry.organisations.queries import visible
from registry.regions.models import Region

LAST = -1_000_000
"""Where units without a rate stand: behind every rate there is."""


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
    has_entries = (
        select(CompletionYear.quota_id)
        .join(Quota, Quota.id == CompletionYear.quota_id)
        .where(
            Quota.unit_id == Organisation.id,
            or_(
                and_(Quota.year == year, CompletionYear.first_at <= as_of),
                and_(CompletionYear.year == year, CompletionYear.first_paid_at <= as_of),
            ),
        )
        .exists()
    )
    found = page(
        select(Organisation, *_told(year, as_of)).where(
            visible(actor), within(reach), or_(has_entries, Organisation.id == reach.unit_id)
        ),
        keys=[(Organisation.id, False)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"reach": reach, "year": year},
    )
    return Page([UnitRow(*row) for row in found.items], found.next_cursor)


def get_unit_row(actor: Actor, unit_id: OrganisationId, *, year: int, as_of: datetime) -> UnitRow:
    """Give a unit in sight as it was then."""
    statement = select(Organisation, *_told(year, as_of))
    row = db.session.execute(statement.where(visible(actor), Organisation.id == unit_id)).one()
    return UnitRow(*row)


def list_ranking(
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
) -> Page[Ranked]:
    """List the units that reserved or bought something, best or worst first; ties share a place.

    `counting` says whose paid money counts. Units without a rate come last and have no place.
    """
    each = _each(actor, reach, year=year, as_of=as_of, counting=counting, source=source)
    rate = func.round(cast(each.c.counted_fen, Numeric) / func.nullif(each.c.reserved_fen, 0), 9)
    measure: ColumnElement[Any] = {
        Ranking.RATE: rate,
        Ranking.OWED: func.greatest(each.c.reserved_fen - each.c.counted_fen, 0),
        Ranking.COUNTED: each.c.counted_fen,
    }[by]
    sound = each.c.reserved_fen > 0
    ordered = case((sound, cast(measure, Numeric)), else_=LAST)
    placed = select(
        each,
        ordered.label("ordered"),
        case((sound, func.rank().over(order_by=ordered.desc()))).label("place"),
        func.max(each.c.last_at).over().label("touched_at"),
    ).subquery("placed")
    found = page(
        select(
            Organisation,
            *_told(year, as_of),
            placed.c.place,
            placed.c.reserved_fen,
            placed.c.ordered_fen,
            placed.c.accepted_fen,
            placed.c.paid_fen,
            placed.c.counted_fen,
            placed.c.ruled_fen,
            placed.c.touched_at,
        ).join(placed, placed.c.unit_id == Organisation.id),
        keys=[(placed.c.ordered, True), (Organisation.id, False)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"reach": reach, "year": year, "by": by},
    )
    if any(row[-1] is not None and row[-1] > as_of for row in found.items):
        return list_ranking(
            actor,
            reach,
            year=year,
            as_of=as_of,
            counting=counting,
            by=by,
            limit=limit,
            cursor=cursor,
            source=Source.MONTHS,
        )
    width = len(_told(year, as_of)) + 1
    items = [Ranked(UnitRow(*row[:width]), *row[width:-1]) for row in found.items]
    return Page(items, found.next_cursor)


def list_region_names(actor: Actor, codes: Collection[str]) -> dict[str, str]:
    """Give the names of regions by code; codes that the list does not carry are missing."""
    del actor
    rows = db.session.execute(select(Region.code, Region.name).where(Region.code.in_(codes)))
    return dict(rows.all())


def _each(
    actor: Actor,
    reach: Reach,
    *,
    year: int,
    as_of: datetime,
    counting: Counting,
    source: Source,
) -> Any:
    facts = list_facts(actor, reach, year=year, as_of=as_of, source=source)
    counts = and_(facts.c.inside, or_(facts.c.origin_kind.is_(None), counted(facts.c, counting)))

    def total(amount: ColumnElement[Any], of: ColumnElement[bool]) -> ColumnElement[int]:
        return cast(func.coalesce(func.sum(amount).filter(of), 0), BigInteger)

    statement: Select[Any] = select(
        facts.c.unit_id,
        total(facts.c.reserved_fen, facts.c.of_year).label("reserved_fen"),
        total(facts.c.ordered_fen, facts.c.of_year).label("ordered_fen"),
        total(facts.c.accepted_fen, facts.c.of_year).label("accepted_fen"),
        total(facts.c.paid_fen, facts.c.inside).label("paid_fen"),
        total(facts.c.paid_fen, counts).label("counted_fen"),
        total(facts.c.reserved_fen, and_(facts.c.of_year, facts.c.policy_id.is_not(None))).label(
            "ruled_fen"
        ),
        func.max(facts.c.last_at).label("last_at"),
    ).group_by(facts.c.unit_id)
    return statement.subquery("each")


def _told(year: int, as_of: datetime) -> list[ColumnElement[Any]]:
    """Give, of `Organisation`, its name on the day, what it filed, and who took its place."""
    day = shanghai_day(as_of)
    former = (
        select(OrganisationName.name)
        .where(OrganisationName.organisation_id == Organisation.id, OrganisationName.until_on > day)
        .order_by(OrganisationName.until_on)
        .limit(1)
        .scalar_subquery()
    )
    situation = (
        select(Filing.situation)
        .where(Filing.unit_id == Organisation.id, Filing.year == year, Filing.confirmed_at <= as_of)
        .order_by(Filing.confirmed_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    heir = aliased(Organisation)
    successor = select(heir.name).where(heir.id == Organisation.successor_id).scalar_subquery()
    ended = and_(Organisation.ended_on.is_not(None), Organisation.ended_on <= day)
    return [
        func.coalesce(former, Organisation.name),
        situation,
        case((ended, Organisation.ending)),
        case((ended, successor)),
    ]
