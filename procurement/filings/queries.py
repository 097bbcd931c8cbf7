"""Which promises an actor sees, and what was done to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import selectinload

from kernel.actor import Actor
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import one
from procurement.filings.models import (
    EDITABLE,
    HANDED_IN,
    OPEN,
    PREPARING,
    Filing,
    FilingCarry,
    FilingId,
    FilingReminder,
    FilingStatus,
    FilingStep,
)
from registry.organisations.models import BUYERS, Organisation, OrganisationId
from registry.organisations.queries import visible
from registry.regions.rules import subtree_prefix


def lock_filing(actor: Actor, filing_id: FilingId) -> Filing:
    """Give a promise in the actor's sight, locked until the end of the transaction."""
    return _one(
        _seen(actor)
        .where(Filing.id == filing_id)
        .with_for_update(of=Filing)
        .execution_options(populate_existing=True)
    )


def get_filing(actor: Actor, filing_id: FilingId) -> Filing:
    """Give a promise in the actor's sight, or NotFound."""
    return _one(_seen(actor).where(Filing.id == filing_id))


def get_filing_with_steps(actor: Actor, filing_id: FilingId) -> Filing:
    """Give a promise with its steps, the first step first, or NotFound."""
    return _one(_seen(actor).where(Filing.id == filing_id).options(selectinload(Filing.steps)))


