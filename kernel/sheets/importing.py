"""What a room says so that one of its lists can be imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from kernel.actor import Actor
from kernel.errors import Refusal
from kernel.sheets.columns import Sheet
from kernel.sheets.loading import Row

Objection = tuple[int, Refusal]
"""The number of a row, and what stands against it; the refusal's pointer names the column."""


class RowRefused(Exception):
    """A row that passed its check was refused when it was written: another one is in its way."""

    def __init__(self, number: int, refusal: Refusal) -> None:
        self.number = number
        self.refusal = refusal
        super().__init__(refusal.code)


class Importer(Protocol):
    """One run over the rows of a file, some at a time, in their order."""

    def check(self, rows: Sequence[Row]) -> Iterator[Objection]:
        """Say what stands against these rows, in the rules or the database; writes nothing."""
        ...

    def write(self, rows: Sequence[Row]) -> None:
        """Write rows that were checked in this transaction, each with its audit row."""
        ...

    def finish(self) -> None:
        """Write what only the whole file tells, after its last row."""
        ...


class Begin(Protocol):
    """Begin a run; `by_itself` where it is a long task, which must not lock what others need."""

    def __call__(
        self, *, by: Actor, now: datetime, by_itself: bool, subject_id: UUID | None
    ) -> Importer:
        """Give the importer of one run."""
        ...


@dataclass(frozen=True)
class ListImport:
    """A list that is imported: its sheet, the roles that may, and what begins a run.

    A list that belongs to a thing says with `about` which one it is handed in for, or refuses.
    """

    sheet: Sheet
    allow: frozenset[str]
    begin: Begin | Callable[..., Importer]
    about: Callable[[Actor, UUID], object] | None = None
