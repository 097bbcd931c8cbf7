"""Drawing up how the units of a region stand; nothing is written.

It stands here because queries do not decide and rules do not ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from kernel.actor import Actor
from kernel.calendar import shanghai_day
from procurement.completion.models import Axis, Reach, Sum
from procurement.completion.queries.sums import sum_parts
from procurement.completion.rules.figures import (
    Figures,
    check_region_reach,
    figures_of,
    region_reach,
)
from procurement.policies.queries import get_policies
from procurement.supervision.commands.terms import get_supervision_terms
from procurement.supervision.models.standings import LatePayment, UnitStanding, WatchedUnit
from procurement.supervision.models.terms import SupervisionRule
from procurement.supervision.queries.standings import (
    list_unpaid_movements,
    list_watched_units,
)
from procurement.supervision.queries.terms import list_payment_terms
from procurement.supervision.rules import payments
from procurement.supervision.rules.standings import portions, stand
from registry.organisations.models import OrganisationId
from registry.regions.models import Region
from registry.regions.queries import get_region

Told = Callable[[int, int], None]
"""Hears of how many units the figures are added up, and how many there are."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How all budget units of a region stand as of an instant, and by which terms."""

    region: Region
    year: int
    as_of: datetime
    terms: SupervisionRule
    units: Sequence[UnitStanding]


def watched_region(
    actor: Actor, region_code: str, *, as_of: datetime
) -> tuple[Region, SupervisionRule]:
    """Give a region and its terms as of an instant (NotFound out of sight, NoSupervisionTerms)."""
    check_region_reach(region_code, by=actor)
    region = get_region(actor, region_code)
    return region, get_supervision_terms(region.code, on=shanghai_day(as_of))


def watch(
    actor: Actor, region_code: str, *, year: int, as_of: datetime, told: Told | None = None
) -> Watch:
    """Say how the budget units of a region stand as of an instant.

    Where somebody is `told` how far it is, figures are added up in portions; they are the same.
    Refuses NotFound out of sight, NoSupervisionTerms.
    """
    region, terms = watched_region(actor, region_code, as_of=as_of)
    reach = region_reach(region.code)
    watched = list_watched_units(actor, reach, year=year, as_of=as_of)
    if told is None:
        figures = _figures(actor, [reach], year=year, as_of=as_of)
    else:
        portioned = _in_portions(reach, watched, told)
        figures = _figures(actor, portioned, year=year, as_of=as_of)
    units = stand(watched, figures, year=year, as_of=as_of, behind_bp=terms.behind_bp)
    return Watch(region, year, as_of, terms, units)


def late_payments(actor: Actor, region_code: str, *, as_of: datetime) -> list[LatePayment]:
    """Say which orders of a region's units should have been paid for (NotFound out of sight)."""
    check_region_reach(region_code, by=actor)
    terms = list_payment_terms(actor)
    shortest = min((one.standard_days for one in terms), default=0)
    reach = region_reach(get_region(actor, region_code).code)
    moved = list_unpaid_movements(actor, reach, as_of=as_of, shortest_days=shortest)
    found = (
        payments.late_payment(rows, terms=terms, on=shanghai_day(as_of)) for rows in moved.values()
    )
    return [one for one in found if one is not None]


def _in_portions(reach: Reach, watched: Sequence[WatchedUnit], told: Told) -> Iterator[Reach]:
    """Give the portions of a region, and tell after each how far it is."""
    done = 0
    told(done, len(watched))
    for one in portions([one.region_code for one in watched], within=reach.region_prefix):
        yield replace(reach, region_prefix=one.region_prefix)
        done += one.units
        told(done, len(watched))


def _figures(
    actor: Actor, reaches: Iterable[Reach], *, year: int, as_of: datetime
) -> Mapping[OrganisationId, Figures]:
    parts = [
        part
        for reach in reaches
        for part in sum_parts(actor, reach, axis=Axis.UNIT, year=year, as_of=as_of)
    ]
    of_unit: dict[OrganisationId, list[Sum]] = {}
    for one in parts:
        if one.key is not None:
            of_unit.setdefault(OrganisationId(UUID(one.key)), []).append(one.sum)
    asked = {one.sum.policy_id for one in parts if one.sum.policy_id is not None}
    policies = get_policies(actor, asked)
    return {unit: figures_of(rows, policies=policies) for unit, rows in of_unit.items()}
