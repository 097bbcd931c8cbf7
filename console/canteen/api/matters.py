"""Pages of what a unit was told to put right: the list, one with its steps, the unit's report."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template

from console.canteen.api.looking import own_organisation
from console.widgets.asking import Form, ask, listed
from console.widgets.names import learn_names
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

matters = Blueprint("canteen_matters", __name__, url_prefix="/canteen")
ADMIN = frozenset({"unit_admin"})


@matters.get("/matters")
@page(matters, allow=ADMIN, menu=(N_("单位管理"), N_("督办整改")))
def index() -> str:
    """List what the unit and units under it were told to put right, the newest first."""
    found = listed("matters.list_matters")
    learn_names([one[key] for one in found["items"] for key in ("unit_id", "by_organisation_id")])
    return render_template("canteen/matters.html", found=found)


@matters.route("/matters/<uuid:matter_id>", methods=["GET", "POST"])
@page(matters, allow=ADMIN)
def show(matter_id: UUID) -> Response | str:
    """Show a matter with its steps and talks; say how it was put right."""
    shown = ask("matters.get", matter_id=matter_id)
    matter = shown["matter"]
    is_ours = matter["unit_id"] == str(own_organisation()) and matter["status"] == "open"
    form = Form("matters.report", matter_id=matter_id) if is_ours else None
    if form is not None and form.sent():
        said = _("整改情况已报告，待核查。")
        return to_page("canteen_matters.show", matter_id=matter_id, said=said)
    return render_template("canteen/matter.html", shown=shown, matter=matter, form=form)
