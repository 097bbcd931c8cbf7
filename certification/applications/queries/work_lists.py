"""What waits for whose decision, the longest overdue first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from certification.applications.models import Application
from kernel.actor import Actor
from kernel.paging import Page, page


@dataclass(frozen=True)
class WorkItem:
    """An application that waits for an office, and whether its day is over."""

    application: Application
    is_overdue: bool


def list_waiting(
    actor: Actor, *, overdue: bool | None, today: date, limit: int, cursor: str | None
) -> Page[WorkItem]:
    """List what waits for the actor's office: its place names the level, overdue first.

    Only what the office must act on itself; `overdue` keeps what is (or is not yet) late.
    """
    query = select(Application).where(Application.waiting_region_code == actor.region_code)
    if overdue is not None:
        late = Application.due_on < today
        query = query.where(late if overdue else ~late)
    found = page(
        query,
        keys=[(Application.due_on, False), (Application.id, False)],
        limit=limit,
        cursor=cursor,
        filters={"overdue": overdue, "place": actor.region_code},
    )
    items = [WorkItem(one, one.due_on < today) for one in found.items]
    return Page(items, found.next_cursor)
