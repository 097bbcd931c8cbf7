"""Opening a figure: by what it is parted, month by month, down to its entries; when to order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, start_of_day
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from procurement.completion.commands.reports import Question, policies_of, reach_of
from procurement.completion.models import Axis, Figure, LeadTimeRule, Narrowing, Sum
from procurement.completion.queries import entries, sums, units
from procurement.completion.queries.entries import EntryBehind
from procurement.completion.rules import figures, pace
from procurement.completion.rules.figures import Figures
from procurement.completion.rules.pace import Basis, LastOrder
from procurement.completion.rules.words import name_of_part
from procurement.policies.rules.words import Words

DEFAULT_LEAD = {
    "from_on": date(2021, 1, 1),
    "delivery_days": 15,
    "acceptance_days": 3,
    "payment_days": 30,
    "quantile_bp": 9_000,
    "least_observations": 10,
    "source_zh": "付款 30 天：《保障中小企业款项支付条例》；"
    "发货 15 天、验收 3 天为平台默认值，可另行设定",
    "source_en": "Payment 30 days: the regulation on payments to small and medium enterprises;"
    " delivery 15 and acceptance 3 days are the platform's defaults and can be set otherwise",
}


@dataclass(frozen=True, slots=True)
class PartFigures:
    """The completion of one part, in words and by its key."""

    key: str | None
    name: Words
    figures: Figures


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A year's completion parted by an axis; the parts add up to the whole."""

    by: Axis
    year: int
    as_of: datetime
    figures: Figures
    parts: Sequence[PartFigures]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A month: what was paid and counted in it and up to its end, and what should be (fen)."""

    month: date
    paid_fen: Fen
    counted_fen: Fen
    counted_so_far_fen: Fen
    planned_fen: Fen
    basis: Basis


@dataclass(frozen=True, slots=True)
class Curve:
    """A year month by month up to an instant; what counts of the months adds up to the whole."""

    year: int
    as_of: datetime
    figures: Figures
    planned_fen: Fen
    behind_fen: Fen
    months: Sequence[CurvePoint]


@dataclass(frozen=True, slots=True)
class Opened:
    """A page of the entries behind a figure, and what all of them add up to."""

    figure: Figure
    year: int
    as_of: datetime
    total_fen: Fen
    items: Sequence[EntryBehind]
    next_cursor: str | None


def break_down(actor: Actor, question: Question, *, by: Axis, now: datetime) -> Breakdown:
    """Part a year's completion by an axis; parts that nothing is known of have no key."""
    year, as_of = question.year, min(question.as_of or now, now)
    reach = reach_of(actor, question, as_of=as_of)
    found = sums.sum_parts(actor, reach, axis=by, year=year, as_of=as_of)
    policies = policies_of(actor, [one.sum for one in found])
    of_part: dict[str | None, list[Sum]] = {}
    for one in found:
        of_part.setdefault(_key(by, one.key), []).append(one.sum)
    names = units.list_region_names(actor, _codes(by, of_part))
    return Breakdown(
        by=by,
        year=year,
        as_of=as_of,
        figures=figures.figures_of([one.sum for one in found], policies=policies),
        parts=[
            PartFigures(
                key,
                Words(names[key], names[key]) if key in names else name_of_part(by, key),
                figures.figures_of(parts, policies=policies),
            )
            for key, parts in sorted(of_part.items(), key=lambda item: item[0] or "")
        ],
    )


