"""How a unit stands on a day, who is behind, and places with ties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from kernel.calendar import year_bounds
from kernel.money import Fen
from procurement.completion.rules.figures import Figures
from procurement.completion.rules.pace import planned, season_at
from procurement.supervision.models.standings import Standing, UnitStanding, WatchedUnit
from registry.organisations.models import OrganisationId
from registry.regions.rules import COUNTY_DIGITS, child_length

WHOLE_BP = 10_000
PART_UNITS = 200
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Portion:
    """Some of a region's units: those whose places begin so, and how many they are."""

    region_prefix: str
    units: int


def portions(places: Sequence[str], *, within: str, most: int = PART_UNITS) -> list[Portion]:
    """Cut a region into portions of at most so many units; a county is never cut.

    `places` are the codes of its units' regions, `within` the beginning that they share.
    """
    if len(places) <= most or len(within) >= COUNTY_DIGITS:
        return [Portion(within, len(places))]
    of_child: dict[str, list[str]] = {}
    for code in places:
        of_child.setdefault(code[: child_length(within)], []).append(code)
    cut = (portions(codes, within=prefix, most=most) for prefix, codes in sorted(of_child.items()))
    return [one for found in cut for one in found]


def planned_fen(reserved: Fen, *, year: int, as_of: datetime) -> Fen:
    """Give what an even pace would have reached by the end of the day: half a fen goes up."""
    return planned(reserved, season_at(as_of, year=year, last_year=()))


def standing_of(
    unit: WatchedUnit, figures: Figures | None, *, year: int, as_of: datetime, behind_bp: int
) -> UnitStanding:
    """Say how a unit stands; a unit is behind by more than `behind_bp` of its plan.

    From the year's last instant on a promise is met or unmet, and nobody is behind any more.
    """
    reserved = figures.reserved_fen if figures else Fen(0)
    found = UnitStanding(
        unit=unit,
        standing=Standing.ON_TRACK,
        place=None,
        reserved_fen=reserved,
        ordered_fen=figures.ordered_fen if figures else Fen(0),
        accepted_fen=figures.accepted_fen if figures else Fen(0),
        paid_fen=figures.paid_fen if figures else Fen(0),
        counted_fen=figures.counted_fen if figures else Fen(0),
        planned_fen=planned_fen(reserved, year=year, as_of=as_of),
    )
    over = as_of >= year_bounds(year)[1] - INSTANT
    return replace(found, standing=_step_missed(found, over=over, behind_bp=behind_bp))


def _step_missed(found: UnitStanding, *, over: bool, behind_bp: int) -> Standing:
    unit = found.unit
    if not unit.activated:
        return Standing.NOT_ACTIVATED
    if not unit.confirmed:
        return _unconfirmed(unit)
    if found.reserved_fen <= 0:
        return Standing.NO_DUTY
    if found.ordered_fen <= 0 and found.paid_fen <= 0:
        return Standing.BOUGHT_NOTHING
    if over:
        return Standing.UNMET if found.owed_fen else Standing.ON_TRACK
    late = found.counted_fen * WHOLE_BP < found.planned_fen * (WHOLE_BP - behind_bp)
    return Standing.BEHIND if late else Standing.ON_TRACK


def _unconfirmed(unit: WatchedUnit) -> Standing:
    if unit.returned:
        return Standing.RETURNED
    return Standing.UNCONFIRMED if unit.filed else Standing.NOT_FILED


def rank(found: Sequence[UnitStanding]) -> list[UnitStanding]:
    """Give each unit with a promise its place by its rate; equals share a place (1, 2, 2, 4).

    Rates are compared as the fractions they are. Units without a promise come last, unplaced;
    inside a place the credit code orders.
    """
    ordered = sorted(found, key=lambda one: (-_rate(one), one.unit.credit_code))
    ranked: list[UnitStanding] = []
    for position, one in enumerate(ordered, start=1):
        before = ranked[-1] if ranked else None
        tied = before is not None and _rate(before) == _rate(one)
        place = before.place if before is not None and tied else position
        ranked.append(replace(one, place=place if one.reserved_fen > 0 else None))
    return ranked


def _rate(one: UnitStanding) -> Fraction:
    if one.reserved_fen <= 0:
        return Fraction(-1)
    return Fraction(one.counted_fen, one.reserved_fen)


def stand(
    units: Sequence[WatchedUnit],
    figures: Mapping[OrganisationId, Figures],
    *,
    year: int,
    as_of: datetime,
    behind_bp: int,
) -> list[UnitStanding]:
    """Say how all units stand, ranked."""
    return rank(
        [
            standing_of(one, figures.get(one.id), year=year, as_of=as_of, behind_bp=behind_bp)
            for one in units
        ]
    )
