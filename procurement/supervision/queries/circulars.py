"""Which circulars an actor may read."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, or_, select, true

from kernel.actor import Actor, Sight
from kernel.paging import Page, page
from kernel.rows import locked, one
from procurement.supervision.models.circulars import (
    Circular,
    CircularId,
    CircularStatus,
)
from registry.regions.rules import subtree_prefix


def get_circular(actor: Actor, circular_id: CircularId) -> Circular:
    """Get a circular the actor may read (NotFound)."""
    return one(select(Circular).where(Circular.id == circular_id, _seen(actor)))


def lock_circular(actor: Actor, circular_id: CircularId) -> Circular:
    """Get a circular the actor may read, locked (NotFound)."""
    return locked(select(Circular).where(Circular.id == circular_id, _seen(actor)))


def list_circulars(
    actor: Actor, *, year: int | None, region_code: str | None, limit: int, cursor: str | None
) -> Page[Circular]:
    """List the circulars the actor may read, the newest first."""
    statement = select(Circular).where(_seen(actor))
    if year is not None:
        statement = statement.where(Circular.year == year)
    if region_code is not None:
        statement = statement.where(Circular.region_code.startswith(subtree_prefix(region_code)))
    return page(
        statement,
        keys=[(Circular.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"year": year, "region": region_code},
    )


def _seen(actor: Actor) -> ColumnElement[bool]:
    """Say that it is of the actor's region or of one around it; a draft is its own bureau's.

    A circular goes to everybody in its region, and upward to who watches over it.
    """
    if actor.sight is Sight.ALL:
        return true()
    code = actor.region_code
    around = [code[:length].ljust(len("000000"), "0") for length in (0, 2, 4, 6)]
    inside: ColumnElement[bool] = Circular.region_code.in_([*around, code])
    if actor.sight is Sight.REGION:
        inside = or_(inside, Circular.region_code.startswith(actor.region_prefix))
    out = Circular.status != CircularStatus.DRAFT
    own = Circular.organisation_id == actor.organisation_id
    return func.coalesce(or_(own, out & inside), False)
