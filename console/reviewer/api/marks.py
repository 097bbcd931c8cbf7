"""Pages of the marks of products: what waits for the county, confirm, withdraw."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template, url_for
from markupsafe import Markup

from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, listed
from console.widgets.formats import day
from console.widgets.pages import page
from console.widgets.words import N_, _, term

marks = Blueprint("reviewer_marks", __name__, url_prefix="/reviewer")
ACTS = {
    "confirm": Act(
        "marks.confirm", N_("确认标识"), N_("标识已确认。"),
        N_("请对照证明材料核对类别、编号、授予单位和有效期。确认后公众可见。"),
    ),
    "withdraw": Act(
        "marks.withdraw", N_("撤销标识"), N_("标识已撤销。"), N_("撤销后公众不再看到，不能恢复。"),
        (Entry("reason", N_("理由"), N_("写明依据；不要写个人信息。"), rows=4),),
    ),
}  # fmt: skip


@marks.get("/marks")
@page(marks, allow="marks.confirm", menu=(N_("认定"), N_("产品标识")))
def index() -> str:
    """List the marks of the county's products, the newest first."""
    return render_template("reviewer/marks.html", found=listed("marks.search"))


@marks.route("/marks/<uuid:mark_id>/<any(confirm, withdraw):act>", methods=["GET", "POST"])
@page(marks, allow="marks.confirm")
def decide(mark_id: UUID, act: str) -> Response | str:
    """Confirm or withdraw a mark, its paper at hand."""
    one = ask("marks.get", mark_id=mark_id)
    until_on = one["valid_until_on"]
    address = url_for("reviewer_work.paper", document_id=one["document_id"])
    paper = Markup('<a href="{}">{}</a>').format(address, _("打开"))
    return act_page(
        ACTS[act],
        Form(ACTS[act].door, mark_id=mark_id),
        then=Place("reviewer_marks.index"),
        facts=[(_("证书编号"), one["certificate_number"]), (_("产品"), one["product_name"]),
               (_("持有主体"), one["holder"]),
               (_("标识类别"), term(one["kind"], "mark_kind").text), (_("标识编号"), one["number"]),
               (_("授予单位"), one["issuer"]), (_("有效期起"), day(one["valid_from_on"])),
               (_("有效期止"), day(until_on) if until_on else _("长期有效")),
               (_("证明材料"), paper)],
    )  # fmt: skip
