"""Pages of public notices: what hangs where, how long it runs, what was objected and answered."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, url_for

from console.reviewer.api.contacts import contact_page
from console.reviewer.api.evidence import WithOnePhoto, in_sight
from console.reviewer.rules import working_days_left
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, filters_of, listed, one_of
from console.widgets.formats import day, instant
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _
from kernel import clock
from kernel.calendar import shanghai_day
from kernel.errors import NotFound

notices = Blueprint("reviewer_notices", __name__, url_prefix="/reviewer")
NOTICES = N_("公示与异议")
ANSWERS = "notices.reply"
PUBLISH = Act(
    "notices.publish", N_("公开这条异议"), N_("异议已公开。"),
    N_("公开后任何人都能看到，不能收回。请去掉姓名、电话等个人信息后再填写。"),
    (Entry("text", N_("公开的文字"), rows=5),),
)  # fmt: skip


@notices.get("/notices")
@page(notices, allow=ANSWERS, menu=(NOTICES, N_("公示列表")))
def index() -> str:
    """List the notices of the region, the newest first."""
    found = ask(
        "notices.list_notices",
        query={"region": g.actor.region_code} | filters_of("notices.list_notices"),
    )
    corrected = _corrected()
    for one in found["items"]:
        left = _left(one, corrected)
        one["state"] = _("还有 %(count)s 个工作日", count=left) if left else ""
    return render_template(
        "notices.html", found=found, shows="reviewer_notices.show", heading=_("公示列表"),
        lead=_("公示期满、异议全部答复后才能作出决定。"),
        aside=(url_for("reviewer_notices.objections", open="true"), _("查看未答复的异议")),
    )  # fmt: skip


def _corrected() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask("notices.list_calendar_days", query={"limit": 100})["items"]
    return found


def _left(notice: dict[str, Any], corrected: list[dict[str, Any]]) -> int:
    today, closes = shanghai_day(clock.now()), date.fromisoformat(notice["closes_on"])
    return working_days_left(today, closes, corrected=corrected)


@notices.route("/notices/<uuid:notice_id>", methods=["GET", "POST"])
@page(notices, allow=ANSWERS)
def show(notice_id: UUID) -> Response | str:
    """Show a notice with its clock, boards and objections; say where it hangs."""
    shown = ask("notices.get", notice_id=notice_id)
    for one in shown["objections"]:
        one["whole"] = _whole(one["id"])
    form = WithOnePhoto("notices.post_notice", notice_id=notice_id)
    if form.sent():
        return to_page("reviewer_notices.show", notice_id=notice_id, said=_("张贴情况已登记。"))
    return render_template(
        "reviewer/notice.html",
        one=shown,
        form=form,
        left=_left(shown, _corrected()),
        is_seen=_is_seen(shown),
    )


def _whole(objection_id: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = in_sight(
        lambda: one_of("notices.list_objections", UUID(objection_id))
    )
    return found


def _is_seen(notice: dict[str, Any]) -> bool:
    key = UUID(notice["subject_id"])
    return in_sight(lambda: ask("applications.get", application_id=key)) is not None


@notices.get("/objections")
@page(notices, allow="notices.list_objections", menu=(NOTICES, N_("异议答复")))
def objections() -> str:
    """List the objections of the own region, the oldest first."""
    found = listed("notices.list_objections")
    return render_template("reviewer/objections.html", found=found)


@notices.route("/notices/<uuid:notice_id>/objections/<uuid:objection_id>", methods=["GET", "POST"])
@page(notices, allow=ANSWERS)
def objection(notice_id: UUID, objection_id: UUID) -> Response | str:
    """Answer an objection, once."""
    shown, one = _objection(notice_id, objection_id)
    form = Form("notices.reply", objection_id=objection_id)
    if form.sent():
        return to_page("reviewer_notices.show", notice_id=notice_id, said=_("异议已答复。"))
    return render_template("reviewer/objection.html", notice=shown, one=one, form=form)


def _objection(notice_id: UUID, objection_id: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    shown = ask("notices.get", notice_id=notice_id)
    if all(one["id"] != str(objection_id) for one in shown["objections"]):
        raise NotFound
    return shown, one_of("notices.list_objections", objection_id)


@notices.route(
    "/notices/<uuid:notice_id>/objections/<uuid:objection_id>/publish", methods=["GET", "POST"]
)
@page(notices, allow="notices.publish")
def publish(notice_id: UUID, objection_id: UUID) -> Response | str:
    """Show an objection to everybody, masked."""
    shown, one = _objection(notice_id, objection_id)
    return act_page(
        PUBLISH,
        Form("notices.publish", start={"text": one["text"]}, objection_id=objection_id),
        then=Place("reviewer_notices.show", {"notice_id": notice_id}),
        facts=[(_("公示"), shown["number"]), (_("提出时间"), instant(one["lodged_at"])),
               (_("答复期限"), day(one["due_on"])), (_("异议"), one["text"])],
    )  # fmt: skip


@notices.route(
    "/notices/<uuid:notice_id>/objections/<uuid:objection_id>/contact", methods=["GET", "POST"]
)
@page(notices, allow="notices.disclose_contact")
def contact(notice_id: UUID, objection_id: UUID) -> str:
    """Reveal the contact of who objected, for a stated purpose."""
    form = Form("notices.disclose_contact", objection_id=objection_id)
    return contact_page(form, back=Place("reviewer_notices.show", {"notice_id": notice_id}))
