"""Pages of organisations: the list, one with its history, and what happens to it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template

from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, filters_of
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _, term

organisations = Blueprint("admin_organisations", __name__, url_prefix="/admin/organisations")
PART = N_("系统管理")
SOURCE = Entry("source", N_("依据文件"))
FROM = Entry("effective_on", N_("生效日期"))
ACTS = {
    "amend": Act(
        "organisations.amend", N_("更正登记"), N_("登记已更正。"),
        N_("只改登记时写错的内容；单位改了名，请用“更名”。"),
        (Entry("name", N_("名称")), Entry("region_code", N_("地区名称或代码"))),
    ),
    "rename": Act(
        "organisations.rename", N_("更名"), N_("更名已登记。"),
        N_("旧名称保留在历史中，更名日之前的记录仍显示旧名。"),
        (Entry("name", N_("新名称")), FROM, SOURCE),
    ),
    "merge": Act(
        "organisations.merge", N_("并入其他单位"), N_("合并已登记。"),
        N_("合并后本单位不再办理业务，填报、额度和完成额转到承接单位，不能撤销。"),
        (Entry("successor_id", N_("承接单位编号")), FROM, SOURCE),
    ),
    "abolish": Act(
        "organisations.abolish", N_("撤销单位"), N_("撤销已登记。"),
        N_("撤销后本单位不再办理新业务，已开始的业务办完为止，不能恢复。"),
        (Entry("successor_id", N_("承接单位编号")), FROM, SOURCE),
    ),
}  # fmt: skip


@organisations.route("/", methods=["GET", "POST"])
@page(organisations, allow="organisations.register", menu=(PART, N_("单位登记")))
def index() -> Response | str:
    """List organisations, and register one."""
    form = Form("organisations.register")
    if done := form.sent():
        shown = done.answer["id"]
        return to_page("admin_organisations.show", organisation_id=shown, said=_("单位已登记。"))
    asked = filters_of("organisations.list_organisations")
    found = ask("organisations.list_organisations", query=asked)
    return render_template("admin/organisations.html", found=found, form=form)


@organisations.get("/<uuid:organisation_id>")
@page(organisations, allow="organisations.register")
def show(organisation_id: UUID) -> str:
    """Show an organisation with its history and credit record."""
    return render_template(
        "admin/organisation.html",
        one=ask("organisations.get", organisation_id=organisation_id),
        history=ask("organisations.get_history", organisation_id=organisation_id),
        credit=ask("organisations.list_credit_entries", organisation_id=organisation_id),
        acts=ACTS,
    )


@organisations.route(
    "/<uuid:organisation_id>/<any(amend, rename, merge, abolish):slug>", methods=["GET", "POST"]
)
@page(organisations, allow="organisations.register")
def act_on(organisation_id: UUID, slug: str) -> Response | str:
    """Correct, rename, merge or end an organisation."""
    one = ask("organisations.get", organisation_id=organisation_id)
    form = Form(ACTS[slug].door, start=one, organisation_id=organisation_id)
    facts = [(_("单位"), one["name"]), (_("类别"), term(one["kind"], "organisation_kind").text)]
    then = Place("admin_organisations.show", {"organisation_id": organisation_id})
    return act_page(ACTS[slug], form, then=then, facts=facts)
