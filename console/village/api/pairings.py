"""Pages of who helps whom: pairings of villages and households, leaders, industries."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template

from console.village.api.choices import households, organisations, own_region, villages
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, filters_of, find_one
from console.widgets.formats import day
from console.widgets.names import learn_names, name_of, region_of
from console.widgets.pages import page
from console.widgets.words import N_, _, term

pairings = Blueprint("village_pairings", __name__, url_prefix="/village")
INDEX = Place("village_pairings.index")
LEADERS = Place("village_pairings.leaders")
STAFF = frozenset({"village_cadre", "town_checker"})
SOURCE = Entry("source", N_("文件或会议"), rows=2)
PAIR = Act(
    "pairings.pair", N_("登记结对"), N_("结对已登记。"), "",
    (Entry("kind", N_("结对方式"), kind="pairing_kind"), Entry("helper_id", N_("帮扶单位")),
     Entry("village_code", N_("村")), Entry("household_id", N_("农户编号"), N_("结对到户才选。")),
     Entry("since_on", N_("开始日期")), Entry("until_on", N_("结束日期")), SOURCE),
)  # fmt: skip
PAIR_INDUSTRY = Act(
    "pairings.pair_industry", N_("登记产业结对"), N_("产业结对已登记。"), "",
    (Entry("region_code", N_("地区")), Entry("industry", N_("产业")),
     Entry("party_kind", N_("主体类别"), kind="party_kind"),
     Entry("organisation_id", N_("主体")), Entry("since_on", N_("开始日期")),
     Entry("until_on", N_("结束日期")), SOURCE),
)  # fmt: skip
END = Act(
    "pairings.end", N_("结束结对"), N_("结对已结束。"), N_("结束后历史保留。"),
    (Entry("until_on", N_("结束日期")),),
)  # fmt: skip
LEADER = Act(
    "village_leaders.add_leader", N_("登记带头人"), N_("带头人已登记。"), "",
    (Entry("village_code", N_("村")), Entry("name", N_("姓名")),
     Entry("id_number", N_("身份证号码")), Entry("trade", N_("产业")),
     Entry("since_on", N_("开始日期"))),
)  # fmt: skip
END_LEADER = Act(
    "village_leaders.end_leader", N_("结束带头人"), N_("已登记结束。"), "",
    (Entry("until_on", N_("结束日期")),),
)  # fmt: skip


@pairings.get("/pairings")
@page(pairings, allow=STAFF, menu=(N_("村与农户"), N_("结对帮扶")))
def index() -> str:
    """List pairings in sight, who helps too many, and which industries lack a party."""
    place = {"region": own_region()}
    found = ask("pairings.list_pairings", query={**place, **filters_of("pairings.list_pairings")})
    matrix = ask("pairings.report_matrix", query=place)["items"]
    loads = ask("pairings.list_loads", query=place)
    learn_names([one["helper_id"] for one in [*found["items"], *loads["items"]]])
    learn_names([party["organisation_id"] for one in matrix for party in one["parties"]])
    codes = dict(households())
    return render_template(
        "village/pairings.html",
        found=found,
        matrix=matrix,
        loads=loads,
        codes=codes,
        totals=ask("pairings.get_totals"),
    )


@pairings.route("/pairings/new", methods=["GET", "POST"])
@page(pairings, allow="pairings.pair")
def pair() -> Response | str:
    """Register who helps a village or a household."""
    options = {"helper_id": organisations(), "village_code": villages(),
               "household_id": households()}  # fmt: skip
    return act_page(PAIR, Form(PAIR.door), then=INDEX, options=options)


@pairings.route("/pairings/industry", methods=["GET", "POST"])
@page(pairings, allow="pairings.pair_industry")
def pair_industry() -> Response | str:
    """Register who stands behind an industry of a region."""
    places = [(own_region(), region_of(own_region())), *villages()]
    options = {"region_code": places, "organisation_id": organisations()}
    return act_page(PAIR_INDUSTRY, Form(PAIR_INDUSTRY.door), then=INDEX, options=options)


@pairings.route("/pairings/<uuid:pairing_id>/end", methods=["GET", "POST"])
@page(pairings, allow="pairings.end")
def end(pairing_id: UUID) -> Response | str:
    """End a pairing."""
    one = find_one("pairings.list_pairings", pairing_id, {"region": own_region()})
    facts = [] if one is None else [
        (_("帮扶单位"), name_of(one["helper_id"])),
        (_("结对方式"), term(one["kind"], "pairing_kind").text),
        (_("村"), region_of(one["village_code"])),
    ]  # fmt: skip
    start = {} if one is None else {"version": one["version"]}
    form = Form(END.door, start=start, pairing_id=pairing_id)
    return act_page(END, form, then=INDEX, facts=facts)


@pairings.get("/leaders")
@page(pairings, allow=STAFF, menu=(N_("村与农户"), N_("致富带头人")))
def leaders() -> str:
    """List the leaders of the villages in sight, and villages that have too few."""
    place = {"region": own_region()}
    query = {**place, **filters_of("village_leaders.list_leaders")}
    return render_template(
        "village/leaders.html",
        found=ask("village_leaders.list_leaders", query=query),
        gaps=ask("household_coverage.list_leader_gaps", query=place)["items"],
    )


@pairings.route("/leaders/new", methods=["GET", "POST"])
@page(pairings, allow="village_leaders.add_leader")
def add_leader() -> Response | str:
    """Register a leader."""
    options = {"village_code": villages()}
    return act_page(LEADER, Form(LEADER.door), then=LEADERS, options=options)


@pairings.route("/leaders/<uuid:leader_id>/end", methods=["GET", "POST"])
@page(pairings, allow="village_leaders.end_leader")
def end_leader(leader_id: UUID) -> Response | str:
    """End a leader's time."""
    one = find_one("village_leaders.list_leaders", leader_id, {"region": own_region()})
    facts = [] if one is None else [
        (_("姓名"), one["name"]),
        (_("村"), region_of(one["village_code"])),
        (_("产业"), one["trade"]),
        (_("开始日期"), day(one["since_on"])),
    ]  # fmt: skip
    form = Form(END_LEADER.door, leader_id=leader_id)
    return act_page(END_LEADER, form, then=LEADERS, facts=facts)
