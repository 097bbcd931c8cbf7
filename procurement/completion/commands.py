"""Drawing up the completion report: where the sums of entries meet the policies.

Nothing is written; the report stands here because queries do not decide and rules do not ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from kernel.actor import SYSTEM, Actor, Sight
from kernel.errors import Invalid
from procurement.completion import queries
from procurement.completion.models import Reach, Sum
from procurement.completion.rules import Figures, check_region_reach, figures_of
from procurement.policies.commands import resolve_policy
from procurement.policies.queries import get_policies
from procurement.policies.rules import Resolution
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import get_organisation
from registry.regions.queries import get_region
from registry.regions.rules import NATION, subtree_prefix


@dataclass(frozen=True, slots=True)
class Question:
    """Whose completion is asked for: a unit with what stands under it, or a region."""

    year: int
    unit_id: OrganisationId | None = None
    region_code: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """The completion of one unit by itself."""

    unit: Organisation
    figures: Figures


@dataclass(frozen=True, slots=True)
class Report:
    """The completion asked for, the policy that holds there, and a page of its units."""

    unit_id: OrganisationId | None
    region_code: str
    year: int
    as_of: datetime
    figures: Figures
    policy: Resolution
    units: Sequence[UnitFigures]
    next_cursor: str | None


def report_completion(
    actor: Actor, question: Question, *, now: datetime, limit: int, cursor: str | None
) -> Report:
    """Draw up the completion of a unit's tree or a region, as of an instant (at most now).

    Without a unit or region the actor's own is meant. Refuses NotFound out of sight.
    """
    reach = _reach(actor, question)
    year, as_of = question.year, min(question.as_of or now, now)
    units = queries.list_units(actor, reach, year=year, as_of=as_of, limit=limit, cursor=cursor)
    unit_ids = [one.id for one in units.items]
    sums = queries.sum_entries(actor, reach, unit_ids=unit_ids, year=year, as_of=as_of)
    figures = _figures(actor, [None, *unit_ids], sums, year=year, as_of=as_of)
    return Report(
        unit_id=reach.unit_id,
        region_code=reach.region_code,
        year=year,
        as_of=as_of,
        figures=figures[None],
        policy=resolve_policy(SYSTEM, region_code=reach.region_code, year=year, situation=None),
        units=[UnitFigures(unit, figures[unit.id]) for unit in units.items],
        next_cursor=units.next_cursor,
    )


def _figures(
    actor: Actor,
    unit_ids: Sequence[OrganisationId | None],
    sums: Sequence[Sum],
    *,
    year: int,
    as_of: datetime,
) -> dict[OrganisationId | None, Figures]:
    """Give the figures of each unit, and under None those of the whole."""
    policies = get_policies(actor, {one.policy_id for one in sums if one.policy_id is not None})
    of_unit: dict[OrganisationId | None, list[Sum]] = {unit_id: [] for unit_id in unit_ids}
    for one in sums:
        of_unit[one.unit_id].append(one)
    return {
        unit_id: figures_of(rows, policies=policies, year=year, as_of=as_of)
        for unit_id, rows in of_unit.items()
    }


def _reach(actor: Actor, question: Question) -> Reach:
    """Say which units are meant; the reach's region is the one whose policy holds for them."""
    if question.unit_id is not None and question.region_code is not None:
        raise Invalid(pointer="/region", reason="单位与地区只能选一 / a unit or a region, not both")
    if question.region_code is not None:
        check_region_reach(question.region_code, by=actor)
        return _region(get_region(actor, question.region_code).code)
    if question.unit_id is None and actor.sight is not Sight.ORGANISATION:
        return _region(actor.region_code if actor.sight is Sight.REGION else NATION)
    asked = question.unit_id or actor.organisation_id
    unit = get_organisation(actor, cast("OrganisationId", asked))
    return Reach(unit.id, unit.lineage, unit.region_code, unit.region_prefix)


def _region(code: str) -> Reach:
    return Reach(None, None, code, subtree_prefix(code))
