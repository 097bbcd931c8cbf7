"""Make the file of an export: with its asker's sight, as of one instant, kept in pieces."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

import orjson
from flask import g
from marshmallow import ValidationError

from kernel import files
from kernel.actor import ANYONE, Actor
from kernel.crypto import decrypt_bytes, encrypt_bytes
from kernel.database import PATIENT, db
from kernel.errors import Invalid
from kernel.exports.lists import STEP, Exported
from kernel.exports.models import ExportProgress, SheetExport
from kernel.progress import note_progress
from kernel.sheets.writing import MAX_EXPORT_ROWS, Format, write

PIECE = 4 * 1024 * 1024


def make(found: SheetExport, exported: Exported, *, by: Actor) -> None:
    """Write the list and keep it. Refuses ExportTooLarge, Invalid, and what its door refuses."""
    db.session.execute(PATIENT)
    asked = orjson.loads(found.question)
    query = _load(exported, asked["query"], file_format=found.file_format)
    place = {name: UUID(key) for name, key in asked["of"].items()}
    with tempfile.TemporaryFile() as file, _acting(by):
        walked = exported.walk(query, place, limit=MAX_EXPORT_ROWS)
        rows = _noted(found.id, walked)
        kind = cast("Format", found.file_format)
        found.rows = write(file, exported.sheet, rows, format=kind)
        found.size_bytes = file.seek(0, 2)
        file.seek(0)
        found.pieces = 0
        while piece := file.read(PIECE):
            files.put(_name(found.id, found.pieces), _sealed(piece, found.id, found.pieces))
            found.pieces += 1
    note_progress(ExportProgress, found.id, done=found.rows)


def read_pieces(export_id: UUID, pieces: int) -> Iterator[bytes]:
    """Give a kept file, piece by piece."""
    for number in range(pieces):
        place = _place(export_id, number)
        yield decrypt_bytes(files.get(_name(export_id, number)), place=place)


def reseal_pieces(export_id: UUID, pieces: int, *, key: int) -> int:
    """Encrypt what is not yet under this key with it; gives how many pieces."""
    done = 0
    for number in range(pieces):
        name, place = _name(export_id, number), _place(export_id, number)
        sealed = files.get(name)
        if sealed[0] != key:
            files.put(name, encrypt_bytes(decrypt_bytes(sealed, place=place), place=place))
            done += 1
    return done


def remove_pieces(export_id: UUID) -> None:
    """Delete a kept file, and what a broken attempt left of one."""
    for name in files.names(_folder(export_id)):
        files.remove(f"{_folder(export_id)}/{name}")


def _load(exported: Exported, query: dict[str, str], *, file_format: str) -> dict[str, Any]:
    try:
        return exported.ask(query, file_format=file_format)
    except ValidationError as error:
        raise Invalid(reason="问题无效 / the question is not valid", pointer="/query") from error


@contextmanager
def _acting(by: Actor) -> Iterator[None]:
    """Let the list's door see the asker where it would see who is at it."""
    before = g.get("actor", ANYONE)
    g.actor = by
    try:
        yield
    finally:
        g.actor = before


def _noted(export_id: UUID, rows: Iterator[Any]) -> Iterator[Any]:
    for number, row in enumerate(rows):
        if number % STEP == 0:
            note_progress(ExportProgress, export_id, done=number)
        yield row


def _folder(export_id: UUID) -> str:
    return f"exports/{export_id}"


def _name(export_id: UUID, number: int) -> str:
    return f"{_folder(export_id)}/{number:06d}"


def _place(export_id: UUID, number: int) -> str:
    return f"sheet_export.file.{export_id}.{number}"


def _sealed(piece: bytes, export_id: UUID, number: int) -> bytes:
    return encrypt_bytes(piece, place=_place(export_id, number))
