"""Pages of the yearly promise: filling it in beside the rule, handing it in, mending it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template

from console.canteen.api.looking import choices, own_organisation, this_year, units_in_sight
from console.widgets.asking import Form, ask, filters_of, may
from console.widgets.names import learn_names
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

filings = Blueprint("canteen_filings", __name__, url_prefix="/canteen")
UNIT = N_("单位管理")
MENDABLE = {"draft", "returned"}
OPEN = {"draft", "returned", "submitted", "superior_confirmed"}


@filings.route("/filings", methods=["GET", "POST"])
@page(filings, allow="filings.draft", menu=(UNIT, N_("年度填报")))
def index() -> Response | str:
    """List the own filings and those of units under it; begin one."""
    copying = Form("filings.copy", fixed={"year": this_year()})
    if done := copying.sent():
        said = _("已按去年生成草稿，请核对后提交。")
        return to_page("canteen_filings.show", filing_id=done.answer["id"], said=said)
    asked = filters_of("filings.list_filings")
    found = ask("filings.list_filings", query=asked)
    learn_names([one["unit_id"] for one in found["items"]])
    own = {"unit_id": str(own_organisation()), "year": str(this_year())}
    mine = ask("filings.list_filings", query=own)["items"]
    rule = ask("policies.resolve", query=own)
    return render_template(
        "canteen/filings.html",
        found=found, mine=mine, rule=rule, year=this_year(), copying=copying,
    )  # fmt: skip


@filings.route("/filings/new", methods=["GET", "POST"])
@page(filings, allow="filings.draft")
def start() -> Response | str:
    """Begin the yearly promise of the own unit, with the rule in force beside it."""
    form = Form("filings.draft", start={"year": this_year()})
    if done := form.sent():
        said = _("草稿已保存，请核对后提交。")
        return to_page("canteen_filings.show", filing_id=done.answer["id"], said=said)
    return render_template("canteen/filing_form.html", form=form, filing=None, **_beside())


@filings.route("/filings/<uuid:filing_id>/edit", methods=["GET", "POST"])
@page(filings, allow="filings.edit")
def edit(filing_id: UUID) -> Response | str:
    """Change figures of a draft, or of what was returned, with its reasons at the fields."""
    shown = ask("filings.get", filing_id=filing_id)
    form = Form("filings.edit", start=shown, filing_id=filing_id)
    if form.sent():
        said = _("已保存，请核对后提交。")
        return to_page("canteen_filings.show", filing_id=filing_id, said=said)
    return render_template(
        "canteen/filing_form.html", form=form, filing=shown, **_beside(shown["year"])
    )


@filings.route("/filings/<uuid:filing_id>", methods=["GET", "POST"])
@page(filings, allow="filings.get")
def show(filing_id: UUID) -> Response | str:
    """Show a promise with its steps; hand it in, or give it up."""
    shown = ask("filings.get", filing_id=filing_id)
    forms = {name: Form(door, start=shown, filing_id=filing_id) for name, door in _ways(shown)}
    for name, form in forms.items():
        if form.sent():
            said = _("已提交。") if name == "submit" else _("已撤回。")
            return to_page("canteen_filings.show", filing_id=filing_id, said=said)
    return render_template(
        "canteen/filing.html",
        filing=shown,
        forms=forms,
        is_mendable=_is_own(shown) and shown["status"] in MENDABLE,
        is_revisable=_is_own(shown) and shown["status"] == "confirmed",
        differences=ask("filings.compare", filing_id=filing_id),
        rule=ask("policies.resolve", query={"unit_id": shown["unit_id"], "year": shown["year"]}),
    )


@filings.route("/filings/<uuid:filing_id>/revise", methods=["GET", "POST"])
@page(filings, allow="filings.revise")
def revise(filing_id: UUID) -> Response | str:
    """Begin a revision of what is in force; that holds until the revision is confirmed."""
    shown = ask("filings.get", filing_id=filing_id)
    form = Form("filings.revise", start={"changes": shown}, filing_id=filing_id)
    if done := form.sent():
        said = _("修订草稿已生成，原填报在确认前继续有效。")
        return to_page("canteen_filings.edit", filing_id=done.answer["id"], said=said)
    return render_template("canteen/filing_revise.html", form=form, filing=shown)


def _ways(filing: dict[str, Any]) -> list[tuple[str, str]]:
    """Give what the own unit may do with its promise as it stands."""
    if not may("filings.submit") or not _is_own(filing):
        return []
    submit = [("submit", "filings.submit")] if filing["status"] in MENDABLE else []
    return submit + ([("withdraw", "filings.withdraw")] if filing["status"] in OPEN else [])


def _is_own(filing: dict[str, Any]) -> bool:
    return bool(filing["unit_id"] == str(own_organisation()))


def _beside(year: int | None = None) -> dict[str, Any]:
    """Give what stands beside the fields: the rule, the year before, who may be shared with."""
    about = {"unit_id": str(own_organisation()), "year": str(year or this_year())}
    before = {**about, "year": str(int(about["year"]) - 1), "status": "confirmed"}
    last = ask("filings.list_filings", query=before)["items"]
    return {
        "rule": ask("policies.resolve", query=about),
        "last": last[0] if last else None,
        "units": choices(units_in_sight()),
    }
