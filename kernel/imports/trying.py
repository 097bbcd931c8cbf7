"""Import a list by the command that its door uses: every rule holds, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy.exc import IntegrityError

from kernel.actor import Actor
from kernel.database import constraint_of, db
from kernel.errors import Refusal
from kernel.journal import journal
from kernel.sheets.importing import Objection, RowRefused
from kernel.sheets.loading import Row

Command = Callable[..., Any]
"""`(record, *, by, now)`: writes one row, or refuses."""


class _Undone(Exception):
    """The trial is over: whatever it wrote is taken back."""


class RowByRow:
    """An importer that runs a command for each row; to check is to try, and take it all back.

    For lists of thousands of rows. Tens of thousands want an importer that writes in bulk.
    """

    def __init__(self, command: Command, *, by: Actor, now: datetime) -> None:
        self.command = command
        self.by = by
        self.now = now

    def check(self, rows: Sequence[Row]) -> Iterator[Objection]:
        """Try the rows in their order and say what stands against each."""
        objections: list[Objection] = []
        noted = _notes()
        try:
            with db.session.begin_nested():
                for row in rows:
                    refusal = self._refusal(row)
                    if refusal is not None:
                        objections.append((row.number, refusal))
                raise _Undone  # noqa: TRY301 - the way out of a savepoint
        except _Undone:
            _forget(noted)
        yield from objections

    def write(self, rows: Sequence[Row]) -> None:
        """Write the rows; the first refusal ends it all (RowRefused)."""
        for row in rows:
            refusal = self._refusal(row)
            if refusal is not None:
                raise RowRefused(row.number, refusal)

    def finish(self) -> None:
        """Leave it at the rows: each was written whole."""

    def _refusal(self, row: Row) -> Refusal | None:
        try:
            with db.session.begin_nested():
                self.command(row.record, by=self.by, now=self.now)
                db.session.flush()
        except Refusal as refusal:
            return refusal
        except IntegrityError as error:
            kind: type[Refusal] | None = current_app.extensions["bangfu"].constraints.get(
                constraint_of(error)
            )
            if kind is None:
                raise
            return kind()
        return None


def row_by_row(command: Command) -> Callable[..., RowByRow]:
    """Give what begins an import by this command."""

    def begin(*, by: Actor, now: datetime, by_itself: bool, subject_id: UUID | None) -> RowByRow:
        del by_itself, subject_id
        return RowByRow(command, by=by, now=now)

    return begin


def _notes() -> tuple[int, int, int]:
    noted = journal()
    return len(noted.acts), len(noted.facts), len(noted.deliveries)


def _forget(noted: tuple[int, int, int]) -> None:
    """Take back what the trial noted for the transaction's journal."""
    found = journal()
    del found.acts[noted[0] :]
    del found.facts[noted[1] :]
    del found.deliveries[noted[2] :]
