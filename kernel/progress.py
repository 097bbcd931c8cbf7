"""How far long work has come: written beside its transaction, for show only."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table, update
from sqlalchemy.dialects.postgresql import insert

from kernel.database import Base, apart

ATTEMPTS = 8
"""After so many broken attempts a task is given up."""
GIVEN_UP = "given_up"


def begin_attempt(progress: type[Base], key: UUID, *, now: datetime) -> None:
    """Count an attempt at a piece of work, whatever becomes of it; nothing is done yet."""
    table = _table(progress)
    (name,) = table.primary_key.columns.keys()
    statement = insert(table).values({name: key, "done": 0, "attempts": 1, "at": now})
    statement = statement.on_conflict_do_update(
        index_elements=[name],
        set_={"done": 0, "attempts": table.c.attempts + 1, "at": now},
    )
    with apart() as connection:
        connection.execute(statement)


def note_progress(progress: type[Base], key: UUID, **figures: int) -> None:
    """Say how far a piece of work has come."""
    table = _table(progress)
    (column,) = table.primary_key.columns
    with apart() as connection:
        connection.execute(update(table).where(column == key).values(figures))


def _table(progress: type[Base]) -> Table:
    return cast("Table", progress.__table__)
