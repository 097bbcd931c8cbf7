"""Drawing up what anybody may read: figures of regions behind which enough stand.

Nothing is written; it stands here because queries do not decide and rules do not ask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kernel.actor import SYSTEM
from kernel.calendar import shanghai_day, start_of_day, year_bounds
from kernel.money import Fen
from marketplace.openness import queries
from marketplace.openness.rules import LEAST, Amounts, Published, Table, members_inside, publish
from procurement.completion.commands.reports import Overview, Question, report_overview
from procurement.completion.models import Ranking, Reach
from procurement.completion.queries.units import count_units
from registry.regions.queries import get_region, list_regions_of
from registry.regions.rules import NATION, subtree_prefix


@dataclass(frozen=True, slots=True)
class OpenRow:
    """What is said of one region, of the rest of them, or of the whole.

    `units` bought (amounts by where they are registered), `households` were given something (by
    where they live); None where too few stand behind it.
    """

    code: str | None
    name: str | None
    units: int | None
    reserved_fen: Fen | None
    paid_fen: Fen | None
    counted_fen: Fen | None
    rate: Decimal | None
    households: int | None
    attributed_fen: Fen | None


@dataclass(frozen=True, slots=True)
class OpenFigures:
    """The figures of a region and of those directly inside it, as of the end of a day."""

    region_code: str
    year: int
    as_of: datetime
    whole: OpenRow
    regions: Sequence[OpenRow]
    rest: OpenRow | None
    least: int = LEAST

    @property
    def rows(self) -> Sequence[OpenRow]:
        """Give all rows, the whole first and the rest last."""
        return [self.whole, *self.regions, *([self.rest] if self.rest else [])]


def draw_open_figures(region_code: str | None, *, year: int, now: datetime) -> OpenFigures:
    """Draw up what anybody may read of a region in a year: NotFound where there is none such.

    As of the last midnight, and never as of an instant that is asked for: who could take one
    instant off another would learn what one unit paid between them.
    """
    code = NATION if region_code in {None, NATION} else get_region(SYSTEM, str(region_code)).code
    begins, ends = year_bounds(year)
    as_of = min(start_of_day(shanghai_day(now)), ends)
    found = report_overview(
        SYSTEM, Question(year, region_code=None if code == NATION else code, as_of=as_of),
        by=Ranking.COUNTED, now=now, limit=1, cursor=None,
    )  # fmt: skip
    units = count_units(SYSTEM, Reach(None, None, NATION, ""), year=year, as_of=as_of)
    bought = publish(code, members=units, amounts=_bought(found))
    given = queries.sum_given(SYSTEM, since=begins, until=as_of)
    households = {place: count for place, (count, _) in given.items()}
    shared = publish(code, members=households, amounts=_given(code, given))
    codes = sorted({*bought.regions, *shared.regions})
    names = {one: region.name for one, region in list_regions_of(SYSTEM, [code, *codes]).items()}
    rates = {one.code: one.figures.rate for one in found.regions}
    return OpenFigures(
        region_code=code,
        year=year,
        as_of=as_of,
        whole=_row(code, names.get(code), bought.whole, shared.whole, found.figures.rate),
        regions=[
            _row(one, names.get(one), bought.regions.get(one), shared.regions.get(one),
                 rates.get(one))
            for one in codes
        ],
        rest=_rest(bought, shared),
    )  # fmt: skip


def _bought(found: Overview) -> dict[str, Amounts]:
    return {
        one.code: (one.figures.reserved_fen, one.figures.paid_fen, one.figures.counted_fen)
        for one in found.regions
    }


def _given(region_code: str, given: Mapping[str, tuple[int, Fen]]) -> dict[str, Amounts]:
    amounts = {place: amount for place, (_, amount) in given.items()}
    inside = members_inside(subtree_prefix(region_code), amounts)
    return {place: (Fen(amount),) for place, amount in inside.items()}


def _rest(bought: Table, shared: Table) -> OpenRow | None:
    if bought.rest is None and shared.rest is None:
        return None
    return _row(None, None, bought.rest, shared.rest, None)


def _row(
    code: str | None,
    name: str | None,
    bought: Published | None,
    shared: Published | None,
    rate: Decimal | None,
) -> OpenRow:
    reserved, paid, counted = (bought and bought.amounts) or (None, None, None)
    (attributed,) = (shared and shared.amounts) or (None,)
    return OpenRow(
        code=code,
        name=name,
        units=None if bought is None else bought.members,
        reserved_fen=reserved,
        paid_fen=paid,
        counted_fen=counted,
        rate=None if reserved is None else rate,
        households=None if shared is None else shared.members,
        attributed_fen=attributed,
    )
