"""Pages of complaints: take one in hand, answer it, inspect what it is about."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template

from console.reviewer.api.contacts import contact_page
from console.reviewer.api.evidence import certificate_of
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, listed, one_of
from console.widgets.formats import day
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

complaints = Blueprint("reviewer_complaints", __name__, url_prefix="/reviewer/complaints")
INSPECT = Act(
    "complaints.inspect", N_("开展检查"), N_("检查任务已建立。"),
    N_("任务在开始前对被查主体不可见。"), (Entry("reason", N_("原因"), rows=3),),
)  # fmt: skip


@complaints.get("")
@page(complaints, allow="complaints.take", menu=(N_("检查与投诉"), N_("投诉")))
def index() -> str:
    """List the complaints of the own region, the first due first."""
    found = listed("complaints.search")
    return render_template("reviewer/complaints.html", found=found, certificate_of=certificate_of)


@complaints.route("/<uuid:complaint_id>", methods=["GET", "POST"])
@page(complaints, allow="complaints.take")
def show(complaint_id: UUID) -> Response | str:
    """Show a complaint and take its next step."""
    one = one_of("complaints.search", complaint_id)
    doors = {"received": "complaints.take", "in_hand": "complaints.answer"}
    form = None
    if one["status"] in doors:
        form = Form(doors[one["status"]], complaint_id=complaint_id)
        if form.sent():
            return to_page(
                "reviewer_complaints.show", complaint_id=complaint_id, said=_("投诉已办理。")
            )
    held = certificate_of(one["certificate_id"])
    return render_template("reviewer/complaint.html", one=one, form=form, held=held)


@complaints.route("/<uuid:complaint_id>/inspection", methods=["GET", "POST"])
@page(complaints, allow="complaints.inspect")
def inspect(complaint_id: UUID) -> Response | str:
    """Open a hidden inspection of what a complaint is about."""
    one = one_of("complaints.search", complaint_id)
    return act_page(
        INSPECT,
        Form("complaints.inspect", complaint_id=complaint_id),
        then=Place("reviewer_complaints.show", {"complaint_id": complaint_id}),
        facts=[(_("投诉编号"), one["number"]), (_("办理期限"), day(one["due_on"])),
               (_("内容"), one["text"])],
    )  # fmt: skip


@complaints.route("/<uuid:complaint_id>/contact", methods=["GET", "POST"])
@page(complaints, allow="complaints.disclose")
def contact(complaint_id: UUID) -> str:
    """Reveal the contact of who complained, for a stated purpose."""
    form = Form("complaints.disclose", complaint_id=complaint_id)
    return contact_page(
        form, back=Place("reviewer_complaints.show", {"complaint_id": complaint_id})
    )
