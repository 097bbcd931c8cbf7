"""Pages of the year's surplus: drawn up by volume and capital, approved by somebody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from console.cooperative.api.choices import households, papers_of_own
from console.cooperative.rules import SheetRow, as_sent, fen
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, filters_of, listed
from console.widgets.formats import today, yuan
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _, term

surpluses = Blueprint("cooperative_surpluses", __name__, url_prefix="/cooperative")
SHOW = "cooperative_surpluses.show"
ROLES = frozenset({"coop_clerk", "coop_manager"})
ACTS = {
    "approve": Act(
        "surpluses.approve", N_("批准分配"), N_("分配已批准，农户份额已入账。"),
        N_("由经办人以外的人批准；批准后农户份额入账，可列入发放清单，不能撤销。"),
    ),
    "cancel": Act(
        "surpluses.cancel", N_("作废分配"), N_("分配已作废。"), N_("作废后可重新编制。"),
        (Entry("reason", N_("理由"), rows=2),),
    ),
}  # fmt: skip
RULE = Act(
    "split_rules.record", N_("记录分配规则"), N_("分配规则已记录。"),
    N_("从所填日期起，按这种方式联结的农户按新规则分得货款；以前的账不变。"),
    (Entry("way", N_("联结方式"), kind="benefit_way"),
     Entry("basis", N_("分配依据"), kind="split_basis"),
     Entry("rate_bp", N_("比例"), N_("按收购价分配时不填。")),
     Entry("from_on", N_("自何日起")), Entry("source", N_("文件或会议"), rows=2),
     Entry("document_id", N_("凭证"))),
)  # fmt: skip


@surpluses.get("/surpluses")
@page(surpluses, allow=ROLES, menu=(N_("合作社"), N_("盈余分配")))
def index() -> str:
    """List the runs, and the rules by which sales are split."""
    return render_template(
        "cooperative/surpluses.html",
        found=listed("surpluses.list_runs"),
        rules=ask("split_rules.list_rules")["items"],
    )


@surpluses.get("/surpluses/<uuid:surplus_run_id>")
@page(surpluses, allow=ROLES)
def show(surplus_run_id: UUID) -> str:
    """Show a run with its terms and every household's share."""
    query = filters_of("surpluses.list_shares")
    return render_template(
        "cooperative/surplus.html",
        one=ask("surpluses.get", surplus_run_id=surplus_run_id),
        shares=ask("surpluses.list_shares", query=query, surplus_run_id=surplus_run_id),
        acts=ACTS,
    )


@surpluses.route("/surpluses/<uuid:surplus_run_id>/approve", methods=["GET", "POST"])
@page(surpluses, allow="surpluses.approve")
def approve(surplus_run_id: UUID) -> Response | str:
    """Approve a run that somebody else drew up."""
    return _act("approve", surplus_run_id)


@surpluses.route("/surpluses/<uuid:surplus_run_id>/cancel", methods=["GET", "POST"])
@page(surpluses, allow="surpluses.cancel")
def cancel(surplus_run_id: UUID) -> Response | str:
    """Call a run off."""
    return _act("cancel", surplus_run_id)


def _act(slug: str, surplus_run_id: UUID) -> Response | str:
    one = ask("surpluses.get", surplus_run_id=surplus_run_id)
    facts = [
        (_("编号"), one["number"]),
        (_("年度"), one["year"]),
        (_("种类"), term(one["kind"], "surplus_kind").text),
        (_("盈余"), yuan(one["surplus_fen"])),
        (_("分给农户"), yuan(one["total_fen"])),
    ]
    form = Form(ACTS[slug].door, surplus_run_id=surplus_run_id)
    then = Place(SHOW, {"surplus_run_id": surplus_run_id})
    return act_page(ACTS[slug], form, then=then, facts=facts)


@surpluses.get("/surpluses/<uuid:surplus_run_id>/export")
@page(surpluses, allow=ROLES)
def export(surplus_run_id: UUID) -> Any:
    """Give the shares as a table."""
    query = filters_of("surpluses.export_list_shares")
    return ask("surpluses.export_list_shares", query=query, surplus_run_id=surplus_run_id)


@surpluses.route("/surpluses/return", methods=["GET", "POST"])
@page(surpluses, allow="surpluses.draw_up_return")
def draw_up_return() -> Response | str:
    """Draw up a year's surplus by volume and capital."""
    sent = request.form if request.method == "POST" else None
    blank = [SheetRow(at, one, {}) for at, one in enumerate(households())]
    rows = as_sent(blank, sent, names=("capital",), prefix="capital", errors={})
    capital = [
        {"household_id": one.of["id"], "capital_fen": fen(one.values["capital"])}
        for one in rows
        if one.at is not None
    ]
    start = {"year": today().year - 1}
    form = Form("surpluses.draw_up_return", start=start, fixed={"capital": capital})
    if done := form.sent():
        return to_page(SHOW, surplus_run_id=done.answer["id"], said=_("分配方案已编制，待批准。"))
    if form.trouble:
        rows = as_sent(
            blank, sent, names=("capital",), prefix="capital", errors=form.trouble.errors
        )
    return render_template(
        "cooperative/surplus_return.html", form=form, rows=rows, papers=papers_of_own()
    )


@surpluses.route("/surpluses/dividend", methods=["GET", "POST"])
@page(surpluses, allow="surpluses.draw_up_dividend")
def draw_up_dividend() -> Response | str:
    """Draw up what a public fund brings its households."""
    form = Form("surpluses.draw_up_dividend", start={"year": today().year - 1})
    if done := form.sent():
        return to_page(SHOW, surplus_run_id=done.answer["id"], said=_("分配方案已编制，待批准。"))
    members = [(one["id"], f"{one['code']} {one['head_name']}") for one in households()]
    return render_template(
        "cooperative/surplus_dividend.html", form=form, members=members, papers=papers_of_own()
    )


@surpluses.route("/split-rules/new", methods=["GET", "POST"])
@page(surpluses, allow="split_rules.record")
def record_rule() -> Response | str:
    """Record how sales are split from a day on."""
    then = Place("cooperative_surpluses.index")
    return act_page(RULE, Form(RULE.door), then=then, options={"document_id": papers_of_own()})
