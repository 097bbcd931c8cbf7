"""Pages of files in and out: hand in, look at what is wrong, take in; ask for a list, fetch it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, g, render_template

from console.widgets.asking import Form, ask, listed
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _, is_english
from kernel.exports.lists import exported_lists
from kernel.http import SIGNED_IN

jobs = Blueprint("admin_jobs", __name__, url_prefix="/jobs")
PART = N_("导入导出")


@jobs.route("/imports", methods=["GET", "POST"])
@page(jobs, allow=SIGNED_IN, menu=(PART, N_("导入")))
def imports() -> Response | str:
    """List what was handed in, and hand in a file."""
    form = Form("imports.receive")
    if done := form.sent():
        return to_page("admin_jobs.show_import", import_id=done.answer["id"])
    sheets = [one.sheet for one in _lists_taken_in() if not g.actor.roles.isdisjoint(one.allow)]
    lists = [(one.name, one.en if is_english() else one.zh) for one in sheets]
    found = listed("imports.list_imports")
    return render_template(
        "admin/imports.html", found=found, form=form, sheets=sheets, lists=lists, named=_named
    )


def _lists_taken_in() -> list[Any]:
    packages = current_app.extensions["bangfu.packages"]
    return [one for package in packages for one in package.imports]


def _named(name: str) -> str:
    """Give what a list is called; one that is gone stands for itself."""
    sheets = {one.sheet.name: one.sheet for one in _lists_taken_in()}
    sheets |= {key: one.sheet for key, one in exported_lists().items()}
    sheet = sheets.get(name)
    return name if sheet is None else str(sheet.en if is_english() else sheet.zh)


@jobs.get("/imports/templates/<string:name>")
@page(jobs, allow=SIGNED_IN)
def template(name: str) -> Any:
    """Give the empty sheet of a list."""
    return ask("imports.get_template", name=name)


@jobs.route("/imports/<uuid:import_id>", methods=["GET", "POST"])
@page(jobs, allow=SIGNED_IN)
def show_import(import_id: UUID) -> Response | str:
    """Show how far an import is, its preview and its faults; take it in."""
    form = Form("imports.commit", import_id=import_id)
    if form.sent():
        return to_page("admin_jobs.show_import", import_id=import_id, said=_("已开始写入。"))
    found = ask("imports.get", import_id=import_id)
    return render_template("admin/import.html", found=found, form=form, named=_named)


@jobs.get("/imports/<uuid:import_id>/faults")
@page(jobs, allow=SIGNED_IN)
def faults(import_id: UUID) -> Any:
    """Give the list of faults as CSV."""
    return ask("imports.get_faults", import_id=import_id)


@jobs.route("/exports", methods=["GET", "POST"])
@page(jobs, allow=SIGNED_IN, menu=(PART, N_("导出")))
def exports() -> Response | str:
    """List what one asked for, and ask for a list as a file."""
    form = Form("exports.ask", start={"format": "xlsx"}, fixed={"query": {}, "of": {}})
    if done := form.sent():
        return to_page("admin_jobs.show_export", export_id=done.answer["id"])
    lists = [(name, one.sheet) for name, one in exported_lists().items() if not one.belongs_to]
    found = listed("exports.list_exports")
    return render_template(
        "admin/exports.html", found=found, form=form, lists=sorted(lists), named=_named
    )


@jobs.get("/exports/<uuid:export_id>")
@page(jobs, allow=SIGNED_IN)
def show_export(export_id: UUID) -> str:
    """Show how far an export is."""
    found = ask("exports.get", export_id=export_id)
    return render_template("admin/export.html", found=found, named=_named)


@jobs.get("/exports/<uuid:export_id>/file")
@page(jobs, allow=SIGNED_IN)
def export_file(export_id: UUID) -> Any:
    """Give the file of an export."""
    return ask("exports.get_file", export_id=export_id)
