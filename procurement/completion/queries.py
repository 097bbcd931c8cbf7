"""Sums of quota entries, by policy and kinds, as of an instant; nothing else is read.

The number of statements does not grow with the number of units.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, cast, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from kernel.actor import Actor
from kernel.calendar import year_bounds
from kernel.database import db
from kernel.money import Fen
from kernel.paging import Page, page
from procurement.completion.models import Reach, Sum
from procurement.filings.models import Filing
from procurement.quotas.models import Quota, QuotaEntry, QuotaHold
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible


def sum_entries(
    actor: Actor,
    reach: Reach,
    *,
    unit_ids: Collection[OrganisationId],
    year: int,
    as_of: datetime,
) -> Sequence[Sum]:
    """Add up the entries of all units in reach and sight, and of each of `unit_ids` by itself.

    One row per policy and kinds; rows of the whole have no unit. One statement, so whole and
    parts are of one moment.
    """
    of_quota, inside = Quota.year == year, _inside(year)
    kinds = [Filing.policy_id, QuotaHold.origin_kind, QuotaHold.order_kind]
    rows = db.session.execute(
        select(
            Quota.unit_id,
            *kinds,
            _total(QuotaEntry.floor_fen, of_quota),
            _total(QuotaEntry.held + QuotaEntry.spent, of_quota),
            _total(QuotaEntry.accepted_fen, of_quota),
            _total(QuotaEntry.spent, inside),
            _total(QuotaEntry.spent, and_(of_quota, ~inside)),
        )
        .select_from(QuotaEntry)
        .join(Quota, Quota.id == QuotaEntry.counter_id)
        .join(Organisation, Organisation.id == Quota.unit_id)
        .outerjoin(Filing, Filing.id == Quota.filing_id)
        .outerjoin(QuotaHold, QuotaHold.id == QuotaEntry.hold_id)
        .where(visible(actor), _within(reach), _of_year(year, as_of))
        .group_by(func.grouping_sets(tuple_(*kinds), tuple_(Quota.unit_id, *kinds)))
        .having(or_(func.grouping(Quota.unit_id) == 1, Quota.unit_id.in_(unit_ids)))
    ).all()
    return [Sum(*list(row)) for row in rows]


def list_units(
    actor: Actor,
    reach: Reach,
    *,
    year: int,
    as_of: datetime,
    limit: int,
    cursor: str | None,
) -> Page[Organisation]:
    """List the units in reach and sight that have entries for the year, and the one asked for."""
    has_entries = (
        select(QuotaEntry.id)
        .join(Quota, Quota.id == QuotaEntry.counter_id)
        .where(Quota.unit_id == Organisation.id, _of_year(year, as_of))
        .exists()
    )
    return page(
        select(Organisation).where(
            visible(actor), _within(reach), or_(has_entries, Organisation.id == reach.unit_id)
        ),
        keys=[(Organisation.id, False)],
        limit=limit,
        cursor=cursor,
        filters={"reach": reach, "year": year},
    )


def _within(reach: Reach) -> ColumnElement[bool]:
    if reach.lineage is not None:
        return Organisation.lineage.startswith(reach.lineage)
    return Organisation.region_code.startswith(reach.region_prefix)


def _of_year(year: int, as_of: datetime) -> ColumnElement[bool]:
    """Say, of an entry, that it matters for the year: on its quota, or money paid inside it."""
    return and_(
        QuotaEntry.at <= as_of,
        or_(Quota.year == year, and_(QuotaEntry.spent != 0, _inside(year))),
    )


def _inside(year: int) -> ColumnElement[bool]:
    begins, ends = year_bounds(year)
    return and_(QuotaEntry.at >= begins, QuotaEntry.at < ends)


def _total(
    amount: ColumnElement[Any] | InstrumentedAttribute[Fen], of: ColumnElement[bool]
) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(amount).filter(of), 0), BigInteger)
