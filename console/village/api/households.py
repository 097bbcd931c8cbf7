"""Pages of the register: households by code, each with members, links, incomes and money."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template

from console.village.api.choices import organisations, villages
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, listed, may
from console.widgets.formats import today
from console.widgets.names import learn_names, region_of
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _, term
from kernel.errors import NotFound

households = Blueprint("village_households", __name__, url_prefix="/village")
SHOW = "village_households.show"
STAFF = frozenset({"village_cadre", "town_checker", "county_reviewer"})
CHANGES = "households.edit"
ACTS = {
    "edit": Act(
        "households.edit", N_("修改情况"), N_("已修改，历史保留。"), "",
        (Entry("members", N_("人口")), Entry("able_labour", N_("劳动力")),
         Entry("willing", N_("愿意参加产业帮扶")), Entry("cause", N_("致困原因"), kind="cause")),
    ),
    "phone": Act(
        "households.edit", N_("登记电话"), N_("电话已登记。"), N_("加密保存，页面上只显示一部分。"),
        (Entry("phone", N_("电话"), type="tel"),),
    ),
    "card": Act(
        "households.edit", N_("登记银行卡"), N_("银行卡已登记。"),
        N_("加密保存，页面上只显示一部分。"),
        (Entry("bank_card", N_("银行卡号")),),
    ),
    "move": Act(
        "household_moves.move", N_("迁到其他村"), N_("已迁入新的村。"),
        N_("从今天起生效，原村的历史保留。"),
        (Entry("village_code", N_("迁入的村")),),
    ),
    "member": Act(
        "household_members.add_member", N_("增加成员"), N_("成员已增加。"), "",
        (Entry("name", N_("姓名")), Entry("document_number", N_("身份证或残疾证号码")),
         Entry("relation", N_("与户主关系"), kind="relation"), Entry("sex", N_("性别"), kind="sex"),
         Entry("health", N_("健康状况"), kind="health"),
         Entry("disability_grade", N_("残疾等级")), Entry("labour", N_("劳动能力"), kind="labour"),
         Entry("willing", N_("愿意参加产业帮扶")), Entry("joined_on", N_("加入日期"))),
    ),
    "consent": Act(
        "benefit_links.record_consent", N_("登记农户同意"), N_("同意已登记。"),
        N_("农户同意某合作社查看与其联结有关的信息；随时可以撤回。"),
        (Entry("organisation_id", N_("合作社")),),
    ),
}  # fmt: skip
DOORS = {slug: act.door for slug, act in ACTS.items()}
LEAVE = Act(
    "household_members.leave", N_("成员离开"), N_("已登记离开。"), "",
    (Entry("left_on", N_("离开日期")), Entry("reason", N_("原因"), kind="leave_reason")),
)  # fmt: skip


@households.get("/households")
@page(households, allow=STAFF, menu=(N_("村与农户"), N_("农户名册")))
def index() -> str:
    """List the households in sight, masked."""
    found = listed("households.list_households")
    return render_template("village/households.html", found=found, villages=villages())


@households.route("/households/new", methods=["GET", "POST"])
@page(households, allow="households.register")
def register() -> Response | str:
    """Put a household on the register."""
    form = Form("households.register", start={"willing": True})
    if done := form.sent():
        return to_page(SHOW, household_id=done.answer["id"], said=_("农户已建档。"))
    return render_template("village/register.html", form=form, villages=villages())


@households.route("/households/look-up", methods=["GET", "POST"])
@page(households, allow="households.look_up")
def look_up() -> Response | str:
    """Find a household by its head's identity number; the look-up is kept."""
    form = Form("households.look_up")
    if done := form.sent():
        return to_page(SHOW, household_id=done.answer["id"])
    return render_template("village/look_up.html", form=form)


