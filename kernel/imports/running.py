"""One run over an import's rows: all of them are fit, or nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from flask import current_app
from sqlalchemy.exc import IntegrityError

from kernel.database import constraint_of, db
from kernel.imports.models import ImportProgress, ImportState, SheetImport
from kernel.progress import begin_attempt, note_progress
from kernel.sheets.faults import Fault, SheetRefused
from kernel.sheets.importing import Importer, RowRefused
from kernel.sheets.loading import Chunk, Reading

KEPT_FAULTS = 2000
SHOWN_ROWS = 10


class _Faulty(Exception):
    """Something stands against a row: what was written so far is taken back."""


class Run:
    """An importer, the file it reads, and the progress it shows while it does."""

    def __init__(
        self,
        import_id: UUID,
        reading: Reading,
        importer: Importer,
        *,
        now: datetime,
        by_itself: bool,
    ) -> None:
        self.import_id = import_id
        self.reading = reading
        self.importer = importer
        self.now = now
        self.by_itself = by_itself
        self.faults: list[Fault] = []
        self.fault_count = 0
        self.rows = 0
        self.shown: list[list[str | int]] = []
        self.rest = self._chunks()

    def begin(self) -> None:
        """Count the attempt, whatever becomes of it."""
        begin_attempt(ImportProgress, self.import_id, now=self.now)

    def end(self) -> None:
        """Say that this step came to its end: the next one begins with its own attempts."""
        note_progress(ImportProgress, self.import_id, done=self.rows, attempts=0)

    def _chunks(self) -> Iterator[Chunk]:
        """Give the rows with what is wrong with them, by the file and by the rules."""
        try:
            for chunk in self.reading.chunks():
                self._add(chunk.faults)
                for number, refusal in self.importer.check(chunk.rows):
                    self._add([self.reading.fault(number, refusal)])
                self.rows += chunk.read
                self.shown += chunk.shown[: SHOWN_ROWS - len(self.shown)]
                yield chunk
                if self.by_itself:
                    note_progress(ImportProgress, self.import_id, done=self.rows)
        except SheetRefused as refused:
            self._add([refused.fault])

    def _add(self, faults: list[Fault]) -> None:
        self.fault_count += len(faults)
        self.faults += faults[: KEPT_FAULTS - len(self.faults)]


def check(found: SheetImport, run: Run) -> None:
    """Look at every row and say what was found; writes nothing else."""
    for _ in run.rest:
        pass
    _keep(found, run)
    found.state = ImportState.FAULTY if run.fault_count else ImportState.CHECKED
    found.checked_at = run.now
    db.session.flush()


def write(found: SheetImport, run: Run) -> None:
    """Write every row, or none and say what stands against it."""
    try:
        with db.session.begin_nested():
            _write_rows(run)
    except _Faulty:
        for _ in run.rest:
            pass
    except RowRefused as refused:
        run.faults, run.fault_count = [run.reading.fault(refused.number, refused.refusal)], 1
    except IntegrityError as error:
        run.faults, run.fault_count = [_of(error, sheet=found.sheet)], 1
    _keep(found, run)
    if run.fault_count:
        found.state = ImportState.FAULTY
    else:
        found.state, found.committed_at = ImportState.COMMITTED, run.now
    db.session.flush()


def _write_rows(run: Run) -> None:
    for chunk in run.rest:
        if run.fault_count:
            break
        run.importer.write(chunk.rows)
        db.session.flush()
    if run.fault_count:
        raise _Faulty
    run.importer.finish()


def _keep(found: SheetImport, run: Run) -> None:
    found.rows = run.rows
    found.fault_count = run.fault_count
    found.faults = [fault.as_json() for fault in run.faults]
    found.preview = list(run.shown)


def _of(error: IntegrityError, *, sheet: str) -> Fault:
    """Say what a constraint means that another request made speak; an unknown one is a defect."""
    kind = current_app.extensions["bangfu"].constraints.get(constraint_of(error))
    if kind is None:
        raise error
    refusal = kind()
    reason = f"{refusal.message('zh')} / {refusal.message('en')}"
    return Fault(refusal.code, sheet=sheet, figures={"reason": reason})
