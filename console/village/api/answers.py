"""A household's own page, without an account: by code it says whether its money came."""

from __future__ import annotations

from flask import Blueprint, render_template

from console.widgets.asking import Form
from console.widgets.pages import page
from console.widgets.words import N_
from kernel.http import PUBLIC

answers = Blueprint("village_answers", __name__)


@answers.route("/household", methods=["GET", "POST"])
@page(answers, allow=PUBLIC, menu=(N_("公开查询"), N_("农户收款确认")), rate=lambda: "20 per hour")
def answer() -> str:
    """Take a household's word on its money, and say what was noted."""
    form = Form("payouts.answer")
    done = form.sent()
    return render_template("village/answer.html", form=form, noted=done and done.answer)
