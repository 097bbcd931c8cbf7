"""A household's own pages, without an account: its statement, and its word on its money."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from marshmallow import ValidationError

from console.widgets.asking import Form
from console.widgets.pages import page
from console.widgets.words import N_, _
from kernel.http import PUBLIC

answers = Blueprint("village_answers", __name__)
OPEN = N_("公开查询")


def most() -> str:
    """Say how many guesses one address may make."""
    return "20 per hour"


@answers.route("/household", methods=["GET", "POST"])
@page(answers, allow=PUBLIC, menu=(OPEN, N_("农户收款确认")), rate=most)
def answer() -> str:
    """Take a household's word on its money, and say what was noted."""
    if request.method == "POST" and "received" not in request.form and g.trouble is None:
        raise ValidationError({"received": [_("请选择钱收到没有。")]})
    form = Form("payouts.answer")
    done = form.sent()
    return render_template("village/answer.html", form=form, noted=done and done.answer)


@answers.route("/household/statement", methods=["GET", "POST"])
@page(answers, allow=PUBLIC, menu=(OPEN, N_("农户查账")), rate=most)
def statement() -> str:
    """Show a household its year in six lines, and take what it asks; nothing is in the address."""
    kept = {name: request.form.get(name, "") for name in ("number", "code")}
    form = Form("inquiries.read", start=kept)
    done = form.sent()
    return render_template("village/statement.html", form=form, found=done and done.answer)
