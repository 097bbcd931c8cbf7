"""Pages of certification: what to hand in, what came back and why, what the year yields."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template

from console.cooperative.api.choices import (
    either,
    links_of_own,
    origins,
    papers_of_own,
    schemes,
)
from console.cooperative.rules import checklist, reasons_by_field
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, filters_of, find_one
from console.widgets.formats import quantity, today, yuan
from console.widgets.names import COUNTY, categories, category_of, paper_kind_of, region_of
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _, term

applications = Blueprint("cooperative_applications", __name__, url_prefix="/cooperative")
SHOW = "cooperative_applications.show"
ROLES = frozenset({"coop_clerk", "coop_manager"})
FIELDS = {
    "scheme_code": N_("适用方案"), "product_name": N_("产品名称"), "category_code": N_("品类"),
    "specification": N_("规格"), "unit": N_("单位"), "origin_region_code": N_("产地"),
    "yearly_quantity": N_("年产量"), "goods_value_fen": N_("商品价值量"),
    "unit_price_fen": N_("单价"),
    "document_ids": N_("证照材料"), "benefit_link_ids": N_("联农带农"), "pledge": N_("承诺"),
    "comparison_prices": N_("比价"), "household_quantities": N_("各户产量"),
}  # fmt: skip
ACTS = {
    "submit": Act(
        "applications.submit", N_("提交申请"), N_("申请已提交。"),
        N_("提交后交镇级初审，逐级审核；退回前不能再修改。"),
    ),
    "withdraw": Act(
        "applications.withdraw", N_("撤回申请"), N_("申请已撤回。"),
        N_("撤回后这份申请不能再提交，需要重新起草。"),
    ),
}  # fmt: skip
CHANGE_PRODUCTION = Act(
    "applications.change_production", N_("修改产量申报"), N_("产量申报已修改。"),
    N_("不能低于已认定的数量。"),
    (Entry("quantity", N_("年产量")), Entry("basis", N_("依据"), rows=2)),
)  # fmt: skip


@applications.get("/applications")
@page(applications, allow=ROLES, menu=(N_("合作社"), N_("认定申请")))
def index() -> str:
    """List the applications, the newest first."""
    query = filters_of("applications.list_applications")
    found = ask("applications.list_applications", query=query)
    names = dict(categories())
    return render_template("cooperative/applications.html", found=found, categories=names)


@applications.route("/applications/new", methods=["GET", "POST"])
@page(applications, allow="applications.draft")
def draft() -> Response | str:
    """Begin an application."""
    form = Form("applications.draft")
    if done := form.sent():
        return to_page(SHOW, application_id=done.answer["id"], said=_("草稿已保存，核对后再提交。"))
    return form_page(form, heading=_("新的认定申请"))


@applications.route("/applications/<uuid:application_id>/edit", methods=["GET", "POST"])
@page(applications, allow="applications.edit")
def edit(application_id: UUID) -> Response | str:
    """Change a draft, or what was returned, with the reasons at the fields."""
    start = ask("applications.get", application_id=application_id)
    form = Form("applications.edit", start=start, application_id=application_id)
    if form.sent():
        return to_page(SHOW, application_id=application_id, said=_("已保存，核对后再提交。"))
    heading = _("修改申请") + " " + start["number"]
    return form_page(form, heading=heading, reasons=reasons_by_field(start))


def form_page(form: Form, *, heading: str, reasons: dict[str, list[str]] | None = None) -> str:
    """Show the form of an application; a certificate's renewal has the same."""
    links = [
        (one["id"], f"{one['household']['code']} · {term(one['way'], 'benefit_way').text}")
        for one in links_of_own()
    ]
    return render_template(
        "cooperative/application_form.html", form=form, heading=heading, reasons=reasons or {},
        schemes=schemes(), categories=categories(), papers=papers_of_own(), links=links,
        origins=origins(),
    )  # fmt: skip


