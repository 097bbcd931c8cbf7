"""Pages of complaints about certified goods: lodge one, follow one by number and code."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, render_template, request

from console.widgets.asking import Form
from console.widgets.pages import page
from console.widgets.words import N_
from kernel.http import PUBLIC

voices = Blueprint("public_voices", __name__)
OPEN = N_("公开查询")
LODGED = frozenset({HTTPStatus.OK})
"""A complaint that was taken is shown at once, and is what its limit counts."""


def most() -> str:
    """Say how many complaints one address may lodge."""
    return "30 per hour"


@voices.route("/complaints", methods=["GET", "POST"])
@page(voices, allow=PUBLIC, menu=(OPEN, N_("投诉举报")), rate=most, counts=LODGED)
def lodge() -> str:
    """Take a complaint; its number and code are shown once."""
    form = Form(
        "complaints.lodge", start={"certificate_number": request.args.get("certificate", "")}
    )
    done = form.sent()
    return render_template("public/complaint.html", form=form, lodged=done and done.answer)


@voices.route("/complaints/follow", methods=["GET", "POST"])
@page(voices, allow=PUBLIC, rate=lambda: "10 per minute")
def follow() -> str:
    """Tell where a complaint stands to who has its number and code."""
    number = request.form.get("number", "").strip().upper()
    form = Form("complaints.follow", part="follow", number=number or "-")
    form.name = "complaints.follow"
    done = form.sent() if number else None
    return render_template(
        "public/follow.html", form=form, number=number, found=done and done.answer
    )
