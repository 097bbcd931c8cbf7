"""Ask for a list as a file, make it, and delete it after the days that it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from sqlalchemy import func, select

from kernel import audit
from kernel.actor import Actor, actor_of, kept
from kernel.crypto import current_key
from kernel.database import db
from kernel.doors import admit
from kernel.errors import Conflict, Invalid, NotAllowed, Refusal, WrongState
from kernel.exports.finding import count_waiting, get_export
from kernel.exports.lists import Exported, exported_lists
from kernel.exports.making import make, remove_pieces, reseal_pieces
from kernel.exports.models import ExportProgress, ExportState, SheetExport
from kernel.identity import new_id
from kernel.journal import when_committed
from kernel.progress import ATTEMPTS, GIVEN_UP, begin_attempt

KEPT = timedelta(days=7)
MOST_WAITING = 3


class TooManyExports(Conflict):
    """One person has that many exports waiting."""

    zh = "您已有 {limit} 个导出在等待，请待其完成。"
    en = "{limit} of your exports are waiting; let them be made first."


@dataclass(frozen=True)
class NewExport:
    """A list that is wanted: its name, what it belongs to, what of it, and in which format."""

    list: str
    query: Mapping[str, str]
    of: Mapping[str, UUID]
    format: str


def ask_export(new: NewExport, *, by: Actor, now: datetime) -> SheetExport:
    """Ask for a list as a file; a task makes it.

    Refuses Invalid (no such list, a wrong question), TooManyExports, and whatever the list's own
    door refuses.
    """
    exported = _list(new.list)
    _admit(by, exported)
    if by.organisation_id is None:
        raise NotAllowed
    if set(new.of) != exported.belongs_to:
        listed = ", ".join(sorted(exported.belongs_to)) or "-"
        raise Invalid(reason=f"须指明 {listed} / name {listed}", pointer="/of")
    exported.ask(new.query, file_format=new.format)
    if count_waiting(by) >= MOST_WAITING:
        raise TooManyExports(limit=MOST_WAITING)
    places = {name: str(key) for name, key in new.of.items()}
    made = SheetExport(
        id=new_id(),
        list_name=new.list,
        user_id=by.user_id,
        organisation_id=by.organisation_id,
        question=orjson.dumps({"query": dict(new.query), "of": places}).decode(),
        file_format=new.format,
        actor=kept(by),
        state=ExportState.ASKED,
        rows=0,
        pieces=0,
        size_bytes=0,
        asked_at=now,
    )
    db.session.add(made)
    db.session.flush()
    _audit("ask_export", made, by=by, now=now)
    return made


def open_export(export_id: UUID, *, by: Actor) -> tuple[SheetExport, Exported]:
    """Give an own export that may be fetched, and its list.

    Refuses NotFound, WrongState (not ready, or deleted), and what the list's own door refuses
    today.
    """
    found = get_export(by, export_id).found
    exported = _list(found.list_name)
    _admit(by, exported)
    if found.state is not ExportState.READY:
        raise WrongState(state=found.state)
    return found, exported


def advance_export(*, now: datetime) -> int:
    """Make one export that waits; gives how many waited (0 or 1).

    One that another task holds is left to it. A task that broke off leaves the export as it was:
    it is taken again, and given up after `ATTEMPTS`.
    """
    found = db.session.scalar(
        select(SheetExport)
        .outerjoin(ExportProgress, ExportProgress.export_id == SheetExport.id)
        .where(SheetExport.state == ExportState.ASKED)
        .order_by(func.coalesce(ExportProgress.attempts, 0), SheetExport.asked_at, SheetExport.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=SheetExport)
        .execution_options(populate_existing=True)
    )
    if found is None:
        return 0
    by = actor_of(found.actor)
    progress = db.session.get(ExportProgress, found.id, populate_existing=True)
    if progress is not None and progress.attempts >= ATTEMPTS:
        _fail(found, GIVEN_UP, now=now)
    else:
        begin_attempt(ExportProgress, found.id, now=now)
        try:
            make(found, _list(found.list_name), by=by)
            found.state, found.ready_at, found.expires_at = ExportState.READY, now, now + KEPT
        except Refusal as refusal:
            _fail(found, refusal.code, now=now)
    _audit("make_export", found, by=by, now=now)
    db.session.flush()
    return 1


def expire_exports(*, now: datetime) -> int:
    """Delete the files whose days are over; gives how many."""
    done = (ExportState.READY, ExportState.FAILED)
    rows = db.session.scalars(
        select(SheetExport)
        .where(SheetExport.state.in_(done), SheetExport.expires_at <= now)
        .order_by(SheetExport.expires_at)
        .limit(200)
        .with_for_update(skip_locked=True)
    ).all()
    for found in rows:
        found.state, found.reason = ExportState.EXPIRED, None
        _remove(found.id)
        _audit("expire_export", found, by=actor_of(found.actor), now=now)
    db.session.flush()
    return len(rows)


def list_kept_exports() -> list[UUID]:
    """List the exports whose files are kept."""
    return list(db.session.scalars(select(SheetExport.id).where(_IS_KEPT)))


def reseal_export(export_id: UUID) -> int | None:
    """Encrypt a kept file with the newest key; gives how many pieces, None where it is held."""
    kept = select(SheetExport).where(_IS_KEPT, SheetExport.id == export_id)
    found = db.session.scalar(kept.with_for_update(skip_locked=True))
    if found is not None:
        return reseal_pieces(found.id, found.pieces, key=current_key())
    return None if db.session.scalar(kept) else 0


_IS_KEPT = SheetExport.state == ExportState.READY


def _fail(found: SheetExport, reason: str, *, now: datetime) -> None:
    found.state, found.reason, found.expires_at = ExportState.FAILED, reason, now + KEPT
    found.rows = found.pieces = found.size_bytes = 0
    _remove(found.id)


def _remove(export_id: UUID) -> None:
    when_committed(lambda: remove_pieces(export_id))


def _list(name: str) -> Exported:
    known = exported_lists()
    if name not in known:
        listed = ", ".join(sorted(known))
        raise Invalid(reason=f"没有此清单，可选：{listed} / one of {listed}", pointer="/list")
    return known[name]


def _admit(by: Actor, exported: Exported) -> None:
    """Let in whom the list's own door lets in: by role, and by the scopes of a narrowed token."""
    admit(by, door=exported.door, method="GET")


def _audit(action: str, found: SheetExport, *, by: Actor, now: datetime) -> None:
    contents = {"list": found.list_name, "state": found.state, "rows": found.rows}
    audit.write(action, subject=("sheet_export", found.id), by=by, now=now, after=contents)
