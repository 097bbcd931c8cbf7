"""Pages of cases: a clue, the visit, the comparison, the village's notice, the town's check."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request

from console.village.api.choices import households, villages
from console.village.rules import WITHDRAWN_BEFORE, step_of, takes, urgency
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, asked, listed, may
from console.widgets.formats import day, today
from console.widgets.names import region_of
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _, term

cases = Blueprint("village_cases", __name__, url_prefix="/village")
SHOW = "village_cases.show"
STAFF = frozenset({"village_cadre", "town_checker", "county_reviewer"})
CLUE = Entry("clue", N_("补充说明"), rows=4)
OPINION = Entry("opinion", N_("意见"), rows=3)
DECISION = Entry("decision", N_("结论"), kind="case_decision")
STEPS = {
    "visit": Act(
        "household_cases.take_step", N_("登记入户核查"), N_("入户核查已登记。"),
        N_("到户里看过、问过再填。"),
        (DECISION, OPINION,
         Entry("guarantees_safe", N_("“两不愁三保障”和饮水安全有保障"),
               N_("只在核查退出时填写。"))),
    ),
    "comparison": Act(
        "household_cases.take_step", N_("登记数据比对"), N_("数据比对已登记。"),
        N_("按所填年度的人均收入与监测线比对；不填为上一年。"),
        (DECISION, OPINION, Entry("income_year", N_("比对年度"))),
    ),
    "notice": Act(
        "household_cases.take_step", N_("登记村级公示"), N_("公示已开始。"),
        N_("公示期满、没有未答复的异议，才能报乡镇审核。"), (DECISION, OPINION),
    ),
    "town_check": Act(
        "household_cases.take_step", N_("乡镇审核"), N_("审核意见已登记。"), "",
        (DECISION, OPINION),
    ),
    "county_decision": Act(
        "household_cases.take_step", N_("县级审定"), N_("审定结果已登记。"),
        N_("通过后农户的类别和状态随之改变。"), (DECISION, OPINION),
    ),
}  # fmt: skip
RESUBMIT = Act("household_cases.resubmit", N_("补充后重新上报"), N_("已重新上报。"), "", (CLUE,))
WITHDRAW = Act(
    "household_cases.withdraw", N_("撤回线索"), N_("线索已撤回。"), N_("公示开始前可以撤回。")
)
OTHERS = {"resubmit": RESUBMIT, "withdraw": WITHDRAW}


@cases.get("/cases")
@page(cases, allow=STAFF, menu=(N_("村与农户"), N_("识别与退出")))
def index() -> str:
    """List the cases in sight, with the step each waits for and its due day."""
    found = listed("household_cases.list_cases")
    return render_template(
        "village/cases.html", found=found, step_of=step_of,
        is_mine=lambda case: takes(case, g.actor.roles),
        urgency=lambda due: urgency(due, on=today()),
    )  # fmt: skip


@cases.route("/cases/new", methods=["GET", "POST"])
@page(cases, allow="household_cases.report")
def report() -> Response | str:
    """Report a clue: about a household on the register, or about one that is not yet."""
    is_known = request.args.get("who") != "new"
    form = Form("household_cases.report", start=asked("household_id"))
    if done := form.sent():
        return to_page(SHOW, case_id=done.answer["id"], said=_("线索已上报。"))
    return render_template(
        "village/report.html", form=form, is_known=is_known, villages=villages(),
        households=households() if is_known else [],
    )  # fmt: skip


@cases.get("/cases/<uuid:case_id>")
@page(cases, allow=STAFF)
def show(case_id: UUID) -> str:
    """Show a case: what was reported, each step with its opinion, whose turn it is."""
    case = ask("household_cases.get", case_id=case_id)
    step = step_of(case)
    return render_template(
        "village/case.html", case=case, step=step, act=STEPS.get(step or ""),
        is_mine=takes(case, g.actor.roles), urgency=urgency(case["due_on"], on=today()),
        can_withdraw=may(WITHDRAW.door) and case["status"] in WITHDRAWN_BEFORE,
    )  # fmt: skip


@cases.route("/cases/<uuid:case_id>/step", methods=["GET", "POST"])
@page(cases, allow="household_cases.take_step")
def take_step(case_id: UUID) -> Response | str:
    """Take the step whose turn it is."""
    case = ask("household_cases.get", case_id=case_id)
    step = step_of(case)
    if step is None:
        return to_page(SHOW, case_id=case_id, said=_("这件事已没有待办的步骤。"))
    form = Form("household_cases.take_step", fixed={"step": step}, part=step, case_id=case_id)
    then = Place(SHOW, {"case_id": case_id})
    return act_page(STEPS[step], form, then=then, facts=_facts(case))


@cases.route("/cases/<uuid:case_id>/<any(resubmit, withdraw):slug>", methods=["GET", "POST"])
@page(cases, allow="household_cases.withdraw")
def act_on(case_id: UUID, slug: str) -> Response | str:
    """Hand a returned case in again, or take one back."""
    case = ask("household_cases.get", case_id=case_id)
    form = Form(OTHERS[slug].door, case_id=case_id)
    then = Place(SHOW, {"case_id": case_id})
    return act_page(OTHERS[slug], form, then=then, facts=_facts(case))


def _facts(case: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (_("编号"), case["number"]),
        (_("农户编号"), case["household_code"]),
        (_("村"), region_of(case["village_code"])),
        (_("事项"), term(case["kind"], "case_kind").text),
        (_("线索"), case["clue"]),
        (_("期限"), day(case["due_on"])),
    ]
