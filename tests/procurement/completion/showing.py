"""What the reports show of the figures that are recounted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from kernel.actor import SYSTEM
from procurement.completion.models import Axis, Counting, Ranking, Reach, Sum
from procurement.completion.queries.ranking import list_ranks
from procurement.completion.queries.shapes import Source
from procurement.completion.queries.sums import MONTHS, sum_months, sum_parts, sum_units
from procurement.completion.rules.figures import figures_of
from procurement.policies.models import PolicyId, SharePolicy
from procurement.policies.queries import get_policies
from registry.organisations.models import Organisation

Figures = tuple[int, int, int, int, int]
POLICIES: dict[PolicyId, SharePolicy] = {}


def shown(
    whose: Organisation, *, year: int, as_of: datetime, source: Source = Source.YEARS
) -> Figures:
    """Give the figures that the report shows."""
    return added(
        sum_units(SYSTEM, reach_of(whose), unit_ids=(), year=year, as_of=as_of, source=source)
    )


def parted(whose: Organisation, axis: Axis, *, year: int, as_of: datetime) -> Figures:
    """Give what the parts of a report add up to."""
    parts = sum_parts(SYSTEM, reach_of(whose), axis=axis, year=year, as_of=as_of)
    return added([one.sum for one in parts])


def paid_by_month(whose: Organisation, *, year: int, as_of: datetime) -> list[int]:
    """Give what was paid inside the year in each month of it, as its parts say."""
    paid = [0] * MONTHS
    for one in sum_parts(SYSTEM, reach_of(whose), axis=Axis.MONTH, year=year, as_of=as_of):
        paid[date.fromisoformat(str(one.key)).month - 1] += one.sum.paid_fen
    return paid


def months_of(
    whose: Organisation, *, year: int, as_of: datetime, source: Source
) -> tuple[Figures, list[int]]:
    """Give the figures that the curve is of, and what it says was paid in each month."""
    found = sum_months(SYSTEM, reach_of(whose), year=year, as_of=as_of, source=source)
    paid = [sum(int(one.paid_fen[month]) for one in found) for month in range(MONTHS)]
    return added([one.sum for one in found]), paid


def ranked(whose: Organisation, *, year: int, as_of: datetime, source: Source) -> Any:
    """Give the units by rank and the parts of their region, as the overview shows them."""
    found = list_ranks(
        SYSTEM,
        reach_of(whose),
        year=year,
        as_of=as_of,
        counting=Counting(frozenset(), frozenset()),
        by=Ranking.COUNTED,
        limit=9,
        cursor=None,
        source=source,
    )
    regions = {one.key: added([part.sum for part in found.regions]) for one in found.regions}
    return [(one.row.unit.id, one.place, one.paid_fen) for one in found.units.items], regions


def reach_of(whose: Organisation) -> Reach:
    return Reach(whose.id, whose.lineage, whose.region_code, whose.region_prefix)


def added(sums: Any) -> Figures:
    rows: list[Sum] = list(sums)
    ids = {one.policy_id for one in rows if one.policy_id is not None}
    if not ids <= POLICIES.keys():
        POLICIES.update(get_policies(SYSTEM, ids))
    found = figures_of(rows, policies=POLICIES)
    return (
        found.reserved_fen,
        found.ordered_fen,
        found.accepted_fen,
        found.paid_fen,
        found.counted_fen,
    )
