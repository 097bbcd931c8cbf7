"""Pages of campaigns in which members buy instead of donating."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from console.canteen.api.looking import choices, rekeyed, units_in_sight
from console.canteen.api.menus import SPARE, goods_to_choose, titles_of
from console.canteen.rules import codes_of, dense
from console.widgets.asking import Form, ask, filters_of, listed, may
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

campaigns = Blueprint("canteen_campaigns", __name__, url_prefix="/canteen")
PRICE = ("market_fen",)
FOR_WHOM = ("village_codes", "household_codes")


@campaigns.get("/campaigns")
@page(campaigns, allow="campaigns.index_campaigns", menu=(N_("采购"), N_("以购代捐")))
def index() -> str:
    """List campaigns, the newest first."""
    found = listed("campaigns.index_campaigns")
    return render_template("canteen/campaigns.html", found=found)


@campaigns.route("/campaigns/new", methods=["GET", "POST"])
@page(campaigns, allow="campaigns.open_campaign")
def start() -> Response | str:
    """Open a campaign: what it asks beside what the market pays, for whom, until when."""
    told = (*PRICE, "market_source")
    rows = dense(request.form, "prices", wanted=("listing_id",), keeps=told, yuan=PRICE)
    fixed = {"prices": rows.bodies, "dedication": _dedication()}
    form = Form("campaigns.open_campaign", fixed=fixed)
    if done := form.sent():
        path = {"donation_campaign_id": done.answer["id"]}
        return to_page("canteen_campaigns.show", said=_("活动已开始。"), **path)
    rekeyed(rows)
    units = choices(units_in_sight())
    return render_template(
        "canteen/campaign_form.html",
        form=form, goods=goods_to_choose(), units=units, spare=SPARE,
    )  # fmt: skip


@campaigns.route("/campaigns/<uuid:donation_campaign_id>", methods=["GET", "POST"])
@page(campaigns, allow="campaigns.show_campaign")
def show(donation_campaign_id: UUID) -> Response | str:
    """Show a campaign with its prices; write down what a participant wants."""
    path: dict[str, Any] = {"donation_campaign_id": donation_campaign_id}
    shown = ask("campaigns.show_campaign", **path)
    prices = ask("campaigns.show_prices", **path)["items"]
    is_open = may("campaigns.wish") and shown["status"] == "open"
    form = Form("campaigns.wish", **path) if is_open else None
    if form is not None and form.sent():
        return to_page("canteen_campaigns.show", said=_("心愿单已登记。"), **path)
    return render_template(
        "canteen/campaign.html",
        campaign=shown,
        prices=prices,
        titles=titles_of([one["listing_id"] for one in prices]),
        form=form,
    )


@campaigns.get("/campaigns/<uuid:donation_campaign_id>/hand-outs")
@page(campaigns, allow="campaigns.index_hand_outs")
def hand_outs(donation_campaign_id: UUID) -> str:
    """List what each participant gets, branch by branch, to print."""
    path: dict[str, Any] = {"donation_campaign_id": donation_campaign_id}
    return render_template(
        "canteen/hand_outs.html",
        campaign=ask("campaigns.show_campaign", **path),
        found=ask("campaigns.index_hand_outs", query=filters_of("campaigns.index_hand_outs"),
                  **path),
    )  # fmt: skip


@campaigns.get("/campaigns/<uuid:donation_campaign_id>/hand-outs.xlsx")
@page(campaigns, allow="campaigns.export_index_hand_outs")
def hand_outs_file(donation_campaign_id: UUID) -> Response:
    """Give the list of what is handed out as XLSX."""
    found: Response = ask(
        "campaigns.export_index_hand_outs",
        query={"format": "xlsx"}, donation_campaign_id=donation_campaign_id,
    )  # fmt: skip
    return found


@campaigns.route("/campaigns/<uuid:donation_campaign_id>/gather", methods=["GET", "POST"])
@page(campaigns, allow="orders.gather")
def gather(donation_campaign_id: UUID) -> Response | str:
    """Order what the members want: one order with each supplier, paid first."""
    form = Form("orders.gather", donation_campaign_id=donation_campaign_id)
    return _binding(donation_campaign_id, form, "canteen/gather.html", _("订单已提交。"))


@campaigns.route("/campaigns/<uuid:donation_campaign_id>/cancel", methods=["GET", "POST"])
@page(campaigns, allow="campaigns.cancel_campaign")
def cancel(donation_campaign_id: UUID) -> Response | str:
    """Call a campaign off before it is gathered."""
    form = Form("campaigns.cancel_campaign", donation_campaign_id=donation_campaign_id)
    return _binding(donation_campaign_id, form, "canteen/campaign_cancel.html", _("活动已取消。"))


def _dedication() -> dict[str, list[str]]:
    """Take for whom it is: several codes may stand in a field."""
    texts = {key: request.form.get(f"dedication.{key}", "") for key in FOR_WHOM}
    return {key: codes for key, text in texts.items() if (codes := codes_of(text))}


def _binding(key: UUID, form: Form, template: str, said: str) -> Response | str:
    shown = ask("campaigns.show_campaign", donation_campaign_id=key)
    if form.sent():
        return to_page("canteen_campaigns.show", donation_campaign_id=key, said=said)
    wanted = ask(
        "campaigns.index_hand_outs", query={"limit": "20"}, donation_campaign_id=key
    )["items"]  # fmt: skip
    return render_template(template, campaign=shown, wanted=wanted, form=form)
