"""Pages of linked households: how each is linked, what each got, their statements."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template

from console.cooperative.api.choices import links_of_own, own_id, papers_of_own
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, asked, filters_of
from console.widgets.formats import today
from console.widgets.pages import page
from console.widgets.words import N_, _, term

members = Blueprint("cooperative_members", __name__, url_prefix="/cooperative")
INDEX = Place("cooperative_members.index")
ROLES = frozenset({"coop_clerk", "coop_manager"})
LINK = Act(
    "benefit_links.link", N_("登记联结"), N_("联结已登记。"),
    N_("农户须已建档并同意。一户可以有几种联结方式，但同一收益不能重复计算。"),
    (Entry("household_id", N_("农户")), Entry("way", N_("联结方式"), kind="benefit_way"),
     Entry("since_on", N_("自")), Entry("terms", N_("约定内容"), rows=3),
     Entry("product", N_("产品")), Entry("yearly_quantity", N_("年约定数量")),
     Entry("unit", N_("单位"), kind="unit"), Entry("price_fen", N_("约定单价")),
     Entry("promised_fen", N_("承诺年增收")),
     Entry("document_ids", N_("协议等材料"), is_many=True)),
)  # fmt: skip
ACTS = {
    "end": Act(
        "benefit_links.end_link", N_("结束联结"), N_("联结已结束。"),
        N_("结束之后的交售不再计入这种联结；以前的账不变。"), (Entry("until_on", N_("止于")),),
    ),
    "result": Act(
        "benefit_links.record_result", N_("登记成效"), N_("成效已登记。"),
        N_("登记这户一年里由此实际增收多少，附凭证。"),
        (Entry("year", N_("年度")), Entry("benefit_fen", N_("实际增收")),
         Entry("document_id", N_("凭证"))),
    ),
}  # fmt: skip


@members.get("/members")
@page(members, allow=ROLES, menu=(N_("合作社"), N_("农户联结与对账")))
def index() -> str:
    """List the links to households, with what a year brought of what was promised."""
    year = asked("year").get("year", str(today().year))
    query = {"year": year, "organisation_id": own_id()}
    is_clerk = Form("benefit_links.link").is_allowed
    results = ask("benefit_links.list_evaluations", query=query)["items"] if is_clerk else []
    return render_template(
        "cooperative/members.html", links=links_of_own(), results=results, year=year,
        is_clerk=is_clerk,
    )  # fmt: skip


@members.route("/members/new", methods=["GET", "POST"])
@page(members, allow="benefit_links.link")
def link() -> Response | str:
    """Register how a household is linked; others are found by their exact code."""
    query = {"limit": "100", **asked("code")}
    found = ask("households.list_households", query=query)["items"]
    options = {
        "household_id": [(one["id"], f"{one['code']} {one['head_name']}") for one in found],
        "document_ids": papers_of_own(),
    }
    form = Form(LINK.door, fixed={"organisation_id": own_id()})
    if not asked("code") and form.trouble is None:
        return render_template("cooperative/find_household.html", found=found)
    return act_page(LINK, form, then=INDEX, options=options)


@members.route("/members/<uuid:benefit_link_id>/<any(end, result):slug>", methods=["GET", "POST"])
@page(members, allow="benefit_links.link")
def act_on(benefit_link_id: UUID, slug: str) -> Response | str:
    """End a link, or note what it brought."""
    found = next((one for one in links_of_own() if one["id"] == str(benefit_link_id)), None)
    facts = [] if found is None else [
        (_("农户编号"), found["household"]["code"]),
        (_("联结方式"), term(found["way"], "benefit_way").text), (_("约定内容"), found["terms"]),
    ]  # fmt: skip
    form = Form(ACTS[slug].door, start={"year": today().year}, benefit_link_id=benefit_link_id)
    options = {"document_id": papers_of_own()}
    return act_page(ACTS[slug], form, then=INDEX, facts=facts, options=options)


@members.get("/members/<uuid:household_id>")
@page(members, allow=ROLES)
def statement(household_id: UUID) -> str:
    """Show what a household put in and what it has coming, entry by entry."""
    query = {**filters_of("attribution.statement"), "party": f"household:{household_id}"}
    return render_template(
        "cooperative/member.html",
        household=ask("households.get", household_id=household_id),
        found=ask("attribution.statement", query=query),
        query={key: one for key, one in query.items() if key in {"from", "to"}},
    )


@members.get("/members/<uuid:household_id>/statement")
@page(members, allow=ROLES)
def paper(household_id: UUID) -> Any:
    """Give the statement as it is printed for the household."""
    query = {**filters_of("attribution.paper"), "party": f"household:{household_id}"}
    return ask("attribution.paper", query=query)


@members.get("/statement")
@page(members, allow=ROLES)
def own_statement() -> Any:
    """Give the cooperative's own statement as it is printed."""
    query = {**filters_of("attribution.paper"), "party": f"cooperative:{own_id()}"}
    return ask("attribution.paper", query=query)


@members.get("/members/export")
@page(members, allow=ROLES)
def export() -> Any:
    """Give the links as a table."""
    query = {"organisation_id": own_id(), **filters_of("benefit_links.export_list_links")}
    return ask("benefit_links.export_list_links", query=query)
