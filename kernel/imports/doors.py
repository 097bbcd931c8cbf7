"""Doors to imports: hand in a file, look at what was found, take it in."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Response

from kernel import clock
from kernel.downloads import attachment
from kernel.errors import NotFound
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint
from kernel.imports import commands, finding
from kernel.imports.commands import NewImport
from kernel.imports.finding import ImportView
from kernel.imports.schemas import ImportIn, ImportOut
from kernel.paging import Page, PageQuery, page_schema
from kernel.sheets.columns import Column, Kind, Sheet
from kernel.sheets.sources import CSV, XLSX
from kernel.sheets.writing import template, write

FAULTS = Sheet(
    name="faults",
    zh="错误清单",
    en="Faults",
    columns=(
        Column("sheet", "工作表", "Sheet"),
        Column("row", "行", "Row", Kind.CODE),
        Column("column", "列", "Column"),
        Column("header", "表头", "Header"),
        Column("code", "代码", "Code"),
        Column("zh", "说明", "What is wrong"),
        Column("en", "Explanation", "In English"),
    ),
)

imports = Blueprint("imports", __name__, url_prefix="/api/v1")


@imports.post("/imports")
@endpoint(
    imports,
    allow=SIGNED_IN,
    accepts=ImportIn(),
    location="files",
    returns=ImportOut(),
    status=201,
    idempotent=True,
)
def receive(form: NewImport) -> ImportView:
    """Hand in a file as a list; nothing of it is taken in before it is committed."""
    found = commands.receive_import(form, by=current_actor(), now=clock.now())
    return finding.get_import(current_actor(), found.id)


@imports.get("/imports")
@endpoint(
    imports,
    allow=SIGNED_IN,
    accepts=PageQuery(),
    location="query",
    returns=page_schema(ImportOut),
)
def list_imports(query: dict[str, Any]) -> Page[ImportView]:
    """List the imports of the own organisation, the newest first."""
    return finding.list_imports(current_actor(), **query)


@imports.get("/imports/<uuid:import_id>")
@endpoint(imports, allow=SIGNED_IN, returns=ImportOut())
def get(import_id: UUID) -> ImportView:
    """Give an import with its progress, preview and first faults."""
    return finding.get_import(current_actor(), import_id)


@imports.get("/imports/<uuid:import_id>/faults")
@endpoint(imports, allow=SIGNED_IN)
def get_faults(import_id: UUID) -> Response:
    """Give the list of faults as CSV."""
    view = finding.get_import(current_actor(), import_id)
    into = BytesIO()
    write(into, FAULTS, view.found.faults, format="csv")
    name = f"faults-{import_id}.csv"
    return attachment(into.getvalue(), name=name, media_type=f"{CSV}; charset=utf-8")


@imports.post("/imports/<uuid:import_id>/commit")
@endpoint(imports, allow=SIGNED_IN, returns=ImportOut())
def commit(import_id: UUID) -> ImportView:
    """Take a checked import in, whole or not at all."""
    commands.commit_import(import_id, by=current_actor(), now=clock.now())
    return finding.get_import(current_actor(), import_id)


@imports.get("/imports/templates/<string:name>")
@endpoint(imports, allow=SIGNED_IN)
def get_template(name: str) -> Response:
    """Give the empty sheet of a list, to be filled in."""
    known = finding.lists().get(name)
    if known is None:
        raise NotFound
    name = f"{known.sheet.template}.xlsx"
    return attachment(template(known.sheet), name=name, media_type=XLSX)
