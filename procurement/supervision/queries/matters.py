"""Which matters an actor may know of, what was done about them, and which are late."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, func, select

from kernel.actor import Actor
from kernel.calendar import ONE_DAY, start_of_day
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked, one
from procurement.supervision.models.matters import (
    Cause,
    Matter,
    MatterAct,
    MatterId,
    MatterStatus,
    MatterStep,
    Talk,
)
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible
from registry.regions.rules import subtree_prefix

UNDER_WAY = (MatterStatus.PROPOSED, MatterStatus.OPEN, MatterStatus.REPORTED)
UNKNOWN_TO_THE_UNIT = (MatterStatus.PROPOSED, MatterStatus.DISMISSED)


@dataclass(frozen=True, slots=True)
class MatterView:
    """A matter with its unit, every step, and the talks about it."""

    matter: Matter
    unit: Organisation
    steps: Sequence[MatterStep]
    talks: Sequence[Talk]


def lock_matter(actor: Actor, matter_id: MatterId) -> Matter:
    """Get a matter the actor may know of, locked (NotFound)."""
    return locked(_seen(actor).where(Matter.id == matter_id), of=Matter)


def get_matter_view(actor: Actor, matter_id: MatterId) -> MatterView:
    """Get a matter the actor may know of, with all that was done about it (NotFound)."""
    matter = one(_seen(actor).where(Matter.id == matter_id))
    steps = select(MatterStep).where(MatterStep.matter_id == matter.id)
    talks = select(Talk).where(Talk.matter_id == matter.id)
    return MatterView(
        matter=matter,
        unit=db.session.get_one(Organisation, matter.unit_id),
        steps=list(db.session.scalars(steps.order_by(MatterStep.position))),
        talks=list(db.session.scalars(talks.order_by(Talk.called_on, Talk.id))),
    )


def list_matters(
    actor: Actor,
    *,
    year: int | None,
    cause: Cause | None,
    status: MatterStatus | None,
    region_code: str | None,
    unit_id: OrganisationId | None,
    limit: int,
    cursor: str | None,
) -> Page[Matter]:
    """List the matters the actor may know of, the newest first."""
    asked = {"year": year, "cause": cause, "status": status, "unit_id": unit_id}
    statement = _seen(actor)
    for name, value in asked.items():
        if value is not None:
            statement = statement.where(getattr(Matter, name) == value)
    if region_code is not None:
        statement = statement.where(_inside(region_code))
    return page(
        statement,
        keys=[(Matter.id, True)],
        limit=limit,
        cursor=cursor,
        filters=asked | {"region": region_code},
    )


def count_matters(
    actor: Actor, *, year: int, region_code: str | None
) -> list[tuple[Cause, MatterStatus, int]]:
    """Count a year's matters by cause and state."""
    number = func.count()
    statement = (
        select(Matter.cause, Matter.status, number)
        .join(Organisation, Organisation.id == Matter.unit_id)
        .where(_known(actor), Matter.year == year)
        .group_by(Matter.cause, Matter.status)
        .order_by(Matter.cause, Matter.status)
    )
    if region_code is not None:
        statement = statement.where(_inside(region_code))
    return [(*row,) for row in db.session.execute(statement)]


def find_pending_talk(actor: Actor, matter_id: MatterId) -> Talk | None:
    """Find the talk that was called and not held yet."""
    del actor
    statement = select(Talk).where(Talk.matter_id == matter_id, Talk.held_on.is_(None))
    return db.session.scalars(statement).one_or_none()


def lock_under_way(
    actor: Actor, unit_ids: Collection[OrganisationId], *, year: int, cause: Cause
) -> dict[OrganisationId, Matter]:
    """Give the matters of a cause that are under way for these units, locked, by unit."""
    del actor
    statement = (
        select(Matter)
        .where(
            Matter.unit_id.in_(unit_ids),
            Matter.year == year,
            Matter.cause == cause,
            Matter.status.in_(UNDER_WAY),
        )
        .order_by(Matter.id)
        .with_for_update()
    )
    return {matter.unit_id: matter for matter in db.session.scalars(statement)}


def list_told_on(actor: Actor, matter_ids: Collection[MatterId], *, day: date) -> set[MatterId]:
    """Give those of the matters whose unit was told something on a Shanghai day."""
    del actor
    begins = start_of_day(day)
    statement = select(MatterStep.matter_id).where(
        MatterStep.matter_id.in_(matter_ids),
        MatterStep.act.in_((MatterAct.OPEN, MatterAct.REMIND)),
        MatterStep.at >= begins,
        MatterStep.at < begins + ONE_DAY,
    )
    return set(db.session.scalars(statement))


def lock_overdue(actor: Actor, *, today: date, limit: int) -> list[Matter]:
    """Give open matters whose deadline is over and that nobody was told of, locked."""
    del actor
    statement = (
        select(Matter)
        .where(
            Matter.status == MatterStatus.OPEN,
            Matter.overdue_at.is_(None),
            Matter.deadline_on <= today,
        )
        .order_by(Matter.deadline_on, Matter.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(db.session.scalars(statement))


def _seen(actor: Actor) -> Select[Matter]:
    statement = select(Matter).join(Organisation, Organisation.id == Matter.unit_id)
    return statement.where(_known(actor))


def _known(actor: Actor) -> ColumnElement[bool]:
    """Say that the unit is in sight; what is only proposed is not shown to the unit itself."""
    hidden = and_(Matter.unit_id == actor.organisation_id, Matter.status.in_(UNKNOWN_TO_THE_UNIT))
    return and_(visible(actor), ~hidden)


def _inside(region_code: str) -> ColumnElement[bool]:
    return Organisation.region_code.startswith(subtree_prefix(region_code))