@applications.get("/applications/<uuid:application_id>")
@page(applications, allow=ROLES)
def show(application_id: UUID) -> str:
    """Show an application: its checklist, its steps, why it came back, its notice."""
    found = ask("applications.get", application_id=application_id)
    papers = [ask("documents.get", document_id=UUID(one)) for one in found["document_ids"]]
    scheme = ask("criteria.get_scheme", code=found["scheme_code"])
    wanted = [
        (" / ".join(paper_kind_of(one) for one in kinds), is_there)
        for kinds, is_there in checklist(found, scheme, [one["kind"] for one in papers])
    ]
    return render_template(
        "cooperative/application.html", one=found, papers=papers, wanted=wanted, fields=FIELDS,
        scheme=either(scheme), categories=dict(categories()), reasons=reasons_by_field(found),
    )  # fmt: skip


@applications.route("/applications/<uuid:application_id>/<any(submit, withdraw):slug>",
                    methods=["GET", "POST"])  # fmt: skip
@page(applications, allow="applications.submit")
def act_on(application_id: UUID, slug: str) -> Response | str:
    """Hand it in, or take it back for good."""
    one = ask("applications.get", application_id=application_id)
    facts = [(_("申请编号"), one["number"]), (_("产品名称"), one["product_name"]),
             (_("规格"), one["specification"]), (_("单价"), yuan(one["unit_price_fen"])),
             (_("材料份数"), len(one["document_ids"])),
             (_("联结农户"), len(one["benefit_link_ids"]))]  # fmt: skip
    form = Form(ACTS[slug].door, application_id=application_id)
    then = Place(SHOW, {"application_id": application_id})
    return act_page(ACTS[slug], form, then=then, facts=facts)


@applications.get("/applications/<uuid:application_id>/versions")
@page(applications, allow=ROLES)
def versions(application_id: UUID) -> str:
    """Show what was handed in, round by round, and what each round changed."""
    found = ask("applications.list_versions", application_id=application_id)["items"]
    one = ask("applications.get", application_id=application_id)
    return render_template(
        "cooperative/versions.html", one=one, versions=found, fields=FIELDS, written=_said
    )


def _said(pointer: str, value: Any) -> str:
    """Write one side of a difference for people."""
    name = pointer.strip("/").partition("/")[0]
    if value in {None, ""} if not isinstance(value, (list, dict)) else not value:
        return "—"
    if isinstance(value, list):
        return _("%(count)s 项", count=len(value))
    if name.endswith("_fen") and isinstance(value, int):
        return yuan(value)
    return term(value, "unit").text if name == "unit" else str(value)


@applications.route("/productions", methods=["GET", "POST"])
@page(applications, allow=ROLES, menu=(N_("合作社"), N_("产量申报")))
def productions() -> Response | str:
    """List what is produced a year, with what of it is certified; say another."""
    form = Form("applications.declare", start={"year": today().year})
    if form.is_allowed and form.sent():
        return to_page("cooperative_applications.productions", said=_("产量已申报。"))
    query = filters_of("applications.list_productions")
    return render_template(
        "cooperative/productions.html", form=form, categories=dict(categories()),
        found=ask("applications.list_productions", query=query),
        counties=[one for one in origins() if len(one[0]) == COUNTY],
    )  # fmt: skip


@applications.route("/productions/<uuid:production_id>/change", methods=["GET", "POST"])
@page(applications, allow="applications.change_production")
def change_production(production_id: UUID) -> Response | str:
    """Say a year's production anew."""
    form = Form(CHANGE_PRODUCTION.door, production_id=production_id)
    then = Place("cooperative_applications.productions")
    return act_page(CHANGE_PRODUCTION, form, then=then, facts=_declared(production_id))


def _declared(production_id: UUID) -> list[tuple[str, str]]:
    """Say which production it is and what of it is certified, if it is among the newest."""
    one = find_one("applications.list_productions", production_id)
    if one is None:
        return []
    return [(_("年度"), str(one["year"])), (_("品类"), category_of(one["category_code"])),
            (_("地区"), region_of(one["county_code"])),
            (_("年产量"), quantity(one["declared"], one["unit"])),
            (_("已认定"), quantity(one["certified"], one["unit"]))]  # fmt: skip
