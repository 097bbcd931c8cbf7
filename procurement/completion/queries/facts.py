"""The rows that figures add up, from totals or from the entries themselves: always the same sums.

A total that was written to after the instant asked for is not whole for it; then the months
before that instant's month are taken whole, and of its own month the entries.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Select,
    Subquery,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from kernel.actor import Actor
from kernel.calendar import shanghai_day, start_of_day, year_bounds
from procurement.completion.models import CompletionMonth, CompletionYear, Counting, Reach
from procurement.filings.models import Filing
from procurement.policies.models import Purchase, Situation
from procurement.quotas.models import Fund, Quota, QuotaEntry, QuotaHold
from registry.organisations.models import Organisation, OrganisationKind
from registry.organisations.queries import visible

ZONE = "Asia/Shanghai"
Amount = ColumnElement[Any] | InstrumentedAttribute[Any]


class Source(StrEnum):
    """Where the rows come from."""

    YEARS = "years"
    """The yearly totals, whatever happened after the instant: see `last_at`."""
    MONTHS = "months"
    """The monthly totals before the instant's month, and the entries of that month."""
    ENTRIES = "entries"
    """The entries alone."""


def list_facts(
    actor: Actor,
    reach: Reach,
    *,
    year: int,
    as_of: datetime,
    source: Source,
    narrowed: ColumnElement[bool] | None = None,
) -> Subquery:
    """Give the rows that matter for a year as of an instant, in reach and sight.

    They are of the year's quotas, or of money that moved inside the year. Columns: `unit_id`,
    `region_code`, `unit_kind`, `fund`, `policy_id`, `of_year` (of the year's quota), `inside`
    (happened in the year), `month`, `origin_kind`, `order_kind`, `category_code`, `buyer_kind`
    (each null where it is not known), `purchase` (whose it was), `reserved_fen`,
    `ordered_fen`, `accepted_fen`, `paid_fen`, `last_at`. `narrowed` is a condition on
    `Organisation`.
    """
    if source is Source.YEARS:
        parts = [_years(year, as_of=as_of)]
    elif source is Source.MONTHS:
        month = shanghai_day(as_of).replace(day=1)
        parts = [_months(year, before=month, as_of=as_of), _entries(year, since=month, as_of=as_of)]
    else:
        parts = [_entries(year, since=None, as_of=as_of)]
    limits = [visible(actor), within(reach), *([] if narrowed is None else [narrowed])]
    return union_all(*(part.where(*limits) for part in parts)).subquery("facts")


def within(reach: Reach) -> ColumnElement[bool]:
    """Say, of `Organisation`, that it is meant."""
    if reach.lineage is not None:
        return Organisation.lineage.startswith(reach.lineage)
    return Organisation.region_code.startswith(reach.region_prefix)


def inside(year: int) -> ColumnElement[bool]:
    """Say, of `QuotaEntry`, that it happened in the Shanghai year."""
    begins, ends = year_bounds(year)
    return and_(QuotaEntry.at >= begins, QuotaEntry.at < ends)


def month_of() -> ColumnElement[date]:
    """Give, of `QuotaEntry`, the first day of the Shanghai month it happened in."""
    return cast(func.date_trunc("month", func.timezone(ZONE, QuotaEntry.at)), Date)


def counted(facts: Any, counting: Counting) -> ColumnElement[bool]:
    """Say, of columns as `list_facts` names them, that what was paid counts by its kinds."""
    kinds = tuple_(facts.policy_id, facts.origin_kind, facts.order_kind)
    counts: ColumnElement[bool] = kinds.in_(list(counting.kinds))
    if counting.without:
        whose = tuple_(facts.policy_id, facts.purchase)
        counts = and_(counts, not_(whose.in_(list(counting.without))))
    return counts


def purchase_at(as_of: datetime, buyer_kind: ColumnElement[Any]) -> ColumnElement[str]:
    """Give, of `Quota`, `Filing` and the kind of who ordered, whose purchase it was."""
    return case(
        (
            or_(Quota.fund == Fund.UNION, buyer_kind == OrganisationKind.TRADE_UNION),
            literal(Purchase.UNION.value),
        ),
        (
            buyer_kind == OrganisationKind.CANTEEN_CONTRACTOR,
            literal(Purchase.CONTRACTOR.value),
        ),
        (
            filed_at(as_of, "situation") == Situation.NONE,
            literal(Purchase.NO_CANTEEN.value),
        ),
        else_=literal(Purchase.CANTEEN.value),
    )


