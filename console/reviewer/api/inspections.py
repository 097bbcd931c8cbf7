"""Pages of inspections: draws that anybody can check, visits with a phone, what follows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, url_for

from console.reviewer.api.evidence import WithPhoto, certificate_of
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, listed, may
from console.widgets.formats import day
from console.widgets.names import categories, learn_names
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _, term
from kernel.errors import NotFound

inspections = Blueprint("reviewer_inspections", __name__, url_prefix="/reviewer/inspections")
INSPECTING = N_("检查与投诉")
VISITS = "inspection_tasks.start"
PLANS = "inspection_plans.announce"
PLAN_ACTS = {
    "draw": Act(
        "inspection_plans.draw", N_("抽取"), N_("已抽取，任务已生成。"),
        N_("抽取不能重来：名单由公布的数值与事先承诺的秘密值算出，任何人都能复算。"),
        (Entry("public_value", N_("公布的数值"), N_("照公开来源原样填写。")),),
    ),
    "call-off": Act(
        "inspection_plans.call_off", N_("取消抽查"), N_("抽查已取消。"),
        N_("取消后不能恢复，公告仍然保留。"),
    ),
}  # fmt: skip
IMPOSE = Act(
    "inspection_tasks.impose", N_("作出处理"), N_("处理已生效。"),
    N_("暂停与撤销立即生效；撤销不能恢复。"),
    (Entry("kind", N_("处理方式"), kind="consequence_kind"), Entry("reason", N_("理由"), rows=4)),
)  # fmt: skip
CANCEL = Act(
    "inspection_tasks.cancel", N_("取消任务"), N_("任务已取消。"), N_("只能取消还没有开始的任务。"),
    (Entry("reason", N_("理由"), rows=3),),
)  # fmt: skip


@inspections.get("/tasks")
@page(inspections, allow=VISITS, menu=(INSPECTING, N_("检查任务")))
def tasks() -> str:
    """List the inspections one may know of, the newest first."""
    found = listed("inspection_tasks.search")
    learn_names([one["holder_id"] for one in found["items"]])
    return render_template("reviewer/tasks.html", found=found, certificate_of=certificate_of)


@inspections.route("/tasks/<uuid:task_id>", methods=["GET", "POST"])
@page(inspections, allow=VISITS)
def task(task_id: UUID) -> Response | str:
    """Show an inspection and take its next step: start, find, recheck, conclude."""
    shown = ask("inspection_tasks.get", task_id=task_id)
    forms = _forms(shown, task_id)
    for form in forms.values():
        if form.sent():
            return to_page("reviewer_inspections.task", task_id=task_id, said=_("已登记。"))
    return render_template("reviewer/task.html", **shown, forms=forms, may=may)


def _forms(shown: dict[str, Any], task_id: UUID) -> dict[str, Form]:
    state = shown["task"]["status"]
    forms: dict[str, Form] = {}
    is_mine = shown["task"]["inspector_id"] == str(g.actor.user_id)
    if state == "hidden" and not is_mine and may("inspection_tasks.assign"):
        mine = {"inspector_id": str(g.actor.user_id)}
        forms["assign"] = Form("inspection_tasks.assign", fixed=mine, task_id=task_id)
    if state == "hidden" and is_mine:
        forms["start"] = Form("inspection_tasks.start", task_id=task_id)
    if state == "started" and is_mine:
        forms["find"] = WithPhoto("inspection_tasks.find", part="find", task_id=task_id)
        forms["conclude"] = Form("inspection_tasks.conclude", task_id=task_id)
    for one in shown["findings"]:
        if one["finding"]["status"] == "rectified":
            key = one["finding"]["id"]
            forms[key] = WithPhoto(
                "inspection_tasks.recheck",
                part=f"again-{one['finding']['position']}",
                finding_id=UUID(key),
            )
    return forms


@inspections.route("/tasks/<uuid:task_id>/impose", methods=["GET", "POST"])
@page(inspections, allow="inspection_tasks.impose")
def impose(task_id: UUID) -> Response | str:
    """Warn, suspend or revoke for what was found."""
    return _of_task(IMPOSE, task_id)


@inspections.route("/tasks/<uuid:task_id>/cancel", methods=["GET", "POST"])
@page(inspections, allow="inspection_tasks.cancel")
def cancel(task_id: UUID) -> Response | str:
    """Give up an inspection that nobody has begun."""
    return _of_task(CANCEL, task_id)


def _of_task(act: Act, task_id: UUID) -> Response | str:
    shown = ask("inspection_tasks.get", task_id=task_id)
    held = certificate_of(shown["task"]["certificate_id"])
    states = [one["finding"]["status"] for one in shown["findings"]]
    return act_page(
        act,
        Form(act.door, task_id=task_id),
        then=Place("reviewer_inspections.task", {"task_id": task_id}),
        facts=[(_("任务编号"), shown["task"]["number"] or "—"), (_("证书编号"), held.number),
               (_("产品"), held.product_name),
               (_("证书状态"), term(held.status.value, "certificate_status").text),
               (_("有效期至"), day(held.valid_until_on)), (_("发现问题"), len(states)),
               (_("未销号"), sum(one != "closed" for one in states))],
    )  # fmt: skip


@inspections.get("/findings/<uuid:finding_id>/photos/<uuid:document_id>")
@page(inspections, allow="inspection_tasks.photo")
def photo(finding_id: UUID, document_id: UUID) -> Response:
    """Give a photo or paper of a finding."""
    given: Response = ask("inspection_tasks.photo", finding_id=finding_id, document_id=document_id)
    return given


@inspections.get("/plans")
@page(inspections, allow=VISITS, menu=(INSPECTING, N_("随机抽查计划")))
def plans() -> str:
    """List announced and made draws, the newest first."""
    found = listed("inspection_plans.search")
    acts = [(url_for("reviewer_inspections.announce"), _("公告抽查"))] if may(PLANS) else []
    return render_template(
        "draws.html", found=found, shows="reviewer_inspections.plan", acts=acts,
        heading=_("随机抽查计划"), none=_("没有符合条件的抽查计划。"),
    )  # fmt: skip


@inspections.route("/plans/new", methods=["GET", "POST"])
@page(inspections, allow=PLANS)
def announce() -> Response | str:
    """Announce a draw."""
    start = {"region_code": g.actor.region_code, "strata": [{"code": "all", "size": None}]}
    form = Form(PLANS, start=start)
    if done := form.sent():
        number = done.answer["plan"]["number"]
        return to_page("reviewer_inspections.plan", number=number, said=_("抽查已公告。"))
    kinds = categories()
    strata = [("all", _("全部")), *kinds, *_counties()]
    return render_template("reviewer/announce.html", form=form, categories=kinds, strata=strata)


def _counties() -> list[tuple[str, str]]:
    """Give the counties of the own region, itself where it is one."""
    around = [ask("regions.get_region", code=g.actor.region_code)]
    found: list[tuple[str, str]] = []
    while around:
        one = around.pop(0)
        if one["level"] in {"province", "city"}:
            inside = {"parent": one["code"], "limit": "200"}
            around += ask("regions.list_regions", query=inside)["items"]
        elif one["level"] == "county":
            found.append((one["code"], one["name"]))
    return found


@inspections.get("/plans/<number>")
@page(inspections, allow=VISITS)
def plan(number: str) -> str:
    """Show a draw with its commitment, frame, seed and how far it is."""
    shown = ask("inspection_plans.get", number=number)
    acts = [
        (url_for("reviewer_inspections.decide", number=number, act=slug), _(act.title))
        for slug, act in PLAN_ACTS.items()
        if may(act.door)
    ]
    return render_template("draw.html", **shown, frames="reviewer_inspections.frame", acts=acts)


@inspections.get("/plans/<number>/frame")
@page(inspections, allow=VISITS)
def frame(number: str) -> Response:
    """Give the text that was drawn from, byte for byte."""
    given: Response = ask("inspection_plans.frame", number=number)
    return given


@inspections.route("/plans/<number>/<act>", methods=["GET", "POST"])
@page(inspections, allow="inspection_plans.draw")
def decide(number: str, act: str) -> Response | str:
    """Draw, or call the draw off."""
    if act not in PLAN_ACTS:
        raise NotFound
    one = ask("inspection_plans.get", number=number)["plan"]
    return act_page(
        PLAN_ACTS[act],
        Form(PLAN_ACTS[act].door, plan_id=UUID(one["id"])),
        then=Place("reviewer_inspections.plan", {"number": number}),
        facts=[(_("编号"), one["number"]), (_("名称"), one["title"]),
               (_("公开来源"), one["public_source"]), (_("公布日"), day(one["public_value_on"]))],
    )  # fmt: skip
