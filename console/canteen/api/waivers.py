"""Pages of lower shares: which units may reserve less, by which document, and until when."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template

from console.canteen.api.looking import choices, units_in_sight
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, filters_of
from console.widgets.names import learn_names
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

waivers = Blueprint("canteen_waivers", __name__, url_prefix="/canteen")
REVOKE = Act(
    "policies.revoke_waiver",
    N_("提前终止较低比例"),
    N_("较低比例已终止。"),
    N_("终止后，该单位从当日起按政策规定的比例预留。"),
    (Entry("reason", N_("理由"), rows=2),),
)


@waivers.route("/waivers", methods=["GET", "POST"])
@page(waivers, allow="policies.grant_waiver", menu=(N_("单位管理"), N_("较低比例")))
def index() -> Response | str:
    """List the lower shares approved for units in sight; write one down."""
    form = Form("policies.grant_waiver", paper="approval_document")
    if form.sent():
        return to_page("canteen_waivers.index", said=_("已登记。"))
    found = ask("policies.list_waivers", query=filters_of("policies.list_waivers"))
    learn_names([one["unit_id"] for one in found["items"]])
    units = choices(units_in_sight())
    return render_template("canteen/waivers.html", found=found, form=form, units=units)


@waivers.route("/waivers/<uuid:waiver_id>/revoke", methods=["GET", "POST"])
@page(waivers, allow="policies.revoke_waiver")
def revoke(waiver_id: UUID) -> Response | str:
    """End a lower share before its last day, with the reason."""
    form = Form("policies.revoke_waiver", waiver_id=waiver_id)
    return act_page(REVOKE, form, then=Place("canteen_waivers.index"))
