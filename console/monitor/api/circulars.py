"""Pages of circulars: asked for, watched, issued by another, compared, read as PDF or XLSX."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request

from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, listed, may
from console.widgets.formats import instant
from console.widgets.names import region_of
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _
from kernel import clock
from kernel.calendar import shanghai_year

circulars = Blueprint("monitor_circulars", __name__, url_prefix="/monitor/circulars")
ACTS = {
    "redraw": Act(
        "circulars.redraw", N_("重新起草"), N_("已重新开始起草。"),
        N_("按同一地区和期间重新汇总；您是起草人，印发须由其他人办理。"),
    ),
    "issue": Act(
        "circulars.issue", N_("印发"), N_("通报已印发。"),
        N_("印发须由起草人以外的人办理；印发后内容固定，任何人都能核对。"),
    ),
    "withdraw": Act(
        "circulars.withdraw", N_("撤回"), N_("通报已撤回。"), "",
        (Entry("reason", N_("理由"), rows=2),),
    ),
}  # fmt: skip
OPEN_ACTS = {"failed": "redraw", "draft": "issue", "issued": "withdraw"}
"""By state of a circular, what may be done with it."""
FAILURES = {
    "given_up": N_("试了多次都没有完成。请过一会儿重新起草；仍不成功的，请告诉平台管理员。"),
    "no_supervision_terms": N_(
        "该地区截至日没有生效的督办规则。请平台管理员补上规则，再重新起草。"
    ),
}
"""By its code, why a circular was not drawn up, and what to do."""


@circulars.route("/", methods=["GET", "POST"])
@page(circulars, allow="standings.list_standings", menu=(N_("监测"), N_("通报")))
def index() -> Response | str:
    """List the circulars, and draw up the next."""
    draw = Form(
        "circulars.draw",
        start={"region_code": g.actor.region_code, "year": shanghai_year(clock.now())},
    )
    if done := draw.sent():
        return to_page(
            "monitor_circulars.show", circular_id=done.answer["id"], said=_("已开始起草。")
        )
    found = listed("circulars.list_circulars")
    return render_template(
        "monitor/circulars.html", found=found, draw=draw if may("circulars.draw") else None
    )


@circulars.get("/<uuid:circular_id>")
@page(circulars, allow="standings.list_standings")
def show(circular_id: UUID) -> str:
    """Show how far a circular is, or its figures, what may be done, and that it is the same."""
    found = ask("circulars.get", circular_id=circular_id)
    slug = OPEN_ACTS.get(found["status"])
    acts = [(slug, ACTS[slug])] if slug and may(ACTS[slug].door) else []
    asks_same = request.args.get("compare") == "yes" and may("circulars.compare")
    is_asked = asks_same and found["contents"] is not None
    same = ask("circulars.compare", circular_id=circular_id) if is_asked else None
    return render_template(
        "monitor/circular.html", found=found, acts=acts, same=same, why=_why(found["reason"])
    )


def _why(reason: str | None) -> str:
    if reason is None:
        return ""
    if reason in FAILURES:
        return _(FAILURES[reason])
    return _(
        "没有起草成（%(code)s）。请重新起草；仍不成功的，请把括号里的代码告诉平台管理员。",
        code=reason,
    )


@circulars.route("/<uuid:circular_id>/<any(issue, redraw, withdraw):slug>", methods=["GET", "POST"])
@page(circulars, allow="circulars.issue")
def act_on(circular_id: UUID, slug: str) -> Response | str:
    """Issue a circular, take it back, or have it drawn up again."""
    found = ask("circulars.get", circular_id=circular_id)
    return act_page(
        ACTS[slug],
        Form(ACTS[slug].door, circular_id=circular_id),
        then=Place("monitor_circulars.show", {"circular_id": circular_id}),
        facts=[(_("编号"), found["number"] or "—"), (_("地区"), region_of(found["region_code"])),
               (_("截至"), instant(found["as_of"])), (_("内容指纹"), found["digest"] or "—")],
    )  # fmt: skip


@circulars.get("/<uuid:circular_id>/file")
@page(circulars, allow="standings.list_standings")
def file(circular_id: UUID) -> Any:
    """Give a circular as PDF or XLSX."""
    wanted = {"format": request.args.get("format", "pdf")}
    return ask("circulars.file", query=wanted, circular_id=circular_id)
