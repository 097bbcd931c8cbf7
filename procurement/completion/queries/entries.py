"""The entries behind a figure, and how long orders took until they were paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    not_,
    select,
)

from kernel.actor import Actor
from kernel.calendar import start_of_day, year_bounds
from kernel.database import db
from kernel.holds import EntryKind
from kernel.money import BASIS_POINTS, Fen
from kernel.paging import Page, page
from procurement.completion.models import Counting, Figure, LeadTimeRule, Narrowing, Reach
from procurement.completion.queries.facts import (
    ZONE,
    counted,
    filed_at,
    inside,
    keys_of,
    purchase_at,
)
from procurement.completion.queries.shapes import in_reach, shape_of, whose
from procurement.filings.models import Filing
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund, Quota, QuotaEntry, QuotaHold, QuotaId
from registry.organisations.models import Organisation, OrganisationId, OrganisationKind
from registry.regions.models import OriginKind

OBSERVED = timedelta(days=365)
"""How far back payments are looked at."""


@dataclass(frozen=True, slots=True)
class EntryBehind:
    """An entry with what it adds to the figure (fen), whose it is, and the order behind it."""

    position: int
    at: datetime
    kind: EntryKind
    amount_fen: Fen
    quota_id: QuotaId
    quota_year: int
    fund: Fund
    unit_id: OrganisationId
    unit_name: str
    order_id: UUID | None
    origin_kind: OriginKind | None
    order_kind: OrderKind | None
    category_code: str | None
    buyer_kind: OrganisationKind | None


def list_entries_behind(
    actor: Actor,
    reach: Reach,
    *,
    figure: Figure,
    narrowing: Narrowing,
    year: int,
    as_of: datetime,
    counting: Counting,
    limit: int,
    cursor: str | None,
) -> Page[EntryBehind]:
    """List the entries that a figure is made of, the latest first; their amounts add up to it."""
    amount, limits = _made_of(figure, year=year, as_of=as_of, counting=counting)
    statement = select(
        QuotaEntry.position,
        QuotaEntry.at,
        QuotaEntry.kind,
        amount.label("amount_fen"),
        Quota.id,
        Quota.year,
        Quota.fund,
        Organisation.id,
        Organisation.name,
        QuotaHold.order_id,
        QuotaHold.origin_kind,
        QuotaHold.order_kind,
        QuotaHold.category_code,
        QuotaHold.buyer_kind,
    )
    found = page(
        _behind(statement, actor, reach, narrowing=narrowing, as_of=as_of).where(
            amount != 0, *limits
        ),
        keys=[(QuotaEntry.position, True)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={
            "reach": reach,
            "year": year,
            "figure": figure,
            "narrowing": narrowing,
            "as_of": as_of,
        },
        parameters=whose(actor, reach),
    )
    return Page([EntryBehind(*row) for row in found.items], found.next_cursor)


def sum_entries_behind(
    actor: Actor,
    reach: Reach,
    *,
    figure: Figure,
    narrowing: Narrowing,
    year: int,
    as_of: datetime,
    counting: Counting,
) -> Fen:
    """Add up all entries behind a figure."""
    amount, limits = _made_of(figure, year=year, as_of=as_of, counting=counting)
    statement = select(cast(func.coalesce(func.sum(amount), 0), BigInteger))
    return Fen(
        db.session.execute(
            _behind(statement, actor, reach, narrowing=narrowing, as_of=as_of).where(*limits),
            whose(actor, reach),
        ).scalar_one()
    )


def get_lead_time_rule(actor: Actor, *, on: date) -> LeadTimeRule:
    """Give the rule of lead times that holds on a day; the first one holds before it, too."""
    del actor
    held = LeadTimeRule.from_on <= on
    return db.session.execute(
        select(LeadTimeRule).order_by(held.desc(), func.abs(LeadTimeRule.from_on - on)).limit(1)
    ).scalar_one()


def get_lead_days(
    actor: Actor, reach: Reach, *, as_of: datetime, quantile_bp: int
) -> tuple[int | None, int]:
    """Give the days from order to payment that so many of a year's payments kept, and how many."""
    days = func.date(func.timezone(ZONE, QuotaEntry.at)) - func.date(
        func.timezone(ZONE, QuotaHold.held_at)
    )
    quantile = func.percentile_disc(quantile_bp / BASIS_POINTS).within_group(
        cast(days, Integer).asc()
    )
    row = db.session.execute(
        select(quantile, func.count())
        .select_from(QuotaEntry)
        .join(QuotaHold, QuotaHold.id == QuotaEntry.hold_id)
        .join(Quota, Quota.id == QuotaEntry.counter_id)
        .join(Organisation, Organisation.id == Quota.unit_id)
        .where(
            in_reach(shape_of(actor, reach)),
            QuotaEntry.kind == EntryKind.POST,
            QuotaEntry.at <= as_of,
            QuotaEntry.at > as_of - OBSERVED,
        ),
        whose(actor, reach),
    ).one()
    return row[0], row[1]


