"""Which circulars an actor may read."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import defer

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.errors import NotFound
from kernel.paging import Page, page
from kernel.rows import locked, one
from procurement.supervision.models.circulars import (
    Circular,
    CircularId,
    CircularProgress,
    CircularStatus,
    CircularView,
)
from registry.regions.models import Region
from registry.regions.rules import subtree_prefix

OUT = (CircularStatus.ISSUED, CircularStatus.WITHDRAWN)


def get_circular(actor: Actor, circular_id: CircularId) -> Circular:
    """Get a circular the actor may read (NotFound)."""
    return one(select(Circular).where(Circular.id == circular_id, _seen(actor)))


def lock_circular(actor: Actor, circular_id: CircularId) -> Circular:
    """Get a circular the actor may read, locked (NotFound)."""
    return locked(select(Circular).where(Circular.id == circular_id, _seen(actor)))


def lock_waiting_circular(actor: Actor) -> Circular | None:
    """Give a circular that waits to be drawn up and that no other task holds, locked.

    What was tried least comes first.
    """
    return db.session.scalar(
        select(Circular)
        .outerjoin(CircularProgress, CircularProgress.circular_id == Circular.id)
        .where(Circular.status == CircularStatus.DRAWING, _seen(actor))
        .order_by(func.coalesce(CircularProgress.attempts, 0), Circular.drawn_at, Circular.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Circular)
        .execution_options(populate_existing=True)
    )


def count_attempts(actor: Actor, circular_id: CircularId) -> int:
    """Count how often a task began to draw up a circular the actor may read."""
    attempts = (
        select(CircularProgress.attempts)
        .join(Circular, Circular.id == CircularProgress.circular_id)
        .where(Circular.id == circular_id, _seen(actor))
    )
    return db.session.scalar(attempts) or 0


def get_circular_view(actor: Actor, circular_id: CircularId) -> CircularView:
    """Get a circular the actor may read, with how far it is drawn up (NotFound)."""
    row = db.session.execute(_views(actor).where(Circular.id == circular_id)).one_or_none()
    if row is None:
        raise NotFound
    return _view(*row)


def list_circulars(
    actor: Actor, *, year: int | None, region_code: str | None, limit: int, cursor: str | None
) -> Page[CircularView]:
    """List the circulars the actor may read, the newest first, without their contents."""
    statement = _views(actor).options(defer(Circular.contents, raiseload=True))
    if year is not None:
        statement = statement.where(Circular.year == year)
    if region_code is not None:
        statement = statement.where(Circular.region_code.startswith(subtree_prefix(region_code)))
    found = page(
        statement,
        keys=[(Circular.id, True)],
        limit=limit,
        cursor=cursor,
        filters={"year": year, "region": region_code},
        scalars=False,
    )
    return Page([_view(*row) for row in found.items], found.next_cursor)


def _views(actor: Actor) -> Any:
    progress = CircularProgress
    name = func.coalesce(Circular.contents["region"]["name"].as_string(), Region.name)
    return (
        select(Circular, name, progress.rows, progress.done, progress.attempts)
        .join(Region, Region.code == Circular.region_code)
        .outerjoin(progress, progress.circular_id == Circular.id)
        .where(_seen(actor))
    )


def _view(
    found: Circular, region_name: str, rows: int | None, done: int | None, attempts: int | None
) -> CircularView:
    return CircularView(found, region_name, rows, done or 0, attempts or 0)


def _seen(actor: Actor) -> ColumnElement[bool]:
    """Say that it is of the actor's region or of one around it; before it is out, of their own.

    A circular goes to everybody in its region, and upward to who watches over it.
    """
    if actor.sight is Sight.ALL:
        return true()
    code = actor.region_code
    around = [code[:length].ljust(len("000000"), "0") for length in (0, 2, 4, 6)]
    inside: ColumnElement[bool] = Circular.region_code.in_([*around, code])
    if actor.sight is Sight.REGION:
        inside = or_(inside, Circular.region_code.startswith(actor.region_prefix))
    out = Circular.status.in_(OUT)
    own = Circular.organisation_id == actor.organisation_id
    return func.coalesce(or_(own, out & inside), False)