def list_filings(
    actor: Actor,
    *,
    year: int | None,
    status: FilingStatus | None,
    region_code: str | None,
    limit: int,
    cursor: str | None,
    unit_id: OrganisationId | None = None,
) -> Page[Filing]:
    """List the promises in the actor's sight, the newest first.

    Those of a unit are its own and those that it took over.
    """
    statement = _seen(actor)
    if unit_id is not None:
        statement = statement.where(_answers_for(unit_id))
    if year is not None:
        statement = statement.where(Filing.year == year)
    if status is not None:
        statement = statement.where(Filing.status == status)
    if region_code is not None:
        statement = statement.where(
            Organisation.region_code.startswith(subtree_prefix(region_code))
        )
    return page(
        statement,
        keys=[(Filing.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"year": year, "status": status, "region": region_code, "unit": unit_id},
    )


def list_preparers(actor: Actor, filing_id: FilingId) -> set[UUID]:
    """Give everybody who drafted, edited or submitted a promise."""
    del actor
    return set(
        db.session.execute(
            select(FilingStep.by_user_id).where(
                FilingStep.filing_id == filing_id, FilingStep.act.in_(PREPARING)
            )
        ).scalars()
    )


def find_in_force(actor: Actor, unit_id: OrganisationId, *, year: int) -> Filing | None:
    """Find the promise of a unit's year that is in force."""
    del actor
    return db.session.execute(
        _of_year(unit_id, year).where(Filing.status == FilingStatus.CONFIRMED)
    ).scalar_one_or_none()


def find_open(actor: Actor, unit_id: OrganisationId, *, year: int) -> Filing | None:
    """Find the promise of a unit's year, or the revision of one, that is under way."""
    del actor
    return db.session.execute(
        _of_year(unit_id, year).where(Filing.status.in_(OPEN))
    ).scalar_one_or_none()


def count_revisions(actor: Actor, unit_id: OrganisationId, *, year: int) -> int:
    """Give how many promises of a unit's year there are, whatever became of them."""
    del actor
    found = _of_year(unit_id, year).with_only_columns(func.max(Filing.revision))
    return db.session.scalar(found) or 0


def list_in_force(actor: Actor, unit_id: OrganisationId, *, year: int) -> Sequence[Filing]:
    """Give what a unit answers for in a year: its own promise first, then those taken over."""
    del actor
    statement = select(Filing).where(
        _answers_for(unit_id), Filing.year == year, Filing.status == FilingStatus.CONFIRMED
    )
    return db.session.scalars(statement.order_by(Filing.unit_id != unit_id, Filing.id)).all()


def list_answered_for(actor: Actor, unit_id: OrganisationId) -> Sequence[Filing]:
    """Give every promise in force that a unit made or took over, of all years, by key."""
    del actor
    statement = select(Filing).where(_answers_for(unit_id), Filing.status == FilingStatus.CONFIRMED)
    return db.session.scalars(statement.order_by(Filing.id)).all()


def lock_open(actor: Actor, unit_id: OrganisationId) -> Sequence[Filing]:
    """Give what a unit has under way, locked until the end of the transaction, by key."""
    del actor
    statement = select(Filing).where(Filing.unit_id == unit_id, Filing.status.in_(OPEN))
    return db.session.scalars(
        statement.order_by(Filing.id).with_for_update().execution_options(populate_existing=True)
    ).all()


def find_unit_by_code(actor: Actor, credit_code: str) -> OrganisationId | None:
    """Find a unit in sight by its credit code."""
    statement = select(Organisation.id).where(
        Organisation.credit_code == credit_code, visible(actor)
    )
    return db.session.scalar(statement)


def find_buyer_by_code(actor: Actor, credit_code: str) -> OrganisationId | None:
    """Find a purchasing unit by its credit code, in sight or not: a code is public."""
    del actor
    statement = select(Organisation.id).where(
        Organisation.credit_code == credit_code, Organisation.kind.in_(BUYERS)
    )
    return db.session.scalar(statement)


def list_not_filed(
    actor: Actor, *, year: int, region_code: str | None, limit: int, cursor: str | None
) -> Page[tuple[Organisation, FilingStatus | None]]:
    """List purchasing units in sight whose year has nothing handed in, with how far they are."""
    status = (
        select(Filing.status)
        .where(Filing.unit_id == Organisation.id, Filing.year == year, Filing.status.in_(EDITABLE))
        .scalar_subquery()
    )
    statement = select(Organisation, status).where(visible(actor), _owes_filing(year))
    if region_code is not None:
        prefix = subtree_prefix(region_code)
        statement = statement.where(Organisation.region_code.startswith(prefix))
    found = page(
        statement,
        keys=[(Organisation.id, False)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"year": year, "region": region_code},
    )
    return Page([(row[0], row[1]) for row in found.items], found.next_cursor)


def list_buyer_regions(actor: Actor) -> Sequence[str]:
    """Give the regions in which there are purchasing units."""
    del actor
    statement = select(Organisation.region_code).where(
        Organisation.kind.in_(BUYERS), Organisation.ended_on.is_(None)
    )
    return db.session.scalars(statement.distinct().order_by(Organisation.region_code)).all()


def list_unreminded(
    actor: Actor, *, region_code: str, year: int, deadline_on: date, days_left: int, limit: int
) -> Sequence[OrganisationId]:
    """Give units of a region that have not filed and were not reminded of this step, by key."""
    del actor
    told = select(FilingReminder.id).where(
        FilingReminder.unit_id == Organisation.id,
        FilingReminder.year == year,
        FilingReminder.deadline_on == deadline_on,
        FilingReminder.days_left <= days_left,
    )
    statement = select(Organisation.id).where(
        Organisation.region_code == region_code, _owes_filing(year), ~told.exists()
    )
    return db.session.scalars(statement.order_by(Organisation.id).limit(limit)).all()


def list_reminders(
    actor: Actor, *, year: int | None, limit: int, cursor: str | None
) -> Page[FilingReminder]:
    """List the reminders of units in sight, the newest first."""
    statement = (
        select(FilingReminder)
        .join(Organisation, Organisation.id == FilingReminder.unit_id)
        .where(visible(actor))
    )
    if year is not None:
        statement = statement.where(FilingReminder.year == year)
    return page(
        statement,
        keys=[(FilingReminder.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"year": year},
    )


def find_unit(actor: Actor, unit_id: OrganisationId | None) -> Organisation | None:
    """Find an organisation in the actor's sight; None finds none."""
    if unit_id is None:
        return None
    return db.session.execute(
        select(Organisation).where(Organisation.id == unit_id, visible(actor))
    ).scalar_one_or_none()


def _of_year(unit_id: OrganisationId, year: int) -> Select[Filing]:
    return select(Filing).where(Filing.unit_id == unit_id, Filing.year == year)


def _answers_for(unit_id: OrganisationId) -> ColumnElement[bool]:
    carried = select(FilingCarry.id).where(
        FilingCarry.filing_id == Filing.id, FilingCarry.to_unit_id == unit_id
    )
    return or_(Filing.unit_id == unit_id, carried.exists())


def _owes_filing(year: int) -> ColumnElement[bool]:
    handed_in = select(Filing.id).where(
        Filing.unit_id == Organisation.id, Filing.year == year, Filing.status.in_(HANDED_IN)
    )
    return and_(Organisation.kind.in_(BUYERS), Organisation.ended_on.is_(None), ~handed_in.exists())


def _seen(actor: Actor) -> Select[Filing]:
    return (
        select(Filing).join(Organisation, Organisation.id == Filing.unit_id).where(visible(actor))
    )


def _one(statement: Select[Filing]) -> Filing:
    return one(statement)
