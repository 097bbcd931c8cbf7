"""Pages of circulars: drawn up, issued by another, made again and compared, read as PDF or XLSX."""

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
    "issue": Act(
        "circulars.issue", N_("印发"), N_("通报已印发。"),
        N_("印发须由起草人以外的人办理；印发后内容固定，任何人都能核对。"),
    ),
    "withdraw": Act(
        "circulars.withdraw", N_("撤回"), N_("通报已撤回。"), "",
        (Entry("reason", N_("理由"), rows=2),),
    ),
}  # fmt: skip
OPEN_ACTS = {"draft": "issue", "issued": "withdraw"}
"""By state of a circular, what may be done with it."""


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
            "monitor_circulars.show", circular_id=done.answer["id"], said=_("通报已起草。")
        )
    found = listed("circulars.list_circulars")
    return render_template(
        "monitor/circulars.html", found=found, draw=draw if may("circulars.draw") else None
    )


@circulars.get("/<uuid:circular_id>")
@page(circulars, allow="standings.list_standings")
def show(circular_id: UUID) -> str:
    """Show a circular with its figures, what may be done, and prove that it is the same."""
    found = ask("circulars.get", circular_id=circular_id)
    slug = OPEN_ACTS.get(found["status"])
    acts = [(slug, ACTS[slug])] if slug and may(ACTS[slug].door) else []
    asks_same = request.args.get("compare") == "yes" and may("circulars.compare")
    same = ask("circulars.compare", circular_id=circular_id) if asks_same else None
    return render_template("monitor/circular.html", found=found, acts=acts, same=same)


@circulars.route("/<uuid:circular_id>/<any(issue, withdraw):slug>", methods=["GET", "POST"])
@page(circulars, allow="circulars.issue")
def act_on(circular_id: UUID, slug: str) -> Response | str:
    """Issue a circular, or take it back."""
    found = ask("circulars.get", circular_id=circular_id)
    return act_page(
        ACTS[slug],
        Form(ACTS[slug].door, circular_id=circular_id),
        then=Place("monitor_circulars.show", {"circular_id": circular_id}),
        facts=[(_("编号"), found["number"] or "—"), (_("地区"), region_of(found["region_code"])),
               (_("截至"), instant(found["as_of"])), (_("内容指纹"), found["digest"])],
    )  # fmt: skip


@circulars.get("/<uuid:circular_id>/file")
@page(circulars, allow="standings.list_standings")
def file(circular_id: UUID) -> Any:
    """Give a circular as PDF or XLSX."""
    wanted = {"format": request.args.get("format", "pdf")}
    return ask("circulars.file", query=wanted, circular_id=circular_id)
