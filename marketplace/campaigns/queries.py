"""Which standing orders an actor sees and may change, what became of their weeks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, true

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked, one
from marketplace.campaigns.models import (
    Measure,
    StandingOrder,
    StandingOrderId,
    StandingStatus,
    StandingWeek,
)
from marketplace.catalogue.models.listings import Listing, ListingId
from registry.organisations.models import Organisation, OrganisationId
from registry.organisations.queries import visible


def get_standing(actor: Actor, standing_id: StandingOrderId) -> StandingOrder:
    """Get a standing order in the actor's sight (NotFound)."""
    return one(select(StandingOrder).where(StandingOrder.id == standing_id, _visible(actor)))


def lock_standing(actor: Actor, standing_id: StandingOrderId) -> StandingOrder:
    """Get a standing order that is bought by or for the actor's side, locked (NotFound)."""
    return locked(select(StandingOrder).where(StandingOrder.id == standing_id, _own(actor)))


def list_standing(
    actor: Actor,
    *,
    status: StandingStatus | None,
    bound_unit_id: OrganisationId | None,
    limit: int,
    cursor: str | None,
) -> Page[StandingOrder]:
    """List the standing orders in the actor's sight, the newest first."""
    asked = {"status": status, "bound_unit_id": bound_unit_id}
    filters = {name: value for name, value in asked.items() if value is not None}
    return page(
        select(StandingOrder).where(_visible(actor)).filter_by(**filters),
        keys=[(StandingOrder.id, True)],
        limit=limit,
        cursor=cursor,
        filters=asked,
    )


def list_weeks(
    actor: Actor, standing_id: StandingOrderId, *, limit: int, cursor: str | None
) -> Page[StandingWeek]:
    """List what became of the weeks of a standing order in sight, the last first (NotFound)."""
    standing = get_standing(actor, standing_id)
    return page(
        select(StandingWeek).where(StandingWeek.standing_order_id == standing.id),
        keys=[(StandingWeek.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"standing_order_id": standing.id},
    )


def find_due_standing(actor: Actor, *, now: datetime) -> StandingOrder | None:
    """Find and lock the standing order that was due first; what others hold is left to them."""
    del actor  # only the timer asks
    return db.session.scalar(
        select(StandingOrder)
        .where(StandingOrder.due_at <= now)
        .order_by(StandingOrder.due_at, StandingOrder.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def find_unit(actor: Actor, unit_id: OrganisationId) -> Organisation | None:
    """Find a unit that lives; whether the actor may buy for it is for the rules to say."""
    del actor
    return db.session.scalar(
        select(Organisation).where(Organisation.id == unit_id, Organisation.ended_on.is_(None))
    )


def list_measures(actor: Actor, listing_ids: Iterable[ListingId]) -> dict[ListingId, Measure]:
    """Give in what listings are sold; what does not exist is missing."""
    del actor  # what is on sale is public, and placing decides whether it still is
    found = db.session.execute(
        select(Listing.id, Listing.title, Listing.unit, Listing.step, Listing.unit_weight_kg).where(
            Listing.id.in_(set(listing_ids))
        )
    )
    return {row.id: Measure(*row[1:]) for row in found}


def _own(actor: Actor) -> ColumnElement[bool]:
    units = select(Organisation.id).where(
        Organisation.lineage.startswith(actor.lineage or "nowhere")
    )
    return or_(StandingOrder.buyer_id.in_(units), StandingOrder.bound_unit_id.in_(units))


def _visible(actor: Actor) -> ColumnElement[bool]:
    if actor.sight is Sight.ALL:
        return true()
    seen = select(Organisation.id).where(visible(actor))
    return or_(StandingOrder.buyer_id.in_(seen), StandingOrder.bound_unit_id.in_(seen))
