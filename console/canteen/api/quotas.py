"""Pages of quotas: what a unit may spend, what happened to it, what goes to units under it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from console.canteen.api.looking import (
    UNIT,
    or_none,
    own_organisation,
    rekeyed,
    this_year,
    units_in_sight,
)
from console.canteen.api.today import FUNDS
from console.canteen.rules import dense
from console.widgets.asking import Form, ask, filters_of, listed
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

quotas = Blueprint("canteen_quotas", __name__, url_prefix="/canteen")
PARTS = ("ceiling_fen", "floor_fen")
MOVES = {"allocate": "quotas.allocate", "recall": "quotas.recall"}


@quotas.route("/quotas", methods=["GET", "POST"])
@page(quotas, allow=UNIT | {"finance_supervisor"}, menu=(N_("单位管理"), N_("额度")))
def index() -> Response | str:
    """Show the quotas of the year, of the own unit and of units under it."""
    limit = Form("quotas.set_staff_limit", start={"year": this_year()})
    if limit.sent():
        return to_page("canteen_quotas.index", said=_("干部职工自购额度已登记。"))
    units = units_in_sight()
    found = [(unit, _of_unit(unit["id"])) for unit in units]
    return render_template(
        "canteen/quotas.html", found=found, year=this_year(), limit=limit, own=own_organisation()
    )


@quotas.get("/quotas/<uuid:quota_id>")
@page(quotas, allow=UNIT | {"finance_supervisor"})
def entries(quota_id: UUID) -> str:
    """Show what happened to a quota, and what moved it."""
    return render_template(
        "canteen/quota.html",
        quota=_quota(request.args.get("unit_id"), request.args.get("fund", "")),
        quota_id=quota_id,
        found=ask("quotas.list_entries", query=filters_of("quotas.list_entries"),
                  quota_id=quota_id),
        moves=ask("quotas.list_moves", query={"limit": "20"}, quota_id=quota_id)["items"],
        is_own=request.args.get("unit_id") == str(own_organisation()),
    )  # fmt: skip


@quotas.route("/quotas/<uuid:quota_id>/<any(allocate, recall):way>", methods=["GET", "POST"])
@page(quotas, allow="quotas.allocate")
def move(quota_id: UUID, way: str) -> Response | str:
    """Give parts of a quota to units under its unit, or take back what they did not use."""
    rows = dense(request.form, "parts", wanted=PARTS, keeps=("unit_id",), yuan=PARTS)
    bodies = [dict.fromkeys(PARTS, 0) | body for body in rows.bodies]
    form = Form(MOVES[way], fixed={"parts": bodies}, quota_id=quota_id)
    if form.sent():
        return to_page("canteen_quotas.index", said=_("已办理。"))
    rekeyed(rows)
    fund = request.args.get("fund", "canteen")
    under = [one for one in units_in_sight() if one["id"] != str(own_organisation())]
    return render_template(
        "canteen/quota_move.html",
        way=way, form=form, quota=_quota(None, fund),
        under=[(one, _quota(one["id"], fund)) for one in under],
    )  # fmt: skip


@quotas.route("/quota-settings", methods=["GET", "POST"])
@page(quotas, allow="quotas.set_setting", menu=(N_("单位管理"), N_("额度预警")))
def settings() -> Response | str:
    """Show and set from which use on a quota counts as nearly used; what is carried over."""
    form = Form("quotas.set_setting")
    if form.sent():
        return to_page("canteen_quotas.settings", said=_("已登记。"))
    found = listed("quotas.list_settings")
    return render_template("canteen/quota_settings.html", form=form, found=found)


def _of_unit(unit_id: str) -> list[dict[str, Any]]:
    return [one for fund in FUNDS if (one := _quota(unit_id, fund))]


def _quota(unit_id: str | None, fund: str) -> Any:
    query = {"unit_id": unit_id, "year": str(this_year()), "fund": fund or None}
    return or_none("quotas.get", query=query)
