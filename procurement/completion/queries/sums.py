"""What a year adds up to as of an instant, by policy, kinds and purchase, whole and in parts.

The number of statements does not grow with the number of units.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, and_, cast, func, null, select

from kernel.actor import Actor
from kernel.database import db
from procurement.completion.models import Axis, CompletionYear, Part, Reach, Sum
from procurement.completion.queries.facts import Source, list_facts, within
from procurement.policies.models import OrderKind, Purchase
from procurement.quotas.models import Quota
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible
from registry.regions.models import OriginKind, Region

KEPT_BY_MONTH = frozenset({Axis.MONTH, Axis.CATEGORY})
"""What the yearly totals do not tell apart."""


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
    whole = list_facts(actor, reach, year=year, as_of=as_of, source=source)
    of_units = list_facts(
        actor,
        reach,
        year=year,
        as_of=as_of,
        source=source,
        narrowed=Organisation.id.in_(unit_ids),
    ).alias("of_units")
    statement = _sums(whole, None)
    parts = _sums(of_units, of_units.c.unit_id)
    rows = db.session.execute(statement.union_all(parts) if unit_ids else statement).all()
    if _is_stale(rows, as_of):
        return sum_units(
            actor, reach, unit_ids=unit_ids, year=year, as_of=as_of, source=Source.MONTHS
        )
    return [_sum(row) for row in rows]


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
    facts = list_facts(actor, reach, year=year, as_of=as_of, source=chosen)
    statement = _sums(facts, _key(facts, axis, reach))
    if axis is Axis.LEVEL:
        statement = statement.join(Region, Region.code == facts.c.region_code)
    rows = db.session.execute(statement).all()
    if _is_stale(rows, as_of):
        return sum_parts(actor, reach, axis=axis, year=year, as_of=as_of, source=Source.MONTHS)
    return [Part(_text(row[0]), _sum((None, *row[1:]))) for row in rows]


def sum_paid_months(
    actor: Actor, reach: Reach, *, unit_ids: Collection[OrganisationId], year: int
) -> dict[OrganisationId | None, list[int]]:
    """Add up what was paid in each month of a year (fen): of all in reach, and of each unit."""
    months = [
        cast(func.coalesce(func.sum(CompletionYear.paid_months[one]), 0), BigInteger)
        for one in range(1, 13)
    ]

    paid = (
        select(*months)
        .select_from(CompletionYear)
        .join(Quota, Quota.id == CompletionYear.quota_id)
        .join(Organisation, Organisation.id == Quota.unit_id)
        .where(CompletionYear.year == year, visible(actor), within(reach))
    )
    statement = paid.with_only_columns(cast(null(), Organisation.id.type), *months)
    if not unit_ids:
        rows = db.session.execute(statement).all()
    else:
        parts = (
            paid.with_only_columns(Quota.unit_id, *months)
            .where(Quota.unit_id.in_(unit_ids))
            .group_by(Quota.unit_id)
        )
        rows = db.session.execute(statement.union_all(parts)).all()
    return {row[0]: list(row[1:]) for row in rows}


def _sums(facts: FromClause, part: ColumnElement[Any] | None) -> Select[Any]:
    of_year, inside = facts.c.of_year, facts.c.inside
    kinds = [facts.c.policy_id, facts.c.origin_kind, facts.c.order_kind, facts.c.purchase]
    head = cast(null(), Organisation.id.type) if part is None else part
    return (
        select(
            head.label("part"),
            *kinds,
            _total(facts.c.reserved_fen, of_year),
            _total(facts.c.ordered_fen, of_year),
            _total(facts.c.accepted_fen, of_year),
            _total(facts.c.paid_fen, inside),
            _total(facts.c.paid_fen, and_(of_year, ~inside)),
            func.max(facts.c.last_at),
        )
        .select_from(facts)
        .group_by(*([] if part is None else [part]), *kinds)
    )


def _total(amount: ColumnElement[Any], of: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(amount).filter(of), 0), BigInteger)


def _key(facts: FromClause, axis: Axis, reach: Reach) -> ColumnElement[Any]:
    if axis is Axis.LEVEL:
        return Region.level.expression
    if axis is Axis.REGION:
        return func.left(facts.c.region_code, _child_length(reach.region_prefix))
    return facts.c[axis.value]


def _child_length(prefix: str) -> int:
    """Give how many digits name the regions directly inside the one with this prefix."""
    return next((length for length in (2, 4, 6, 9, 12) if length > len(prefix)), len(prefix))


def _is_stale(rows: Sequence[Any], as_of: datetime) -> bool:
    return any(row[-1] is not None and row[-1] > as_of for row in rows)


def _sum(row: Any) -> Sum:
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
