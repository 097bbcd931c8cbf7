"""Which imports an actor sees, and which lists there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.errors import NotFound
from kernel.imports.models import ImportProgress, SheetImport
from kernel.paging import Page, page
from kernel.sheets.importing import ListImport

SHOWN_FAULTS = 50


@dataclass(frozen=True)
class ImportView:
    """An import with its progress, the first faults, and the headers of its preview."""

    found: SheetImport
    done: int
    attempts: int
    headers: list[str]

    @property
    def shown_faults(self) -> list[Any]:
        """Give the first faults; the rest is to be downloaded."""
        return self.found.faults[:SHOWN_FAULTS]


def lists() -> Mapping[str, ListImport]:
    """Give the lists that can be imported, by name."""
    packages = current_app.extensions["bangfu.packages"]
    return {one.sheet.name: one for package in packages for one in package.imports}


def get_import(actor: Actor, import_id: UUID) -> ImportView:
    """Give an import of the actor's organisation with its progress, or NotFound."""
    row = db.session.execute(_seen(actor).where(SheetImport.id == import_id)).one_or_none()
    if row is None:
        raise NotFound
    return _view(*row)


def list_imports(actor: Actor, *, limit: int, cursor: str | None) -> Page[ImportView]:
    """List the imports of the actor's organisation, the newest first."""
    keys = [(SheetImport.id, True)]
    found = page(_seen(actor), keys=keys, limit=limit, cursor=cursor, scalars=False)
    return Page([_view(*row) for row in found.items], found.next_cursor)


def lock_import(actor: Actor, import_id: UUID) -> SheetImport:
    """Give an import in the actor's sight, locked, or NotFound."""
    found: SheetImport | None = db.session.scalar(
        _in_sight(select(SheetImport), actor)
        .where(SheetImport.id == import_id)
        .with_for_update(of=SheetImport)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def _seen(actor: Actor) -> Any:
    statement = select(SheetImport, ImportProgress.done, ImportProgress.attempts).outerjoin(
        ImportProgress, ImportProgress.import_id == SheetImport.id
    )
    return _in_sight(statement, actor)


def _in_sight(statement: Any, actor: Actor) -> Any:
    """Keep what the actor's organisation handed in for a list that the actor may import."""
    if actor.sight is Sight.ALL:
        return statement
    named = [name for name, one in lists().items() if not actor.roles.isdisjoint(one.allow)]
    return statement.where(
        SheetImport.organisation_id == actor.organisation_id, SheetImport.list_name.in_(named)
    )


def _view(found: SheetImport, done: int | None, attempts: int | None) -> ImportView:
    known = lists().get(found.list_name)
    headers = [column.zh for column in known.sheet.columns] if known else []
    return ImportView(found, done or 0, attempts or 0, headers)
