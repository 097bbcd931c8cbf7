"""Drawing up the completion report: where the sums of entries meet the policies.

Nothing is written; the report stands here because queries do not decide and rules do not ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from kernel.actor import SYSTEM, Actor, Sight
from kernel.errors import Invalid
from procurement.completion.models import Ranked, Ranking, Reach, Sum, UnitRow
from procurement.completion.queries import ranking, sums, units
from procurement.completion.rules import figures, pace
from procurement.completion.rules.figures import Figures
from procurement.completion.rules.pace import Forecast
from procurement.policies.commands import resolve_policy
from procurement.policies.models import PolicyId, SharePolicy
from procurement.policies.queries import get_policies, list_all_policies
from procurement.policies.rules.resolutions import Resolution
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import get_organisation, list_places_left
from registry.regions.queries import get_region
from registry.regions.rules import NATION


@dataclass(frozen=True, slots=True)
class Question:
    """Whose completion is asked for: a unit with what stands under it, or a region."""

    year: int
    unit_id: OrganisationId | None = None
    region_code: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """The completion of one unit by itself, under the name it bore then."""

    row: UnitRow
    figures: Figures
    forecast: Forecast | None

    @property
    def unit(self) -> Organisation:
        """Give the unit."""
        return self.row.unit


@dataclass(frozen=True, slots=True)
class Report:
    """The completion asked for, the policy that holds there, and a page of its units."""

    unit_id: OrganisationId | None
    region_code: str
    year: int
    as_of: datetime
    figures: Figures
    forecast: Forecast | None
    policy: Resolution
    units: Sequence[UnitFigures]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class RegionFigures:
    """The completion of all units inside a region; its name is missing where the list has none."""

    code: str
    name: str | None
    figures: Figures


@dataclass(frozen=True, slots=True)
class RankedFigures:
    """A unit's place and completion; units that share a place share the next ones too."""

    row: UnitRow
    place: int | None
    figures: Figures

    @property
    def unit(self) -> Organisation:
        """Give the unit."""
        return self.row.unit


@dataclass(frozen=True, slots=True)
class Overview:
    """The completion of a region, of each region directly inside it, and its units by rank."""

    region_code: str
    year: int
    as_of: datetime
    figures: Figures
    forecast: Forecast | None
    regions: Sequence[RegionFigures]
    units: Sequence[RankedFigures]
    next_cursor: str | None


def report_completion(
    actor: Actor, question: Question, *, now: datetime, limit: int, cursor: str | None
) -> Report:
    """Draw up the completion of a unit's tree or a region, as of an instant (at most now).

    Without a unit or region the actor's own is meant. Refuses NotFound out of sight.
    """
    year, as_of = question.year, min(question.as_of or now, now)
    reach = reach_of(actor, question, as_of=as_of)
    policy = resolve_policy(SYSTEM, region_code=reach.region_code, year=year, situation=None)
    listed = units.list_units(actor, reach, year=year, as_of=as_of, limit=limit, cursor=cursor)
    rows = {row.unit.id: row for row in listed.items}
    asked = rows.get(cast("OrganisationId", reach.unit_id))
    if asked is None and reach.unit_id is not None:
        asked = units.get_unit_row(actor, reach.unit_id, year=year, as_of=as_of)
    found = sums.sum_units(actor, reach, unit_ids=list(rows), year=year, as_of=as_of)
    last = sums.sum_paid_months(actor, reach, unit_ids=list(rows), year=year - 1)
    policies = policies_of(actor, found)
    of_unit: dict[OrganisationId | None, list[Sum]] = {None: [], **{one: [] for one in rows}}
    for one in found:
        of_unit[one.unit_id].append(one)
    told = {
        unit_id: figures.figures_of(
            parts, policies=policies, unit=asked if unit_id is None else rows[unit_id]
        )
        for unit_id, parts in of_unit.items()
    }
    ahead = {
        unit_id: pace.forecast(of, year=year, as_of=as_of, last_year=last.get(unit_id, ()))
        for unit_id, of in told.items()
    }
    return Report(
        unit_id=reach.unit_id,
        region_code=reach.region_code,
        year=year,
        as_of=as_of,
        figures=told[None],
        forecast=ahead[None],
        policy=policy,
        units=[UnitFigures(row, told[key], ahead[key]) for key, row in rows.items()],
        next_cursor=listed.next_cursor,
    )


def report_overview(
    actor: Actor,
    question: Question,
    *,
    by: Ranking,
    now: datetime,
    limit: int,
    cursor: str | None,
) -> Overview:
    """Draw up a region with the regions inside it and a page of its units by rank.

    Whole, regions and units are one statement. Refuses NotFound out of sight.
    """
    year, as_of = question.year, min(question.as_of or now, now)
    reach = reach_of(actor, question, as_of=as_of)
    known = {policy.id: policy for policy in list_all_policies(actor)}
    ranks = ranking.list_ranks(
        actor,
        reach,
        year=year,
        as_of=as_of,
        counting=figures.counting_of(known.values()),
        by=by,
        limit=limit,
        cursor=cursor,
    )
    of_region: dict[str, list[Sum]] = {}
    for part in ranks.regions:
        of_region.setdefault(str(part.key).ljust(6, "0"), []).append(part.sum)
    names = units.list_region_names(actor, of_region)
    whole = figures.figures_of([part.sum for part in ranks.regions], policies=known)
    last = sums.sum_paid_months(actor, reach, unit_ids=(), year=year - 1)
    return Overview(
        region_code=reach.region_code,
        year=year,
        as_of=as_of,
        figures=whole,
        forecast=pace.forecast(whole, year=year, as_of=as_of, last_year=last.get(None, ())),
        regions=[
            RegionFigures(code, names.get(code), figures.figures_of(found, policies=known))
            for code, found in sorted(of_region.items())
        ],
        units=[_ranked(one) for one in ranks.units.items],
        next_cursor=ranks.units.next_cursor,
    )


def policies_of(actor: Actor, found: Iterable[Sum]) -> Mapping[PolicyId, SharePolicy]:
    """Give the policies that sums were filed under."""
    return get_policies(actor, {one.policy_id for one in found if one.policy_id is not None})


def reach_of(actor: Actor, question: Question, *, as_of: datetime) -> Reach:
    """Say which units are meant, by the tree of the instant.

    The reach's region is the one whose policy holds for them.
    """
    if question.unit_id is not None and question.region_code is not None:
        raise Invalid(pointer="/region", reason="单位与地区只能选一 / a unit or a region, not both")
    if question.region_code is not None:
        figures.check_region_reach(question.region_code, by=actor)
        return figures.region_reach(get_region(actor, question.region_code).code)
    if question.unit_id is None and actor.sight is not Sight.ORGANISATION:
        return figures.region_reach(actor.region_code if actor.sight is Sight.REGION else NATION)
    asked = question.unit_id or actor.organisation_id
    unit = get_organisation(actor, cast("OrganisationId", asked))
    is_past = question.as_of is not None  # nobody has left the tree of now after now
    return figures.tree_reach(unit, list_places_left(actor, after=as_of) if is_past else ())


def _ranked(one: Ranked) -> RankedFigures:
    return RankedFigures(one.row, one.place, figures.ranked_figures(one))
