"""Pages of who confirms promises: the list, one beside last year, many at once, who is missing."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template, request

from console.canteen.api.looking import rekeyed, this_year
from console.canteen.rules import dense
from console.widgets.asking import Form, ask, filters_of
from console.widgets.names import learn_names
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

confirmations = Blueprint("canteen_confirmations", __name__, url_prefix="/canteen")
FIELDS = (
    ("/canteen_total_fen", N_("食堂食材采购总额")),
    ("/reserved_fen", N_("预留份额")),
    ("/ceiling_fen", N_("额度上限")),
    ("/union_total_fen", N_("工会福利总额")),
    ("/union_reserved_fen", N_("工会预留份额")),
    ("/situation", N_("食堂情况")),
    ("/representative_unit_id", N_("代报单位")),
    ("/note", N_("说明")),
)
"""What a promise may be sent back for."""


@confirmations.route("/confirmations", methods=["GET", "POST"])
@page(confirmations, allow="quotas.confirm", menu=(N_("单位管理"), N_("填报确认")))
def index() -> Response | str:
    """List what waits for confirmation; decide many at once, each with its own opinion."""
    rows = dense(request.form, "items", wanted=("decision",), keeps=("filing_id", "opinion"))
    form = Form("quotas.decide_batch", fixed={"items": rows.bodies})
    if done := form.sent():
        said = _("已办理 %(count)s 件。", count=len(done.answer["items"]))
        return to_page("canteen_confirmations.index", said=said)
    rekeyed(rows)
    asked = {"status": "submitted", **filters_of("filings.list_filings")}
    found = ask("filings.list_filings", query=asked)
    learn_names([one["unit_id"] for one in found["items"]])
    return render_template("canteen/confirmations.html", found=found, form=form, asked=asked)


@confirmations.route("/confirmations/<uuid:filing_id>", methods=["GET", "POST"])
@page(confirmations, allow="quotas.confirm")
def show(filing_id: UUID) -> Response | str:
    """Show a promise beside last year's; confirm it, or send it back field by field."""
    shown = ask("filings.get", filing_id=filing_id)
    confirm = Form("quotas.confirm", start=shown, filing_id=filing_id)
    rows = dense(request.form, "reasons", wanted=("text",), keeps=("pointer",))
    fixed = {"reasons": rows.bodies} if rows.bodies else {}
    back = Form("filings.send_back", start=shown, fixed=fixed, filing_id=filing_id)
    if confirm.sent() or back.sent():
        return to_page("canteen_confirmations.index", said=_("已办理：") + shown["number"])
    rekeyed(rows)
    return render_template(
        "canteen/confirmation.html",
        filing=shown, confirm=confirm, back=back, fields=FIELDS,
        differences=ask("filings.compare", filing_id=filing_id),
        rule=ask("policies.resolve", query={"unit_id": shown["unit_id"], "year": shown["year"]}),
    )  # fmt: skip


@confirmations.get("/missing")
@page(confirmations, allow="quotas.confirm", menu=(N_("单位管理"), N_("未填报单位")))
def missing() -> str:
    """List the units that have not filed for the year, with the days left."""
    asked = {**filters_of("filings.list_missing"), "year": str(this_year())}
    return render_template(
        "canteen/missing.html",
        found=ask("filings.list_missing", query=asked),
        reminders=ask("filings.list_reminders", query={"year": asked["year"], "limit": "20"}),
        year=this_year(),
    )
