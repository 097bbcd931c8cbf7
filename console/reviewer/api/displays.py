"""Pages of public-interest display: who wishes to be shown first, giving a slot or not."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template

from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, listed, one_of
from console.widgets.formats import day
from console.widgets.names import front_of
from console.widgets.pages import page
from console.widgets.words import N_, _

displays = Blueprint("reviewer_displays", __name__, url_prefix="/reviewer")
DECIDES = "displays.decide"
OPINION = (Entry("opinion", N_("意见"), rows=3),)
ACTS = {
    "give": Act(
        DECIDES, N_("同意展示"), N_("已同意展示。"),
        N_("按申请的日期展示，不收费；同一页面同时最多展示 8 个，期满自动结束。"), OPINION,
    ),
    "decline": Act(DECIDES, N_("不同意展示"), N_("已答复。"), "", OPINION),
    "withdraw": Act(
        "displays.withdraw", N_("撤下展示"), N_("已撤下。"), N_("撤下后须由供应商重新申请。"),
        (Entry("reason", N_("理由"), N_("写明依据；不要写个人信息。"), rows=4),),
    ),
}  # fmt: skip
BY_STATUS = {"asked": ("give", "decline"), "given": ("withdraw",)}


@displays.get("/displays")
@page(displays, allow=DECIDES, menu=(N_("认定"), N_("公益展示")))
def index() -> str:
    """List who wishes to be shown on the pages of the region, and who is."""
    acts = {
        status: [("reviewer_displays.decide", act, ACTS[act].title) for act in possible]
        for status, possible in BY_STATUS.items()
    }
    return render_template(
        "displays.html", found=listed("displays.list_slots"), acts=acts, opens=DECIDES
    )


@displays.route("/displays/<uuid:slot_id>/<any(give, decline, withdraw):act>",
                methods=["GET", "POST"])  # fmt: skip
@page(displays, allow=DECIDES)
def decide(slot_id: UUID, act: str) -> Response | str:
    """Give a slot, decline it, or take it away."""
    fixed = {} if act == "withdraw" else {"give": act == "give"}
    form = Form(ACTS[act].door, fixed=fixed, slot_id=slot_id)
    one = one_of("displays.list_slots", slot_id)
    facts = [
        (_("产品"), one["title"]),
        (_("供应商"), one["supplier"]),
        (_("展示页面"), front_of(one["place_code"])),
        (_("展示日期"), f"{day(one['since_on'])} – {day(one['until_on'])}"),
        (_("理由"), one["reason"]),
    ]
    return act_page(ACTS[act], form, then=Place("reviewer_displays.index"), facts=facts)
