"""Bringing a database to the newest migration, its reference data, and the newest key."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    func,
    select,
    text,
    tuple_,
    type_coerce,
    update,
)

from kernel.crypto import (
    EncryptedBytes,
    EncryptedText,
    current_key,
    decrypt_bytes,
    encrypt_bytes,
)
from kernel.database import Base, db
from kernel.exports.commands import list_kept_exports, reseal_export
from kernel.imports.contents import list_kept_imports, reseal_import
from kernel.package import Package
from kernel.unit_of_work import run

SETTINGS = {
    # a gate that cannot be had in time is answered with 503, not waited for
    "lock_timeout": "3s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "15s",
    "timezone": "UTC",
}
"""Kept in the database, so that connections carry no state of their own (PgBouncer)."""


def newest(folder: Path) -> str:
    """Give the revision of the newest migration; two branches are an error."""
    head = ScriptDirectory(str(folder)).get_current_head()
    if head is None:
        raise RuntimeError("there is no migration")
    return head


def configuration(folder: Path, connection: Connection) -> Config:
    """Make alembic's configuration for one open connection."""
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = Base.metadata
    return config


def upgrade(engine: Engine, folder: Path, *, revision: str = "head") -> None:
    """Run the migrations that are missing."""
    with engine.connect() as connection:
        command.upgrade(configuration(folder, connection), revision)
        keep_settings(connection)


def keep_settings(connection: Connection) -> None:
    """Keep the settings of every connection in the database itself."""
    quote = connection.dialect.identifier_preparer.quote
    database = quote(str(connection.scalar(text("SELECT current_database()"))))
    for name, value in SETTINGS.items():
        connection.execute(text(f"ALTER DATABASE {database} SET {name} = '{value}'"))
    connection.commit()


def load_reference_data(packages: Sequence[Package], *, now: datetime) -> None:
    """Load what the rooms bring along (regions, schemes, policies); nothing is loaded twice."""
    for package in packages:
        for load in package.reference:
            run(lambda load=load: load(now))  # type: ignore[misc]


@dataclass(frozen=True)
class Rotation:
    """What became of one encrypted column."""

    column: str
    rewritten: int
    left: int
    """Rows still under an older key: written or held by others meanwhile; run it again."""


def rotate_keys(*, batch: int = 500) -> Iterator[Rotation]:
    """Encrypt every personal field with the newest key, batch by batch, while others write.

    Each batch is its own transaction and takes only rows that nobody holds, so it may be killed
    and run again at any time: a row says by its first byte which key it has. Versions and
    blind indexes stay. Files that are kept encrypted follow, one at a time. A key may leave the
    ring once nothing is left.
    """
    for column in encrypted_columns():
        rewritten = sum(_batches(column, batch))
        yield Rotation(column.type.place, rewritten, run(lambda c=column: _count_old(c)))  # type: ignore[misc]
    for place, kept, reseal in SEALED_FILES:
        resealed = [run(lambda k=key, r=reseal: r(k)) for key in run(kept)]  # type: ignore[misc]
        done = sum(one for one in resealed if one is not None)
        yield Rotation(place, done, resealed.count(None))


SEALED_FILES: tuple[tuple[str, Callable[[], list[UUID]], Callable[[UUID], int | None]], ...] = (
    ("sheet_import.content", list_kept_imports, reseal_import),
    ("sheet_export.file", list_kept_exports, reseal_export),
)
"""Where encrypted files are kept, which, and what brings one under the newest key."""


def encrypted_columns() -> list[Any]:
    """List the columns that only this program can read."""
    return [
        column
        for mapper in Base.registry.mappers
        for column in mapper.local_table.columns
        if isinstance(column.type, EncryptedText | EncryptedBytes)
    ]


def _batches(column: Any, batch: int) -> Generator[int, None, None]:
    after: object = None
    while True:
        keys = run(lambda: _rewrite(column, after=after, batch=batch))  # noqa: B023 - at once
        if not keys:
            return
        yield len(keys)
        after = keys[-1]


def _rewrite(column: Any, *, after: object, batch: int) -> list[object]:
    """Rewrite the next rows behind a key; gives their keys, none at the end."""
    keys = list(column.table.primary_key.columns)
    sealed = type_coerce(column, LargeBinary)
    rows = select(*keys, sealed).where(_is_old(column)).order_by(*keys).limit(batch)
    if after is not None:
        rows = rows.where(tuple_(*keys) > after)
    place = column.type.place
    done: list[object] = []
    for *row_key, old in db.session.execute(rows.with_for_update(skip_locked=True)):
        new = encrypt_bytes(decrypt_bytes(bytes(old), place=place), place=place)
        raw = {column.name: type_coerce(new, LargeBinary)}
        db.session.execute(update(column.table).where(tuple_(*keys) == row_key).values(raw))
        done.append(row_key)
    return done


def _count_old(column: Any) -> int:
    return db.session.scalar(select(func.count()).where(_is_old(column))) or 0


def _is_old(column: Any) -> ColumnElement[bool]:
    raw = type_coerce(column, LargeBinary)
    old: ColumnElement[bool] = column.is_not(None) & (func.get_byte(raw, 0) != current_key())
    return old