@households.get("/households/<uuid:household_id>")
@page(households, allow=STAFF)
def show(household_id: UUID) -> str:
    """Show a household: how it stands, its members, links, incomes and money."""
    year = today().year
    of: dict[str, Any] = {"household_id": household_id}
    links = ask("benefit_links.list_links", query=of)["items"]
    learn_names([one["organisation_id"] for one in links])
    return render_template(
        "village/household.html",
        one=ask("households.get", **of),
        members=ask("household_members.list_members", **of)["items"],
        history=ask("households.history", **of)["items"],
        links=links,
        incomes=ask("household_incomes.list_incomes", **of)["items"],
        compared=ask("household_incomes.compare", query={"year": year}, **of),
        money=_money(household_id),
        lines=ask("payouts.list_payout_lines", query=of)["items"] if _sees_payouts() else [],
        cases=ask("household_cases.list_cases", query=of)["items"],
        acts={slug: act for slug, act in ACTS.items() if may(act.door)},
    )


def _sees_payouts() -> bool:
    return may("payouts.list_payout_lines")


def _money(household_id: UUID) -> Any:
    return ask("attribution.statement", query={"party": f"household:{household_id}", "limit": "20"})


@households.route(
    "/households/<uuid:household_id>/<any(edit, phone, card, move, member):slug>",
    methods=["GET", "POST"],
)
@page(households, allow=CHANGES)
def act_on(household_id: UUID, slug: str) -> Response | str:
    """Change one thing about a household."""
    one = ask("households.get", household_id=household_id)
    kept = {"members", "able_labour", "willing", "cause", "village_code", "version"}
    start = {name: one[name] for name in kept} if slug != "member" else {"willing": True}
    return act_page(
        ACTS[slug],
        Form(DOORS[slug], start=start, part=slug, household_id=household_id),
        then=Place(SHOW, {"household_id": household_id}),
        facts=_facts(one),
        options={"village_code": villages()} if slug == "move" else None,
    )  # fmt: skip


@households.route("/households/<uuid:household_id>/consent", methods=["GET", "POST"])
@page(households, allow="benefit_links.record_consent")
def consent(household_id: UUID) -> Response | str:
    """Record that a household lets a cooperative see what concerns its link."""
    one = ask("households.get", household_id=household_id)
    form = Form(DOORS["consent"], household_id=household_id)
    then = Place(SHOW, {"household_id": household_id})
    options = {"organisation_id": organisations("cooperative")}
    return act_page(ACTS["consent"], form, then=then, facts=_facts(one), options=options)


def _facts(one: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (_("农户编号"), one["code"]),
        (_("户主"), one["head_name"]),
        (_("村"), region_of(one["village_code"])),
        (_("类别"), term(one["class"], "household_class").text),
    ]


@households.route("/households/<uuid:household_id>/members/<uuid:member_id>/leave",
                  methods=["GET", "POST"])  # fmt: skip
@page(households, allow="household_members.leave")
def leave(household_id: UUID, member_id: UUID) -> Response | str:
    """Note that a member has left."""
    members = ask("household_members.list_members", household_id=household_id)["items"]
    member = next((one for one in members if one["id"] == str(member_id)), None)
    if member is None:
        raise NotFound
    start = {"version": member["version"]}
    facts = [(_("姓名"), member["name"])]
    form = Form(LEAVE.door, start=start, member_id=member_id)
    return act_page(LEAVE, form, then=Place(SHOW, {"household_id": household_id}), facts=facts)


@households.route("/households/<uuid:household_id>/split", methods=["GET", "POST"])
@page(households, allow="household_moves.split")
def split(household_id: UUID) -> Response | str:
    """Let members found a household of their own."""
    one = ask("households.get", household_id=household_id)
    members = ask("household_members.list_members", household_id=household_id)["items"]
    start = {"version": one["version"], "willing": True}
    form = Form("household_moves.split", start=start, household_id=household_id)
    if done := form.sent():
        return to_page(SHOW, household_id=done.answer["id"], said=_("已分户，这是新的一户。"))
    present = [(one["id"], one["name"]) for one in members if one["left_on"] is None]
    return render_template("village/split.html", form=form, one=one, members=present)


@households.route("/households/<uuid:household_id>/reveal", methods=["GET", "POST"])
@page(households, allow="households.reveal")
def reveal(household_id: UUID) -> str:
    """Show a household in clear, for a stated purpose that is kept."""
    form = Form("households.reveal", household_id=household_id)
    done = form.sent()
    one = ask("households.get", household_id=household_id)
    who = ask("myself.get_myself")["username"]
    return render_template(
        "village/reveal.html", form=form, one=one, clear=done and done.answer, who=who
    )
