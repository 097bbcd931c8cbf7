"""Pages of who approves: the inbox, the effect on the quota, delegation, split orders."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template

from console.canteen.acts import ACTS, DECISIONS
from console.canteen.api.looking import named, or_none
from console.widgets.asking import Form, ask, listed, may
from console.widgets.names import learn_names
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

approvals = Blueprint("canteen_approvals", __name__, url_prefix="/canteen")
COLLEAGUES, MOST = "approvals.list_colleagues", "100"


@approvals.get("/approvals")
@page(approvals, allow="orders.index_waiting", menu=(N_("采购"), N_("待审批")))
def index() -> str:
    """List what waits for one's approval, what is due first at the top."""
    found = named(listed("orders.index_waiting"))
    return render_template("canteen/approvals.html", found=found)


@approvals.route("/approvals/<uuid:order_id>", methods=["GET", "POST"])
@page(approvals, allow="orders.approve")
def show(order_id: UUID) -> Response | str:
    """Show an order with what it does to the quota, and decide it."""
    shown = ask("orders.show", order_id=order_id)
    path = {"start": shown, "order_id": order_id}
    forms = [(ACTS[one], Form(ACTS[one].door, part=one, **path)) for one in DECISIONS]
    for one, form in forms:
        if form.sent():
            said = _("已办理：") + _(one.title) + " " + shown["number"]
            return to_page("canteen_approvals.index", said=said)
    return render_template(
        "canteen/approval.html",
        order=shown,
        forms=forms,
        quota=_quota_of(shown),
        before=_before(shown),
        splits=_splits_of(shown),
    )


@approvals.route("/delegations", methods=["GET", "POST"])
@page(approvals, allow=frozenset({"unit_approver", "unit_admin", "unit_finance"}),
      menu=(N_("采购"), N_("审批授权")))  # fmt: skip
def delegations() -> Response | str:
    """Show who approves for whom; let a colleague approve for oneself for a time."""
    form = Form("approvals.delegate")
    if form.sent():
        return to_page("canteen_approvals.delegations", said=_("授权已登记。"))
    found = listed("approvals.list_delegations")
    ends = {
        one["id"]: Form("approvals.revoke", delegation_id=UUID(one["id"])) for one in found["items"]
    }
    if any(one.sent() for one in ends.values()):
        return to_page("canteen_approvals.delegations", said=_("授权已收回。"))
    several = ask(COLLEAGUES, query={"limit": MOST})["items"] if may(COLLEAGUES) else []
    colleagues = {one["id"]: one["username"] for one in several}
    others = [pair for pair in colleagues.items() if pair[0] != str(g.actor.user_id)]
    return render_template(
        "canteen/delegations.html",
        found=found,
        form=form,
        ends=ends,
        colleagues=colleagues,
        choices=others,
    )


@approvals.get("/splits")
@page(approvals, allow="approvals.list_splits", menu=(N_("采购"), N_("疑似拆单")))
def splits() -> str:
    """List orders that each stay within a band and together pass it."""
    found = listed("approvals.list_splits")
    learn_names([one[key] for one in found["items"] for key in ("unit_id", "supplier_id")])
    return render_template("splits.html", found=found)


def _quota_of(order: dict[str, Any]) -> Any:
    query = {"unit_id": order["bound_unit_id"], "year": order["year"], "fund": order["fund"]}
    return or_none("quotas.get", query=query)


def _before(order: dict[str, Any]) -> Any:
    """Give the order that this one replaces: an approver sees what changed."""
    key = order["replaces_id"]
    return None if key is None else or_none("orders.show", order_id=UUID(key))


def _splits_of(order: dict[str, Any]) -> list[dict[str, Any]]:
    if not may("approvals.list_splits"):
        return []
    query = {"unit_id": order["bound_unit_id"], "limit": "100"}
    found: list[dict[str, Any]] = ask("approvals.list_splits", query=query)["items"]
    return [one for one in found if order["id"] in {part["order_id"] for part in one["orders"]}]
