"""The rows that figures add up, from totals or from the entries themselves: always the same sums.

A total that was written to after the instant asked for is not whole for it. Then what came since
is taken off it; where that is long ago, the months before the instant's month are taken whole, and
of its own month the entries.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Date,
    DateTime,
    FromClause,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from procurement.completion.models import CompletionMonth, CompletionYear, Counting
from procurement.completion.queries.shapes import (
    AS_OF,
    JANUARY,
    MONTH,
    MONTH_BEGINS,
    NEXT_JANUARY,
    YEAR,
    YEAR_BEGINS,
    YEAR_ENDS,
    Shape,
    Source,
    in_reach,
)
from procurement.filings.models import Filing
from procurement.policies.models import Purchase, Situation
from procurement.quotas.models import Fund, Quota, QuotaEntry, QuotaHold
from registry.organisations.models import Organisation, OrganisationKind

ZONE = "Asia/Shanghai"
Amount = ColumnElement[Any] | InstrumentedAttribute[Any]
EARLIER = aliased(Filing)
NO_MONTHS = cast(null(), ARRAY(BigInteger))
NEVER = cast(null(), DateTime(timezone=True))


@lru_cache
def list_facts(shape: Shape) -> CompoundSelect[Any]:
    """Give the rows that matter for a year as of an instant, in reach and sight.

    They are of the year's quotas, or of money that moved inside the year. Columns: `unit_id`,
    `region_code`, `unit_kind`, `fund`, `policy_id`, `of_year` (of the year's quota), `inside`
    (happened in the year), `month`, `origin_kind`, `order_kind`, `category_code`, `buyer_kind`
    (each null where it is not known), `purchase` (whose it was), `reserved_fen`,
    `ordered_fen`, `accepted_fen`, `paid_fen`, `paid_months` (of yearly totals), `first_at`,
    `last_at`. Behind
    the offset no plan puts the long expressions into each use of them.
    """
    parts: list[Select[Any]]
    if shape.source is Source.YEARS:
        parts = [_years().offset(literal_column("0"))]
    elif shape.source is Source.RECENT:
        parts = [
            _years_then().offset(literal_column("0")),
            _entries(sign=-1).where(QuotaEntry.at > AS_OF),
        ]
    elif shape.source is Source.MONTHS:
        then = (QuotaEntry.at >= MONTH_BEGINS, QuotaEntry.at <= AS_OF)
        parts = [_months(), _entries().where(*then)]
    else:
        parts = [_entries().where(QuotaEntry.at <= AS_OF)]
    return union_all(*(part.where(in_reach(shape)) for part in parts))


def had_begun(facts: FromClause, shape: Shape) -> ColumnElement[bool]:
    """Say, of a group of facts, that there was anything of it by the instant."""
    return func.min(facts.c.first_at) <= AS_OF if shape.source is Source.RECENT else true()


def inside(begins: Any, ends: Any) -> ColumnElement[bool]:
    """Say, of `QuotaEntry`, that it happened in the Shanghai year with these bounds."""
    return and_(QuotaEntry.at >= begins, QuotaEntry.at < ends)


def month_of() -> ColumnElement[date]:
    """Give, of `QuotaEntry`, the first day of the Shanghai month it happened in."""
    return cast(func.date_trunc("month", func.timezone(ZONE, QuotaEntry.at)), Date)


def counted(facts: Any, kinds: Any, without: Any) -> ColumnElement[bool]:
    """Say, of columns as `list_facts` names them, that what was paid counts by its kinds.

    `kinds` and `without` are the arrays of `keys_of`: many of them are looked up by hash.
    """
    of_kinds = func.concat_ws("/", facts.policy_id, facts.origin_kind, facts.order_kind)
    whose = func.concat_ws("/", facts.policy_id, facts.purchase)
    return and_(
        of_kinds.in_(select(func.unnest(kinds))), whose.not_in(select(func.unnest(without)))
    )


def keys_of(counting: Counting) -> dict[str, Any]:
    """Give what counts and what does not, each row of it as one text."""
    return {
        "counting": ["/".join(map(str, one)) for one in counting.kinds],
        "not_counting": ["/".join(map(str, one)) for one in counting.without],
    }


def purchase_at(as_of: Any, buyer_kind: ColumnElement[Any]) -> ColumnElement[str]:
    """Give, of `Quota`, `Filing` and the kind of who ordered, whose purchase it was."""
    return _purchase(Quota.fund, filed_at(as_of, "situation"), buyer_kind)


def filed_at(as_of: Any, name: str) -> ColumnElement[Any]:
    """Give, of `Filing`, what its promise said at an instant: the column of this name.

    A quota names the newest revision of the promise; one confirmed later said nothing then.
    """
    newest: InstrumentedAttribute[Any] = getattr(Filing, name)
    before = (
        select(getattr(EARLIER, name))
        .where(
            EARLIER.unit_id == Filing.unit_id,
            EARLIER.year == Filing.year,
            EARLIER.confirmed_at <= as_of,
        )
        .order_by(EARLIER.confirmed_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    return case(
        (Filing.confirmed_at > as_of, func.coalesce(before, newest)),
        else_=newest,
    )


def _purchase(fund: Amount, situation: Amount, buyer_kind: Amount) -> ColumnElement[str]:
    by_union = or_(fund == Fund.UNION, buyer_kind == OrganisationKind.TRADE_UNION)
    return case(
        (fund == Fund.STAFF, literal(Purchase.STAFF.value)),
        (by_union, literal(Purchase.UNION.value)),
        (
            buyer_kind == OrganisationKind.CANTEEN_CONTRACTOR,
            literal(Purchase.CONTRACTOR.value),
        ),
        (situation == Situation.NONE, literal(Purchase.NO_CANTEEN.value)),
        else_=literal(Purchase.CANTEEN.value),
    )


OF_QUOTA = (Quota.unit_id, Quota.year, Quota.fund)
PROMISE = (filed_at(AS_OF, "policy_id"), filed_at(AS_OF, "situation"))


def _years() -> Select[Any]:
    of = CompletionYear
    return (
        _columns(
            whose=(of.unit_id, of.quota_year, of.fund),
            promise=(of.policy_id, of.situation),
            happened=of.year == YEAR,
            month=cast(null(), Date),
            kinds=(of.origin_kind, of.order_kind, literal(""), of.buyer_kind),
            amounts=(of.reserved_fen, of.ordered_fen, of.accepted_fen, of.paid_fen),
            paid_months=of.paid_months,
            last_at=func.greatest(of.last_at, of.filed_at),
        )
        .select_from(of)
        .join(Organisation, Organisation.id == of.unit_id)
        .where(or_(of.quota_year == YEAR, of.year == YEAR))
    )


def _years_then() -> Select[Any]:
    """Give the yearly totals by what was promised at the instant."""
    of = CompletionYear
    return _of_quotas(
        of,
        of.quota_id,
        happened=of.year == YEAR,
        month=cast(null(), Date),
        kinds=(of.origin_kind, of.order_kind, literal(""), of.buyer_kind),
        amounts=(of.reserved_fen, of.ordered_fen, of.accepted_fen, of.paid_fen),
        paid_months=of.paid_months,
        first_at=of.first_at,
    )


def _months() -> Select[Any]:
    of = CompletionMonth
    return _of_quotas(
        of,
        of.quota_id,
        happened=and_(of.month >= JANUARY, of.month < NEXT_JANUARY),
        month=of.month,
        kinds=(of.origin_kind, of.order_kind, of.category_code, of.buyer_kind),
        amounts=(of.reserved_fen, of.ordered_fen, of.accepted_fen, of.paid_fen),
    ).where(of.month < MONTH)


def _entries(*, sign: int = 1) -> Select[Any]:
    of, hold = QuotaEntry, QuotaHold
    amounts = (of.floor_fen, of.held + of.spent, of.accepted_fen, of.spent)
    reserved, ordered, accepted, paid = (one * literal_column(str(sign)) for one in amounts)
    return _of_quotas(
        of,
        of.counter_id,
        happened=inside(YEAR_BEGINS, YEAR_ENDS),
        month=month_of(),
        kinds=(hold.origin_kind, hold.order_kind, hold.category_code, hold.buyer_kind),
        amounts=(reserved, ordered, accepted, paid),
    ).outerjoin(hold, hold.id == of.hold_id)


def _of_quotas(of: Any, quota_id: Any, *, happened: Any, **columns: Any) -> Select[Any]:
    """Give rows of quotas, by what was promised at the instant."""
    return (
        _columns(whose=OF_QUOTA, promise=PROMISE, happened=happened, **columns)
        .select_from(of)
        .join(Quota, Quota.id == quota_id)
        .join(Organisation, Organisation.id == Quota.unit_id)
        .outerjoin(Filing, Filing.id == Quota.filing_id)
        .where(or_(Quota.year == YEAR, happened))
    )


def _columns(
    *,
    whose: tuple[Amount, Amount, Amount],
    promise: tuple[Amount, Amount],
    happened: ColumnElement[bool],
    month: Amount,
    kinds: tuple[Amount, Amount, Amount, Amount],
    amounts: tuple[Amount, Amount, Amount, Amount],
    paid_months: Amount = NO_MONTHS,
    first_at: Amount = NEVER,
    last_at: Amount = NEVER,
) -> Select[Any]:
    origin_kind, order_kind, category_code, buyer_kind = (
        func.nullif(cast(one, Text), "") for one in kinds
    )
    reserved, ordered, accepted, paid = amounts
    unit_id, quota_year, fund = whose
    policy_id, situation = promise
    return select(
        unit_id,
        Organisation.region_code,
        Organisation.kind.label("unit_kind"),
        fund,
        policy_id.label("policy_id"),
        (quota_year == YEAR).label("of_year"),
        happened.label("inside"),
        month.label("month"),
        origin_kind.label("origin_kind"),
        order_kind.label("order_kind"),
        category_code.label("category_code"),
        buyer_kind.label("buyer_kind"),
        _purchase(fund, situation, buyer_kind).label("purchase"),
        reserved.label("reserved_fen"),
        ordered.label("ordered_fen"),
        accepted.label("accepted_fen"),
        paid.label("paid_fen"),
        paid_months.label("paid_months"),
        first_at.label("first_at"),
        last_at.label("last_at"),
    )
