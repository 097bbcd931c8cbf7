"""Receive a file as a list, check it, and take it in whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, select
from sqlalchemy.dialects.postgresql import insert

from kernel import audit
from kernel.actor import Actor, actor_of, kept
from kernel.database import PATIENT, db
from kernel.errors import Invalid, NotAllowed, WrongState
from kernel.identity import new_id
from kernel.imports.contents import keep_content, read_content, remove_content
from kernel.imports.finding import lists, lock_import
from kernel.imports.models import ImportProgress, ImportState, SheetImport
from kernel.imports.running import Run, check, write
from kernel.progress import ATTEMPTS
from kernel.sheets.importing import ListImport
from kernel.sheets.loading import Reading

SMALL_BYTES = 256 * 1024
SMALL_ROWS = 1000
"""Up to here a file is checked, and written, in the request itself."""
KEPT = timedelta(days=30)
AGAIN = frozenset({ImportState.FAULTY, ImportState.FAILED, ImportState.LAPSED})
"""Where the same file, handed in again, is checked again."""


@dataclass(frozen=True)
class NewImport:
    """A file as it arrives, the list that it is said to be, and what that list belongs to."""

    file: bytes = field(repr=False)
    list: str
    subject_id: UUID | None = None


def receive_import(new: NewImport, *, by: Actor, now: datetime) -> SheetImport:
    """Receive a file; a small one is checked at once, a large one by the task.

    Refuses Invalid (no such list, nothing or something that it belongs to), NotAllowed,
    SheetRefused (unreadable, hostile), and what the list's thing is refused for. The same content
    for the same list of one organisation and thing is one import, however often it is sent.
    """
    known = _list(new.list)
    if by.organisation_id is None or by.roles.isdisjoint(known.allow):
        raise NotAllowed
    _check_subject(known, new.subject_id, by=by)
    source = _read(new.file, known).source
    values = {
        "id": new_id(),
        "list": new.list,
        "organisation_id": by.organisation_id,
        "subject_id": new.subject_id,
        "sha256": hashlib.sha256(new.file).hexdigest(),
        "media_type": source.media_type,
        "encoding": source.encoding,
        "sheet": source.sheet,
        "size_bytes": len(new.file),
        "state": ImportState.RECEIVED,
        "rows": 0,
        "fault_count": 0,
        "faults": [],
        "preview": [],
        "actor": kept(by),
        "received_at": now,
    }
    made, is_new = _claim(values)
    if not is_new:
        if made.state not in AGAIN:
            return made
        _begin_again(made, by=by, now=now)
    keep_content(made.id, new.file)
    audit.write(
        "receive_import",
        subject=("sheet_import", made.id),
        by=by,
        now=now,
        after={"list": made.list_name, "sha256": made.sha256},
    )
    if is_small(len(new.file), rows=source.rows):
        check(made, _run(made, known, new.file, by=by, now=now, by_itself=False))
    return made


def commit_import(import_id: UUID, *, by: Actor, now: datetime) -> SheetImport:
    """Ask for a checked import to be written; a small one is written at once.

    Asking again for one that is accepted or committed changes nothing. Refuses NotFound,
    NotAllowed, WrongState.
    """
    found = lock_import(by, import_id)
    known = _list(found.list_name)
    if by.organisation_id != found.organisation_id or by.roles.isdisjoint(known.allow):
        raise NotAllowed
    if found.state in {ImportState.ACCEPTED, ImportState.COMMITTED}:
        return found
    if found.state is not ImportState.CHECKED:
        raise WrongState(state=found.state)
    found.actor = kept(by)
    found.state = ImportState.ACCEPTED
    if is_small(found.size_bytes, rows=found.rows):
        _write(found, by=by, now=now, by_itself=False)
    db.session.flush()
    audit.write(
        "commit_import",
        subject=("sheet_import", found.id),
        by=by,
        now=now,
        after={"list": found.list_name, "sha256": found.sha256, "state": found.state},
    )
    return found


def is_small(size_bytes: int, *, rows: int) -> bool:
    """Say whether a file is short work."""
    return size_bytes <= SMALL_BYTES and rows <= SMALL_ROWS


def advance_import(*, now: datetime) -> int:
    """Check or write one import that waits, in one transaction; gives how many waited (0 or 1).

    One that another task holds is left to it. A task that broke off leaves the import as it
    was: it is taken again, and given up after `ATTEMPTS`.
    """
    found = db.session.scalar(
        select(SheetImport)
        .outerjoin(ImportProgress, ImportProgress.import_id == SheetImport.id)
        .where(SheetImport.state.in_((ImportState.RECEIVED, ImportState.ACCEPTED)))
        .order_by(func.coalesce(ImportProgress.attempts, 0), SheetImport.received_at)
        .limit(1)
        .with_for_update(skip_locked=True, of=SheetImport)
        .execution_options(populate_existing=True)
    )
    if found is None:
        return 0
    by = actor_of(found.actor)
    progress = db.session.get(ImportProgress, found.id, populate_existing=True)
    if progress is not None and progress.attempts >= ATTEMPTS:
        found.state = ImportState.FAILED
        _audit_task("fail_import", found, by=by, now=now)
    elif found.state is ImportState.RECEIVED:
        run = _run(
            found, _list(found.list_name), read_content(found.id), by=by, now=now, by_itself=True
        )
        run.begin()
        check(found, run)
        run.end()
        _audit_task("check_import", found, by=by, now=now)
    else:
        _write(found, by=by, now=now, by_itself=True)
        _audit_task("write_import", found, by=by, now=now)
    db.session.flush()
    return 1


def lapse_imports(*, now: datetime) -> int:
    """Delete the contents of imports that nobody committed in time; gives how many."""
    waiting = (ImportState.CHECKED, ImportState.FAULTY, ImportState.FAILED)
    rows = db.session.scalars(
        select(SheetImport)
        .where(SheetImport.state.in_(waiting), SheetImport.received_at < now - KEPT)
        .limit(200)
        .with_for_update(skip_locked=True)
    ).all()
    for found in rows:
        found.state, found.preview = ImportState.LAPSED, []
        remove_content(found.id)
        _audit_task("lapse_import", found, by=actor_of(found.actor), now=now)
    db.session.flush()
    return len(rows)


def _write(found: SheetImport, *, by: Actor, now: datetime, by_itself: bool) -> None:
    known, content = _list(found.list_name), read_content(found.id)
    run = _run(found, known, content, by=by, now=now, by_itself=by_itself)
    if by_itself:
        run.begin()
    write(found, run)
    if by_itself:
        run.end()
    if found.state is ImportState.COMMITTED:
        remove_content(found.id)


def _claim(values: Mapping[str, Any]) -> tuple[SheetImport, bool]:
    """Insert the import, or give the one of this content that stands; it is locked."""
    table: Table = SheetImport.__table__  # type: ignore[assignment]
    statement = insert(table).values(values).on_conflict_do_nothing().returning(table.c.id)
    claimed = db.session.execute(statement).scalar_one_or_none()
    found = db.session.scalars(
        select(SheetImport)
        .where(
            SheetImport.organisation_id == values["organisation_id"],
            SheetImport.list_name == values["list"],
            SheetImport.sha256 == values["sha256"],
            SheetImport.subject_id.is_not_distinct_from(values["subject_id"]),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    return found, claimed is not None


def _begin_again(found: SheetImport, *, by: Actor, now: datetime) -> None:
    found.state, found.actor, found.received_at = ImportState.RECEIVED, kept(by), now
    found.fault_count, found.faults, found.checked_at = 0, [], None
    progress = db.session.get(ImportProgress, found.id)
    if progress is not None:
        db.session.delete(progress)
    db.session.flush()


def _run(
    found: SheetImport,
    known: ListImport,
    content: bytes,
    *,
    by: Actor,
    now: datetime,
    by_itself: bool,
) -> Run:
    subject_id = found.subject_id
    importer = known.begin(by=by, now=now, by_itself=by_itself, subject_id=subject_id)
    return Run(found.id, _read(content, known), importer, now=now, by_itself=by_itself)


def _read(content: bytes, known: ListImport) -> Reading:
    """Read a file, which may take longer than the database lets a transaction idle."""
    db.session.execute(PATIENT)
    return Reading(content, known.sheet)


def _list(name: str) -> ListImport:
    known = lists()
    if name not in known:
        listed = ", ".join(sorted(known))
        raise Invalid(reason=f"没有此清单，可选：{listed} / one of {listed}", pointer="/list")
    return known[name]


def _check_subject(known: ListImport, subject_id: UUID | None, *, by: Actor) -> None:
    if (known.about is None) is not (subject_id is None):
        reason = "此清单须（或不得）指明所属事项 / say what this list belongs to, or nothing"
        raise Invalid(reason=reason, pointer="/subject_id")
    if known.about is not None and subject_id is not None:
        known.about(by, subject_id)


def _audit_task(action: str, found: SheetImport, *, by: Actor, now: datetime) -> None:
    contents = {"list": found.list_name, "sha256": found.sha256, "state": found.state}
    audit.write(action, subject=("sheet_import", found.id), by=by, now=now, after=contents)