def _behind(
    statement: Select[Any],
    actor: Actor,
    reach: Reach,
    *,
    narrowing: Narrowing,
    as_of: datetime,
) -> Select[Any]:
    limits: list[ColumnElement[bool]] = [QuotaEntry.at <= as_of]
    if narrowing.month is not None:
        after = (narrowing.month + timedelta(days=31)).replace(day=1)
        limits += [
            QuotaEntry.at >= start_of_day(narrowing.month),
            QuotaEntry.at < start_of_day(after),
        ]
    for column, wanted in (
        (Quota.fund, narrowing.fund),
        (QuotaHold.origin_kind, narrowing.origin_kind),
        (QuotaHold.order_kind, narrowing.order_kind),
        (QuotaHold.category_code, narrowing.category_code),
        (QuotaHold.buyer_kind, narrowing.buyer_kind),
        (Organisation.kind, narrowing.unit_kind),
    ):
        if wanted is not None:
            limits.append(column == wanted)
    return (
        statement.select_from(QuotaEntry)
        .join(Quota, Quota.id == QuotaEntry.counter_id)
        .join(Organisation, Organisation.id == Quota.unit_id)
        .outerjoin(Filing, Filing.id == Quota.filing_id)
        .outerjoin(QuotaHold, QuotaHold.id == QuotaEntry.hold_id)
        .where(in_reach(shape_of(actor, reach)), *limits)
    )


def _made_of(
    figure: Figure, *, year: int, as_of: datetime, counting: Counting
) -> tuple[ColumnElement[Any], Sequence[ColumnElement[bool]]]:
    """Say which amount of which entries a figure adds up."""
    of_year, happened = Quota.year == year, inside(*year_bounds(year))
    told = SimpleNamespace(
        policy_id=filed_at(as_of, "policy_id"),
        origin_kind=QuotaHold.origin_kind,
        order_kind=QuotaHold.order_kind,
        purchase=purchase_at(as_of, QuotaHold.buyer_kind.expression),
    )
    keys = (literal(one, ARRAY(Text)) for one in keys_of(counting).values())
    counts = func.coalesce(counted(told, *keys), False)
    bought = QuotaHold.origin_kind.is_not(None)
    made: dict[Figure, tuple[ColumnElement[Any], list[ColumnElement[bool]]]] = {
        Figure.RESERVED: (QuotaEntry.floor_fen.expression, [of_year]),
        Figure.ORDERED: (QuotaEntry.held + QuotaEntry.spent, [of_year]),
        Figure.ACCEPTED: (QuotaEntry.accepted_fen.expression, [of_year]),
        Figure.PAID: (QuotaEntry.spent.expression, [happened]),
        Figure.COUNTED: (QuotaEntry.spent.expression, [happened, counts | not_(bought)]),
        Figure.NOT_COUNTED: (QuotaEntry.spent.expression, [happened, bought, not_(counts)]),
        Figure.PAID_ELSEWHERE: (
            QuotaEntry.spent.expression,
            [and_(of_year, not_(happened))],
        ),
    }
    return made[figure]
