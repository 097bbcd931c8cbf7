"""Pages of applications to bind an order to another unit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template

from console.canteen.api.looking import choices, units_in_sight
from console.widgets.asking import Form, ask, listed, may
from console.widgets.names import learn_names
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

rebindings = Blueprint("canteen_rebindings", __name__, url_prefix="/canteen")
WAYS = (
    ("consent", "orders.consent_to_rebinding", N_("同意改挂")),
    ("refuse", "orders.refuse_rebinding", N_("不同意")),
    ("withdraw", "orders.withdraw_rebinding", N_("撤回申请")),
)


@rebindings.get("/rebindings")
@page(rebindings, allow=frozenset({"canteen_buyer", "contractor_buyer", "union_officer",
      "unit_admin"}), menu=(N_("单位管理"), N_("归属改挂")))  # fmt: skip
def index() -> str:
    """List the applications, the newest first."""
    found = listed("orders.index_rebindings")
    learn_names([one[key] for one in found["items"] for key in ("from_unit_id", "to_unit_id")])
    return render_template("canteen/rebindings.html", found=found)


@rebindings.route("/orders/<uuid:order_id>/rebind", methods=["GET", "POST"])
@page(rebindings, allow="orders.request_rebinding")
def request_one(order_id: UUID) -> Response | str:
    """Apply for an order to be bound to another unit."""
    shown = ask("orders.show", order_id=order_id)
    form = Form("orders.request_rebinding", order_id=order_id)
    if done := form.sent():
        said = _("申请已提交，待两个单位分别同意。")
        return to_page("canteen_rebindings.show", rebinding_id=done.answer["id"], said=said)
    others = [one for one in units_in_sight() if one["id"] != shown["bound_unit_id"]]
    return render_template("canteen/rebind.html", order=shown, form=form, units=choices(others))


@rebindings.route("/rebindings/<uuid:rebinding_id>", methods=["GET", "POST"])
@page(rebindings, allow="orders.show_rebinding")
def show(rebinding_id: UUID) -> Response | str:
    """Show an application with both units' consents; consent, refuse, or take it back."""
    shown = ask("orders.show_rebinding", rebinding_id=rebinding_id)
    forms = [
        (label, Form(door, start=_standing(shown), part=way, rebinding_id=rebinding_id))
        for way, door, label in WAYS
        if may(door) and shown["status"] == "open"
    ]
    if any(form.sent() for _label, form in forms):
        said = _("已办理。")
        return to_page("canteen_rebindings.show", rebinding_id=rebinding_id, said=said)
    return render_template("canteen/rebinding.html", rebinding=shown, forms=forms)


def _standing(rebinding: dict[str, Any]) -> dict[str, Any]:
    """Give what a decision begins with: which version it is of, and no reason yet."""
    return {key: one for key, one in rebinding.items() if key != "reason"}
