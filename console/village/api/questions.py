"""Pages of what households ask about their statements, and the code with which they read them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template

from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, filters_of, listed
from console.widgets.formats import instant
from console.widgets.names import region_of
from console.widgets.pages import page
from console.widgets.words import N_, _
from kernel.errors import NotFound

questions = Blueprint("village_questions", __name__, url_prefix="/village")
READS = "inquiries.list_questions"
ANSWER = Act(
    "inquiries.answer", N_("答复农户"), N_("已答复，农户在“农户查账”页面能看到。"), "",
    (Entry("answer", N_("答复"), N_("用大白话，说清楚数目是怎么来的。"), rows=3),),
)  # fmt: skip


@questions.get("/questions")
@page(questions, allow=READS, menu=(N_("村与农户"), N_("农户提问")))
def index() -> str:
    """List what households asked, the newest first."""
    return render_template("village/questions.html", found=listed(READS))


@questions.get("/questions/export")
@page(questions, allow=READS)
def export() -> Any:
    """Give the questions as a table."""
    door = "inquiries.export_list_questions"
    return ask(door, query=filters_of(door))


@questions.route("/questions/<uuid:question_id>/answer", methods=["GET", "POST"])
@page(questions, allow=ANSWER.door)
def answer(question_id: UUID) -> Response | str:
    """Answer a household."""
    one = ask("inquiries.get_question", question_id=question_id)
    if one["answered_at"]:
        raise NotFound
    facts = [(_("农户编号"), one["household_code"]), (_("村"), region_of(one["village_code"])),
             (_("提出时间"), instant(one["asked_at"])), (_("内容"), one["question"])]  # fmt: skip
    form = Form(ANSWER.door, question_id=question_id)
    return act_page(ANSWER, form, then=Place("village_questions.index"), facts=facts)


@questions.route("/households/<uuid:household_id>/statement-code", methods=["GET", "POST"])
@page(questions, allow="inquiries.hand_out")
def hand_out(household_id: UUID) -> str:
    """Make the code with which a household reads its statement; it is shown once."""
    form = Form("inquiries.hand_out", household_id=household_id)
    done = form.sent()
    one = ask("households.get", household_id=household_id)
    return render_template(
        "village/statement_code.html", form=form, one=one, given=done and done.answer
    )
