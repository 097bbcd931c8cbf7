"""Pages of public notices: what runs, what was objected, how to object."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template

from console.widgets.asking import Form, ask, listed
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _
from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import PUBLIC

posted = Blueprint("public_posted", __name__)


@posted.get("/notices")
@page(posted, allow=PUBLIC, menu=(N_("公开查询"), N_("公示与异议")))
def index() -> str:
    """List notices, the newest first."""
    found = listed("notices.list_notices")
    for one in found["items"]:
        one["state"] = _("公示中") if _runs(one) else ""
    return render_template(
        "notices.html", found=found, shows="public_posted.show", heading=_("公示与异议"),
        lead=_("公示期内任何人都可以提出异议，不用账号，可以匿名。"),
    )  # fmt: skip


def _runs(notice: dict[str, Any]) -> bool:
    return shanghai_day(clock.now()) < date.fromisoformat(notice["closes_on"])


@posted.route("/notices/<uuid:notice_id>", methods=["GET", "POST"])
@page(posted, allow=PUBLIC, rate=lambda: "30 per hour", counts=frozenset({HTTPStatus.SEE_OTHER}))
def show(notice_id: UUID) -> Response | str:
    """Show a notice; take an objection while it runs."""
    shown = ask("notices.get", notice_id=notice_id)
    form = Form("notices.lodge", notice_id=notice_id)
    if form.sent():
        said = _("异议已提交，答复会写在本页。")
        return to_page("public_posted.show", notice_id=notice_id, said=said)
    runs = _runs(shown) and not shown["outcome"]
    return render_template("public/notice.html", one=shown, form=form, runs=runs)


@posted.get("/household-notices")
@page(posted, allow=PUBLIC, menu=(N_("公开查询"), N_("农户公示")))
def households() -> str:
    """List what the villages have on notice today, by household code."""
    door = "household_cases.list_posted"
    return render_template("public/household_notices.html", found=listed(door))
