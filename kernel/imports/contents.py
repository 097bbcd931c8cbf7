"""The files that were handed in, kept encrypted until they are taken in or their days are over."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from kernel import files
from kernel.crypto import current_key, decrypt_bytes, encrypt_bytes
from kernel.database import db
from kernel.errors import NotFound
from kernel.imports.models import ImportState, SheetImport
from kernel.journal import when_committed

PLACE = "sheet_import.content"
GONE = (ImportState.COMMITTED, ImportState.LAPSED)
_IS_KEPT = SheetImport.state.not_in(GONE)


def keep_content(import_id: UUID, content: bytes) -> None:
    """Keep the file of an import."""
    files.put(_name(import_id), encrypt_bytes(content, place=PLACE))


def read_content(import_id: UUID) -> bytes:
    """Give the file of an import, or NotFound."""
    return decrypt_bytes(files.get(_name(import_id)), place=PLACE)


def remove_content(import_id: UUID) -> None:
    """Delete the file of an import once this transaction stands."""
    when_committed(lambda: files.remove(_name(import_id)))


def list_kept_imports() -> list[UUID]:
    """List the imports whose files are kept."""
    return list(db.session.scalars(select(SheetImport.id).where(_IS_KEPT)))


def reseal_import(import_id: UUID) -> int | None:
    """Encrypt a kept file with the newest key; gives how many (0 or 1), None where it is held."""
    kept = select(SheetImport.id).where(_IS_KEPT, SheetImport.id == import_id)
    if db.session.scalar(kept.with_for_update(skip_locked=True)) is None:
        return None if db.session.scalar(kept) else 0
    try:
        sealed = files.get(_name(import_id))
    except NotFound:
        return 0
    if sealed[0] == current_key():
        return 0
    keep_content(import_id, decrypt_bytes(sealed, place=PLACE))
    return 1


def _name(import_id: UUID) -> str:
    return f"imports/{import_id}"
