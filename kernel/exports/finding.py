"""Which exports an actor sees: what they asked for themselves, and nobody else's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from kernel.actor import Actor
from kernel.database import db
from kernel.errors import NotFound
from kernel.exports.models import ExportProgress, ExportState, SheetExport
from kernel.paging import Page, page


@dataclass(frozen=True)
class ExportView:
    """An export with its progress."""

    found: SheetExport
    done: int
    attempts: int


def get_export(actor: Actor, export_id: UUID) -> ExportView:
    """Give an export that the actor asked for, or NotFound."""
    row = db.session.execute(_own(actor).where(SheetExport.id == export_id)).one_or_none()
    if row is None:
        raise NotFound
    return _view(*row)


def list_exports(actor: Actor, *, limit: int, cursor: str | None) -> Page[ExportView]:
    """List what the actor asked for, the newest first."""
    keys = [(SheetExport.id, True)]
    found = page(_own(actor), keys=keys, limit=limit, cursor=cursor, scalars=False)
    return Page([_view(*row) for row in found.items], found.next_cursor)


def count_waiting(actor: Actor) -> int:
    """Count what the actor asked for and is not made yet."""
    waiting = select(func.count(SheetExport.id)).where(
        SheetExport.user_id == actor.user_id, SheetExport.state == ExportState.ASKED
    )
    return db.session.scalar(waiting) or 0


def _own(actor: Actor) -> Any:
    return (
        select(SheetExport, ExportProgress.done, ExportProgress.attempts)
        .outerjoin(ExportProgress, ExportProgress.export_id == SheetExport.id)
        .where(
            SheetExport.user_id == actor.user_id,
            SheetExport.organisation_id == actor.organisation_id,
        )
    )


def _view(found: SheetExport, done: int | None, attempts: int | None) -> ExportView:
    return ExportView(found, done or 0, attempts or 0)
