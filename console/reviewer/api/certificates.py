"""Pages of certificates: find one, warn, suspend, reinstate, revoke; wishes to change; lists."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template

from console.reviewer.api.evidence import certificate_of
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, listed, may, one_of
from console.widgets.formats import day, quantity
from console.widgets.names import categories
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _, term
from kernel.errors import NotFound

certificates = Blueprint("reviewer_certificates", __name__, url_prefix="/reviewer")
CERTIFYING = N_("认定")
DECIDES = "certificates.warn"
REASON = (Entry("reason", N_("理由"), N_("写明依据；不要写个人信息。"), rows=4),)
ACTS = {
    "warn": Act(
        "certificates.warn", N_("警告"), N_("警告已发出。"),
        N_("警告会通知持有主体并记入证书历史，证书效力不变。"), REASON,
    ),
    "suspend": Act(
        "certificates.suspend", N_("暂停证书"), N_("证书已暂停。"),
        N_("暂停后不能再下新订单，已接受的订单继续履行；查验页立即显示暂停。"), REASON,
    ),
    "reinstate": Act(
        "certificates.reinstate", N_("恢复证书"), N_("证书已恢复。"),
        N_("恢复后可以再下新订单。"), REASON,
    ),
    "revoke": Act(
        "certificates.revoke", N_("撤销证书"), N_("证书已撤销。"),
        N_("撤销不能恢复。已接受的订单继续履行，不能再下新订单；查验页立即显示撤销。"), REASON,
    ),
}  # fmt: skip
OPEN_ACTS = {
    "in_force": ("warn", "suspend", "revoke"),
    "suspended": ("warn", "reinstate", "revoke"),
}
"""By state of a certificate, what may be done with it."""


@certificates.get("/certificates")
@page(certificates, allow=DECIDES, menu=(CERTIFYING, N_("证书")))
def index() -> str:
    """Search certificates."""
    found = listed("certificates.search")
    return render_template("reviewer/certificates.html", found=found, categories=categories())


@certificates.get("/certificates-ending")
@page(certificates, allow=DECIDES, menu=(CERTIFYING, N_("即将到期")))
def expiring() -> str:
    """List the certificates that end soon, the first to end first."""
    found = listed("certificates.expiring")
    return render_template("reviewer/expiring.html", found=found)


@certificates.get("/certificates-nearing")
@page(certificates, allow=DECIDES, menu=(CERTIFYING, N_("产能将满")))
def nearing() -> str:
    """List the certificates whose year is nearly sold."""
    found = listed("certificates.nearing")
    for one in found["items"]:
        one["years"] = ask("certificate_papers.capacities", number=one["number"])["items"]
    return render_template("reviewer/nearing.html", found=found)


@certificates.get("/certificates/<number>")
@page(certificates, allow=DECIDES)
def show(number: str) -> str:
    """Show a certificate with its years and history, and what may be done."""
    one = ask("certificates.verify", number=number)
    wishes = ask("certificate_scope.list_changes", query={"certificate_id": one["id"]})
    return render_template(
        "reviewer/certificate.html",
        one=one,
        years=ask("certificate_papers.capacities", number=number)["items"],
        wishes=wishes,
        acts=[(name, ACTS[name].title) for name in OPEN_ACTS.get(one["status"], ())],
        may_open=may("inspection_tasks.open_case"),
    )


@certificates.route("/certificates/<number>/<act>", methods=["GET", "POST"])
@page(certificates, allow=DECIDES)
def decide(number: str, act: str) -> Response | str:
    """Warn, suspend, reinstate or revoke: the figures, the reason, the button."""
    if act not in ACTS:
        raise NotFound
    one = ask("certificates.verify", number=number)
    years = ask("certificate_papers.capacities", number=number)["items"]
    sold = next((year["sold"] for year in years if year["is_open"]), None)
    return act_page(
        ACTS[act],
        Form(ACTS[act].door, certificate_id=UUID(one["id"])),
        then=Place("reviewer_certificates.show", {"number": number}),
        facts=[(_("证书编号"), one["number"]), (_("产品"), one["product_name"]),
               (_("持有主体"), one["holder"]["name"]),
               (_("状态"), term(one["status"], "certificate_status").text),
               (_("有效期至"), day(one["valid_until_on"])),
               (_("本年已售"), quantity(sold, one["unit"]))],
    )  # fmt: skip


@certificates.route("/certificates/<number>/inspection", methods=["GET", "POST"])
@page(certificates, allow="inspection_tasks.open_case")
def inspect(number: str) -> Response | str:
    """Open a hidden inspection of a certificate."""
    one = ask("certificates.verify", number=number)
    case = Act("inspection_tasks.open_case", N_("开展专项抽查"), N_("抽查任务已建立。"),
               N_("任务在开始核查前对被查主体不可见。"), REASON)  # fmt: skip
    return act_page(
        case,
        Form("inspection_tasks.open_case", fixed={"certificate_id": one["id"]}),
        then=Place("reviewer_inspections.tasks"),
        back=Place("reviewer_certificates.show", {"number": number}),
        facts=[(_("证书编号"), one["number"]), (_("持有主体"), one["holder"]["name"])],
    )


@certificates.get("/scope-changes")
@page(certificates, allow="certificate_scope.decide", menu=(CERTIFYING, N_("变更申请")))
def changes() -> str:
    """List the wishes to change what a certificate covers, the newest first."""
    found = listed("certificate_scope.list_changes")
    return render_template("reviewer/changes.html", found=found, certificate_of=certificate_of)


@certificates.route("/scope-changes/<uuid:scope_change_id>", methods=["GET", "POST"])
@page(certificates, allow="certificate_scope.decide")
def change(scope_change_id: UUID) -> Response | str:
    """Accept or refuse a wish; before and after stand side by side."""
    one = one_of("certificate_scope.list_changes", scope_change_id)
    form = Form("certificate_scope.decide", scope_change_id=scope_change_id)
    if form.sent():
        return to_page("reviewer_certificates.changes", said=_("变更申请已办理。"))
    held = certificate_of(one["certificate_id"])
    return render_template("reviewer/change.html", one=one, form=form, held=held)
