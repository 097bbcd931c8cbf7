"""Pages of certificates: what of each is used, renewal, change of scope, findings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template

from certification.certificates.queries.certificates import get_certificate
from certification.criteria.queries import get_scheme_code
from console.cooperative.api.applications import form_page
from console.cooperative.api.choices import certificates_of_own, own_id, papers_of_own
from console.cooperative.rules import (
    days_to,
    is_renewal_open,
    pages_around,
    share,
)
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask
from console.widgets.formats import quantity, today
from console.widgets.names import NATION
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _
from kernel.actor import SYSTEM

certificates = Blueprint("cooperative_certificates", __name__, url_prefix="/cooperative")
SHOW = "cooperative_certificates.show"
ROLES = frozenset({"coop_clerk", "coop_manager"})
RENEWED = (
    "product_name", "category_code", "specification", "unit", "yearly_quantity", "unit_price_fen",
)  # fmt: skip
SCOPE = Act(
    "certificate_scope.ask", N_("申请变更范围"), N_("变更申请已提交。"),
    N_("由发证机关审核；同意前证书内容不变。"),
    (Entry("product_name", N_("产品名称")), Entry("specification", N_("规格")),
     Entry("yearly_quantity", N_("年产量")), Entry("reason", N_("理由"), rows=2)),
)  # fmt: skip
WITHDRAW = Act("certificate_scope.withdraw", N_("撤回变更申请"), N_("变更申请已撤回。"))
RECTIFY = Act(
    "inspection_tasks.rectify", N_("提交整改"), N_("整改已提交。"), N_("由检查人员复查。"),
    (Entry("text", N_("整改情况"), rows=4),
     Entry("document_ids", N_("证明材料"), is_many=True)),
)  # fmt: skip


@certificates.get("/certificates")
@page(certificates, allow=ROLES, menu=(N_("合作社"), N_("证书与产能")))
def index() -> str:
    """List the own certificates with what of each is used this year."""
    found = certificates_of_own()
    for one in found:
        one["capacity"] = _open_capacity(one["number"])
    return render_template(
        "cooperative/certificates.html", found=found, share=share,
        days_left=lambda day: days_to(day, on=today()),
    )  # fmt: skip


def _open_capacity(number: str) -> dict[str, Any] | None:
    items = ask("certificate_papers.capacities", number=number)["items"]
    return next((one for one in items if one["is_open"]), items[-1] if items else None)


@certificates.get("/certificates/<number>")
@page(certificates, allow=ROLES)
def show(number: str) -> str:
    """Show a certificate: its capacity used, its changes, what was asked about it."""
    one = ask("certificates.verify", number=number)
    about = {"certificate_id": one["id"]}
    changes = ask("certificate_scope.list_changes", query=about)["items"]
    is_own = one["holder"]["id"] == own_id()
    papers = ask("marks.list_papers", certificate_id=UUID(one["id"])) if is_own else {"items": []}
    terms = _terms_of(one["origin"]["region_code"])
    left = days_to(one["valid_until_on"], on=today())
    return render_template(
        "cooperative/certificate.html", one=one, share=share, changes=changes, is_own=is_own,
        capacities=ask("certificate_papers.capacities", number=number)["items"],
        papers=papers["items"], marks=ask("marks.search", query=about)["items"],
        days_left=left, terms=terms, may_renew=terms is None or is_renewal_open(terms, left),
    )  # fmt: skip


def _terms_of(region_code: str) -> dict[str, Any] | None:
    """Give the terms of certificates that hold around a place, the nearest region's first."""
    found = {one["region_code"]: one for one in ask("certificates.list_terms")["items"]}
    around = [*pages_around(region_code), NATION]
    return next((found[code] for code in around if code in found), None)


@certificates.get("/certificates/<number>/paper")
@page(certificates, allow=ROLES)
def paper(number: str) -> Any:
    """Give the certificate as it is printed."""
    return ask("certificate_papers.paper", number=number)


@certificates.route("/certificates/<number>/renew", methods=["GET", "POST"])
@page(certificates, allow="certificate_scope.renew")
def renew(number: str) -> Response | str:
    """Apply for the certificate to go on; it begins with what it says now."""
    one = ask("certificates.verify", number=number)
    start = {name: one[name] for name in RENEWED}
    start["origin_region_code"] = one["origin"]["region_code"]
    start["goods_value_fen"] = int(Decimal(one["yearly_quantity"]) * one["unit_price_fen"])
    certificate_id: Any = UUID(one["id"])
    start["scheme_code"] = get_scheme_code(
        SYSTEM, get_certificate(SYSTEM, certificate_id).scheme_id
    )
    form = Form("certificate_scope.renew", start=start, certificate_id=certificate_id)
    if done := form.sent():
        made = done.answer["id"]
        said = _("续期申请草稿已保存，核对后再提交。")
        return to_page("cooperative_applications.show", application_id=made, said=said)
    return form_page(form, heading=_("续期") + " " + number)


@certificates.route("/certificates/<number>/scope", methods=["GET", "POST"])
@page(certificates, allow="certificate_scope.ask")
def change_scope(number: str) -> Response | str:
    """Ask that a certificate say something else."""
    one = ask("certificates.verify", number=number)
    facts = [(_("证书编号"), number), (_("现在的产品名称"), one["product_name"]),
             (_("现在的规格"), one["specification"]),
             (_("现在的年产量"), quantity(one["yearly_quantity"], one["unit"]))]  # fmt: skip
    start = {name: one[name] for name in ("product_name", "specification", "yearly_quantity")}
    form = Form(SCOPE.door, start=start, certificate_id=UUID(one["id"]))
    return act_page(SCOPE, form, then=Place(SHOW, {"number": number}), facts=facts)


@certificates.route("/certificates/<number>/scope/<uuid:scope_change_id>/withdraw",
                    methods=["GET", "POST"])  # fmt: skip
@page(certificates, allow="certificate_scope.withdraw")
def withdraw_scope(number: str, scope_change_id: UUID) -> Response | str:
    """Take back what was asked and not decided."""
    form = Form(WITHDRAW.door, scope_change_id=scope_change_id)
    facts = [(_("证书编号"), number)]
    return act_page(WITHDRAW, form, then=Place(SHOW, {"number": number}), facts=facts)


@certificates.get("/inspections/<uuid:task_id>")
@page(certificates, allow=ROLES)
def task(task_id: UUID) -> str:
    """Show an inspection with what it found."""
    found = ask("inspection_tasks.get", task_id=task_id)
    return render_template("cooperative/inspection.html", found=found)


@certificates.route("/inspections/<uuid:task_id>/findings/<uuid:finding_id>",
                    methods=["GET", "POST"])  # fmt: skip
@page(certificates, allow="inspection_tasks.rectify")
def rectify(task_id: UUID, finding_id: UUID) -> Response | str:
    """Say how a finding was put right, with proof."""
    return act_page(
        RECTIFY,
        Form(RECTIFY.door, finding_id=finding_id),
        then=Place("cooperative_certificates.task", {"task_id": task_id}),
        options={"document_ids": papers_of_own()},
    )
