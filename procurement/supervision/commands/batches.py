"""Asking many units at once: whoever stands so is told, or proposed to be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kernel.actor import Actor
from kernel.calendar import shanghai_day, shanghai_year, year_bounds
from kernel.errors import Invalid
from procurement.supervision.commands.matters import (
    NewMatter,
    Word,
    make_matter,
    note_step,
)
from procurement.supervision.commands.standings import watch
from procurement.supervision.commands.terms import deadline_for
from procurement.supervision.models.matters import Matter, MatterAct, MatterId, MatterStatus
from procurement.supervision.models.standings import CAUSES, Standing
from procurement.supervision.queries.matters import list_told_on, lock_under_way
from procurement.supervision.rules.circulars import INSTANT
from registry.organisations.models import Organisation
from registry.organisations.queries import get_organisation

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of every unit of a region that stands so; `proposed` only proposes it."""

    region_code: str
    year: int
    standing: Standing
    demand: str
    proposed: bool


@dataclass(frozen=True, slots=True)
class Told:
    """How many matters were made, how many units were reminded, and how many are left."""

    made: int
    reminded: int
    left: int


def tell_units(new: Demand, *, by: Actor, now: datetime) -> Told:
    """Make a matter of every unit that stands so today, or remind it of the one under way.

    Nobody is told of the same twice a day. At most `MOST_AT_ONCE` units are told; the same call
    goes on with those left. All or none. Refuses NotFound, and Invalid for a
    standing that asks for nothing.
    """
    if new.standing not in CAUSES:
        reason = "该状况无须督办 / nothing is asked of units that stand so"
        raise Invalid(pointer="/standing", reason=reason)
    cause = CAUSES[new.standing]
    as_of = now if shanghai_year(now) == new.year else year_bounds(new.year)[1] - INSTANT
    seen = watch(by, new.region_code, year=new.year, as_of=min(now, as_of))
    units = [
        one.unit.id
        for one in seen.units
        if one.standing is new.standing and one.unit.id != by.organisation_id
    ]
    under_way = lock_under_way(by, units, year=new.year, cause=cause)
    told = list_told_on(by, [one.id for one in under_way.values()], day=shanghai_day(now))
    waiting = [one for one in units if not _is_done(under_way.get(one), told, new=new, by=by)]
    made = reminded = 0
    deadlines: dict[str, date] = {}
    for unit_id in waiting[:MOST_AT_ONCE]:
        if unit_id in under_way:
            note_step(under_way[unit_id], MatterAct.REMIND, Word(new.demand), by=by, now=now)
            reminded += 1
            continue
        unit = get_organisation(by, unit_id)
        deadline_on = None if new.proposed else _deadline(unit, deadlines, now=now)
        wanted = NewMatter(unit_id, new.year, cause, new.demand)
        make_matter(unit, wanted, deadline_on=deadline_on, by=by, now=now)
        made += 1
    return Told(made, reminded, len(waiting) - made - reminded)


def _is_done(matter: Matter | None, told: set[MatterId], *, new: Demand, by: Actor) -> bool:
    """Say that nothing is to be done about a unit: it was told today, or others see to it."""
    if matter is None:
        return False
    ours = matter.status is MatterStatus.OPEN and matter.by_organisation_id == by.organisation_id
    return new.proposed or not ours or matter.id in told


def _deadline(unit: Organisation, known: dict[str, date], *, now: datetime) -> date:
    if unit.region_code not in known:
        known[unit.region_code] = deadline_for(unit.region_code, today=shanghai_day(now))
    return known[unit.region_code]
