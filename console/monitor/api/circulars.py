"""Pages of circulars: drawn up, issued by another, made again and compared, read as PDF or XLSX."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request

from console.widgets.asking import Form, ask, filters_of, may
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

circulars = Blueprint("monitor_circulars", __name__, url_prefix="/monitor/circulars")
ACTS = (
    ("circulars.issue", N_("印发"), "draft"),
    ("circulars.withdraw", N_("撤回"), "issued"),
)


@circulars.route("/", methods=["GET", "POST"])
@page(circulars, allow="standings.list_standings", menu=(N_("监测"), N_("通报")))
def index() -> Response | str:
    """List the circulars, and draw up the next."""
    draw = Form("circulars.draw", start={"region_code": g.actor.region_code})
    if done := draw.sent():
        return to_page(
            "monitor_circulars.show", circular_id=done.answer["id"], said=_("通报已起草。")
        )
    found = ask("circulars.list_circulars", query=filters_of("circulars.list_circulars"))
    return render_template(
        "monitor/circulars.html", found=found, draw=draw if may("circulars.draw") else None
    )


@circulars.route("/<uuid:circular_id>", methods=["GET", "POST"])
@page(circulars, allow="standings.list_standings")
def show(circular_id: UUID) -> Response | str:
    """Show a circular with its figures; issue it, take it back, prove that it is the same."""
    found = ask("circulars.get", circular_id=circular_id)
    forms = [
        (label, Form(name, circular_id=circular_id))
        for name, label, when in ACTS
        if when == found["status"] and may(name)
    ]
    for label, form in forms:
        if form.sent():
            done = _("已办理：") + _(label)
            return to_page("monitor_circulars.show", circular_id=circular_id, said=done)
    asks_same = request.args.get("compare") == "yes" and may("circulars.compare")
    same = ask("circulars.compare", circular_id=circular_id) if asks_same else None
    return render_template("monitor/circular.html", found=found, forms=forms, same=same)


@circulars.get("/<uuid:circular_id>/file")
@page(circulars, allow="standings.list_standings")
def file(circular_id: UUID) -> Any:
    """Give a circular as PDF or XLSX."""
    wanted = {"format": request.args.get("format", "pdf")}
    return ask("circulars.file", query=wanted, circular_id=circular_id)
