"""Which promises an actor sees, and what was done to them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from kernel.actor import Actor
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import one
from procurement.filings.models import PREPARING, Filing, FilingId, FilingStatus, FilingStep
from registry.organisations.models import Organisation, OrganisationId
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
) -> Page[Filing]:
    """List the promises in the actor's sight, the newest first."""
    statement = _seen(actor)
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
        filters={"year": year, "status": status, "region": region_code},
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


def find_unit(actor: Actor, unit_id: OrganisationId | None) -> Organisation | None:
    """Find an organisation in the actor's sight; None finds none."""
    if unit_id is None:
        return None
    return db.session.execute(
        select(Organisation).where(Organisation.id == unit_id, visible(actor))
    ).scalar_one_or_none()


def _seen(actor: Actor) -> Select[Filing]:
    return (
        select(Filing).join(Organisation, Organisation.id == Filing.unit_id).where(visible(actor))
    )


def _one(statement: Select[Filing]) -> Filing:
    return one(statement)
