"""Pages of units: which are in sight, and from which amount their orders wait for approval."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from console.widgets.asking import Form, ask, filters_of, listed
from console.widgets.names import categories, learn_names
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

units = Blueprint("canteen_units", __name__, url_prefix="/canteen")
UNIT = N_("单位管理")
ADMIN = frozenset({"unit_admin"})


@units.get("/units")
@page(units, allow=ADMIN | {"finance_supervisor"}, menu=(UNIT, N_("所辖单位")))
def index() -> str:
    """List the units in sight: the own, and those under it."""
    asked = {"kind": "budget_unit", **filters_of("organisations.list_organisations")}
    found = ask("organisations.list_organisations", query=asked)
    return render_template("canteen/units.html", found=found)


@units.route("/thresholds", methods=["GET", "POST"])
@page(units, allow="approvals.set_threshold", menu=(UNIT, N_("审批起点")))
def thresholds() -> Response | str:
    """Show and set from which amount orders wait for somebody else."""
    form = Form("approvals.set_threshold")
    if form.sent():
        return to_page("canteen_units.thresholds", said=_("审批起点已登记。"))
    found = listed("approvals.list_thresholds")
    learn_names([one["unit_id"] for one in found["items"] if one["unit_id"]])
    return render_template(
        "canteen/thresholds.html", found=found, form=form, categories=categories()
    )