def filed_at(as_of: datetime, name: str) -> ColumnElement[Any]:
    """Give, of `Filing`, what its promise said at an instant: the column of this name.

    A quota names the newest revision of the promise; one confirmed later said nothing then.
    """
    earlier = aliased(Filing)
    newest: InstrumentedAttribute[Any] = getattr(Filing, name)
    before = (
        select(getattr(earlier, name))
        .where(
            earlier.unit_id == Filing.unit_id,
            earlier.year == Filing.year,
            earlier.confirmed_at <= as_of,
        )
        .order_by(earlier.confirmed_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    return case(
        (Filing.confirmed_at > as_of, func.coalesce(before, newest)),
        else_=newest,
    )


def _years(year: int, *, as_of: datetime) -> Select[Any]:
    of = CompletionYear
    return (
        _columns(
            year,
            as_of=as_of,
            happened=of.year == year,
            month=cast(null(), Date),
            kinds=(of.origin_kind, of.order_kind, literal(""), of.buyer_kind),
            amounts=(of.reserved_fen, of.ordered_fen, of.accepted_fen, of.paid_fen),
            last_at=of.last_at,
        )
        .select_from(of)
        .join(Quota, Quota.id == of.quota_id)
        .join(Organisation, Organisation.id == Quota.unit_id)
        .outerjoin(Filing, Filing.id == Quota.filing_id)
        .where(or_(Quota.year == year, of.year == year))
    )


def _months(year: int, *, before: date, as_of: datetime) -> Select[Any]:
    of = CompletionMonth
    happened = and_(of.month >= date(year, 1, 1), of.month < date(year + 1, 1, 1))
    return (
        _columns(
            year,
            as_of=as_of,
            happened=happened,
            month=of.month,
            kinds=(of.origin_kind, of.order_kind, of.category_code, of.buyer_kind),
            amounts=(of.reserved_fen, of.ordered_fen, of.accepted_fen, of.paid_fen),
            last_at=cast(null(), DateTime(timezone=True)),
        )
        .select_from(of)
        .join(Quota, Quota.id == of.quota_id)
        .join(Organisation, Organisation.id == Quota.unit_id)
        .outerjoin(Filing, Filing.id == Quota.filing_id)
        .where(or_(Quota.year == year, happened), of.month < before)
    )


def _entries(year: int, *, since: date | None, as_of: datetime) -> Select[Any]:
    statement = (
        _columns(
            year,
            as_of=as_of,
            happened=inside(year),
            month=month_of(),
            kinds=(
                QuotaHold.origin_kind,
                QuotaHold.order_kind,
                QuotaHold.category_code,
                QuotaHold.buyer_kind,
            ),
            amounts=(
                QuotaEntry.floor_fen,
                QuotaEntry.held + QuotaEntry.spent,
                QuotaEntry.accepted_fen,
                QuotaEntry.spent,
            ),
            last_at=cast(null(), DateTime(timezone=True)),
        )
        .select_from(QuotaEntry)
        .join(Quota, Quota.id == QuotaEntry.counter_id)
        .join(Organisation, Organisation.id == Quota.unit_id)
        .outerjoin(Filing, Filing.id == Quota.filing_id)
        .outerjoin(QuotaHold, QuotaHold.id == QuotaEntry.hold_id)
        .where(QuotaEntry.at <= as_of, or_(Quota.year == year, inside(year)))
    )
    return statement if since is None else statement.where(QuotaEntry.at >= start_of_day(since))


def _columns(
    year: int,
    *,
    as_of: datetime,
    happened: ColumnElement[bool],
    month: Amount,
    kinds: tuple[Amount, Amount, Amount, Amount],
    amounts: tuple[Amount, Amount, Amount, Amount],
    last_at: Amount,
) -> Select[Any]:
    origin_kind, order_kind, category_code, buyer_kind = (
        func.nullif(cast(one, Text), "") for one in kinds
    )
    reserved, ordered, accepted, paid = amounts
    return select(
        Quota.unit_id,
        Organisation.region_code,
        Organisation.kind.label("unit_kind"),
        Quota.fund,
        filed_at(as_of, "policy_id").label("policy_id"),
        (Quota.year == year).label("of_year"),
        happened.label("inside"),
        month.label("month"),
        origin_kind.label("origin_kind"),
        order_kind.label("order_kind"),
        category_code.label("category_code"),
        buyer_kind.label("buyer_kind"),
        purchase_at(as_of, buyer_kind).label("purchase"),
        reserved.label("reserved_fen"),
        ordered.label("ordered_fen"),
        accepted.label("accepted_fen"),
        paid.label("paid_fen"),
        last_at.label("last_at"),
    )
