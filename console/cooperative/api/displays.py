"""Pages of public-interest display: ask that a product is shown first, take a wish back."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g, render_template

from console.cooperative.rules import pages_around
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, find_one, listed
from console.widgets.formats import day
from console.widgets.names import NATION, front_of
from console.widgets.pages import page
from console.widgets.words import N_, _

displays = Blueprint("cooperative_displays", __name__, url_prefix="/cooperative")
INDEX = "cooperative_displays.index"
ASK = Act(
    "displays.ask", N_("申请公益展示"), N_("已申请，等待答复。"),
    N_("产品在页面最前展示，不收任何费用。每次最长 31 天；证书失效即不再展示。"),
    (Entry("place_code", N_("展示页面")), Entry("since_on", N_("开始日期")),
     Entry("until_on", N_("结束日期"), N_("这一天不再展示。")),
     Entry("reason", N_("申请理由"), N_("例如应季、滞销；不要写个人信息。"), rows=3)),
)  # fmt: skip
WITHDRAW = Act(
    "displays.withdraw", N_("撤回展示"), N_("已撤回。"), N_("撤回后可以重新申请。"),
    (Entry("reason", N_("撤回理由"), rows=2),),
)  # fmt: skip


@displays.get("/displays")
@page(displays, allow=frozenset({"coop_clerk", "coop_manager"}),
      menu=(N_("合作社"), N_("公益展示")))  # fmt: skip
def index() -> str:
    """List where own products are shown first, or wait to be."""
    found = listed("displays.list_slots")
    withdrawing = [("cooperative_displays.withdraw", None, WITHDRAW.title)]
    acts = dict.fromkeys(("asked", "given"), withdrawing)
    return render_template("displays.html", found=found, acts=acts, opens="displays.ask")


@displays.route("/listings/<uuid:listing_id>/display", methods=["GET", "POST"])
@page(displays, allow="displays.ask")
def ask_for(listing_id: UUID) -> Response | str:
    """Ask that a product is shown first on a page."""
    listing = ask("listings.show", listing_id=listing_id)
    form = Form(ASK.door, fixed={"listing_id": str(listing_id)})
    facts = [(_("产品"), listing["title"]), (_("认定证书"), listing["certificate_number"])]
    codes = [NATION, *pages_around(g.actor.region_code)]
    pages = [(code, front_of(code)) for code in codes]
    back = Place("cooperative_listings.show", {"listing_id": listing_id})
    return act_page(
        ASK, form, then=Place(INDEX), back=back, facts=facts, options={"place_code": pages}
    )


@displays.route("/displays/<uuid:slot_id>/withdraw", methods=["GET", "POST"])
@page(displays, allow="displays.ask")
def withdraw(slot_id: UUID) -> Response | str:
    """Take back a wish, or a slot that was given."""
    one = find_one("displays.list_slots", slot_id)
    facts = [] if one is None else [
        (_("产品"), one["title"]),
        (_("展示页面"), front_of(one["place_code"])),
        (_("展示日期"), f"{day(one['since_on'])} – {day(one['until_on'])}"),
    ]  # fmt: skip
    form = Form(WITHDRAW.door, slot_id=slot_id)
    return act_page(WITHDRAW, form, then=Place(INDEX), facts=facts)