def draw_curve(actor: Actor, question: Question, *, now: datetime) -> Curve:
    """Draw a year month by month against its plan, up to an instant.

    The plan spreads what is reserved as of that instant over the year, as last year's payments
    were spread or, where there were none, by days.
    """
    year, as_of = question.year, min(question.as_of or now, now)
    reach = reach_of(actor, question, as_of=as_of)
    found = sums.sum_months(actor, reach, year=year, as_of=as_of)
    policies = policies_of(actor, [one.sum for one in found])
    last = sums.sum_paid_months(actor, reach, unit_ids=(), year=year - 1).get(None, [])
    whole = figures.figures_of([one.sum for one in found], policies=policies)
    points, so_far = [], 0
    for at, month in enumerate(_months(year, as_of=as_of)):
        paid = [replace(one.sum, paid_fen=one.paid_fen[at]) for one in found]
        moved = figures.figures_of(paid, policies=policies)
        so_far += moved.counted_fen
        season = pace.season_at(min(as_of, _end(month)), year=year, last_year=last)
        due = pace.planned(whole.reserved_fen, season)
        point = (month, moved.paid_fen, moved.counted_fen, Fen(so_far), due, season.basis)
        points.append(CurvePoint(*point))
    due = pace.planned(whole.reserved_fen, pace.season_at(as_of, year=year, last_year=last))
    return Curve(
        year=year,
        as_of=as_of,
        figures=whole,
        planned_fen=due,
        behind_fen=Fen(max(0, due - whole.counted_fen)),
        months=points,
    )


def open_figure(
    actor: Actor,
    question: Question,
    *,
    figure: Figure,
    narrowing: Narrowing,
    now: datetime,
    limit: int,
    cursor: str | None,
) -> Opened:
    """Open a figure, or a part of it, down to the entries that it is made of."""
    year, as_of = question.year, min(question.as_of or now, now)
    reach = reach_of(actor, question, as_of=as_of)
    found = sums.sum_units(actor, reach, unit_ids=(), year=year, as_of=as_of)
    counting = figures.counting_of(policies_of(actor, found).values())
    listed = entries.list_entries_behind(
        actor,
        reach,
        figure=figure,
        narrowing=narrowing,
        year=year,
        as_of=as_of,
        counting=counting,
        limit=limit,
        cursor=cursor,
    )
    total = entries.sum_entries_behind(
        actor,
        reach,
        figure=figure,
        narrowing=narrowing,
        year=year,
        as_of=as_of,
        counting=counting,
    )
    return Opened(figure, year, as_of, total, listed.items, listed.next_cursor)


def find_last_order(actor: Actor, question: Question, *, now: datetime) -> LastOrder:
    """Say by which day to order so that delivery, acceptance and payment fall in the year."""
    as_of = min(question.as_of or now, now)
    reach = reach_of(actor, question, as_of=as_of)
    rule = entries.get_lead_time_rule(actor, on=shanghai_day(as_of))
    days, observations = entries.get_lead_days(
        actor, reach, as_of=as_of, quantile_bp=rule.quantile_bp
    )
    return pace.last_order(rule, year=question.year, observed_days=days, observations=observations)


def load_lead_times(now: datetime) -> None:
    """Load the platform's default where none is there yet; changes nothing twice."""
    added = db.session.execute(
        insert(cast("Table", LeadTimeRule.__table__))
        .values(id=new_id(), **DEFAULT_LEAD)
        .on_conflict_do_nothing(constraint="uq_lead_time_rule_from_on")
        .returning(LeadTimeRule.id)
    ).scalar_one_or_none()
    if added is not None:
        audit.write(
            "load_lead_times",
            subject=("lead_time_rule", added),
            by=SYSTEM,
            now=now,
            after=DEFAULT_LEAD,
        )


def _key(by: Axis, key: str | None) -> str | None:
    return key.ljust(6, "0") if by is Axis.REGION and key is not None else key


def _codes(by: Axis, keys: dict[str | None, list[Sum]]) -> list[str]:
    return [key for key in keys if key is not None] if by is Axis.REGION else []


def _months(year: int, *, as_of: datetime) -> list[date]:
    """Give the months of a year that have begun by an instant."""
    today = shanghai_day(as_of)
    return [date(year, one, 1) for one in range(1, 13) if date(year, one, 1) <= today]


def _end(month: date) -> datetime:
    """Give the last instant of a Shanghai month."""
    after = (month + timedelta(days=31)).replace(day=1)
    return start_of_day(after) - timedelta(microseconds=1)
