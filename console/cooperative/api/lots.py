"""Pages of the lot book: what came in from whom, what became of it, what households got for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from console.cooperative.api.choices import listings_of_own, papers_of_own
from console.cooperative.rules import SheetRow, as_sent, fen, free_of
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, asked, listed
from console.widgets.formats import day, quantity
from console.widgets.formats import today as day_of_today
from console.widgets.names import region_of
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

lots = Blueprint("cooperative_lots", __name__, url_prefix="/cooperative")
SHOW = "cooperative_lots.show"
READS = "lots.show"
FREE_ROWS = 3
MOST_ROWS = "60"
CELLS = ("quantity", "price", "code")
REASON = Entry("reason", N_("理由"), rows=2)
PROOF = Entry("document_id", N_("凭证"), N_("先在“证照材料”里上传，再在这里选择。"))
ACTS = {
    "adjust": Act(
        "lots.adjust", N_("登记损耗或盘盈"), N_("已登记。"),
        N_("损耗从未占用的数量中扣除；盘盈和更正会增加数量。"),
        (Entry("kind", N_("原因类别"), kind="adjustment_kind"), Entry("quantity", N_("数量")),
         REASON, PROOF),
    ),
    "pay": Act(
        "lots.pay", N_("标记货款已付农户"), N_("已标记为付清。"),
        N_("请附付款凭证。标记错了可以逐户撤回。"),
        (Entry("contribution_ids", N_("农户"), N_("不勾选就是全部未付的农户。"), is_many=True),
         Entry("paid_on", N_("付款日期")), PROOF),
    ),
    "split": Act(
        "lots.split", N_("拆分批次"), N_("已拆出新批次。"),
        N_("农户交售记录按比例带到新批次，来源仍可追溯。"),
        (Entry("quantity", N_("拆出数量")), REASON),
    ),
    "unmark": Act(
        "lots.take_mark_back", N_("撤回付款标记"), N_("付款标记已撤回。"), "",
        (Entry("contribution_id", N_("农户")), REASON),
    ),
}  # fmt: skip
MERGE = Act(
    "lots.merge", N_("合并批次"), N_("已合并为新批次。"),
    N_("把所选批次未占用的数量并成一个新批次，农户交售记录一并带过去，不能撤销。"),
    (Entry("lot_ids", N_("批次"), is_many=True), REASON),
)  # fmt: skip


@lots.get("/lots")
@page(lots, allow=READS, menu=(N_("合作社"), N_("批次台账")))
def index() -> str:
    """List lots, the newest first."""
    found = listed("lots.index")
    return render_template(
        "cooperative/lots.html", found=found, listings=listings_of_own(), today=day_of_today()
    )


@lots.get("/lots/<uuid:lot_id>")
@page(lots, allow=READS)
def show(lot_id: UUID) -> str:
    """Show a lot: what is left of it, who put in what, and its whole story."""
    lot = ask("lots.show", lot_id=lot_id)
    story = ask("attribution.story", lot_id=lot_id)
    return render_template("cooperative/lot.html", lot=lot, story=story, acts=ACTS)


@lots.route("/lots/<uuid:lot_id>/<any(adjust, pay, split, unmark):slug>", methods=["GET", "POST"])
@page(lots, allow="lots.adjust")
def act_on(lot_id: UUID, slug: str) -> Response | str:
    """Do one thing with a lot."""
    lot = ask("lots.show", lot_id=lot_id)
    return act_page(
        ACTS[slug],
        Form(ACTS[slug].door, lot_id=lot_id),
        then=Place(SHOW, {"lot_id": lot_id}),
        facts=_facts(lot),
        options=_options(lot),
    )


def _facts(lot: dict[str, Any]) -> list[tuple[str, str]]:
    return [(_("批次号"), lot["number"]), (_("产品"), lot["title"]),
            (_("采收日期"), day(lot["harvested_on"])),
             (_("总量"), quantity(lot["total"], lot["unit"])),
            (_("已占用"), quantity(lot["held"], lot["unit"])),
            (_("已发货"), quantity(lot["shipped"], lot["unit"]))]  # fmt: skip


def _options(lot: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    said = [(one, f"{one['household_code']} · {quantity(one['quantity'])}")
            for one in lot["contributions"]]  # fmt: skip
    return {
        "document_id": papers_of_own(),
        "contribution_ids": [(one["id"], text) for one, text in said if one["paid_on"] is None],
        "contribution_id": [(one["id"], text) for one, text in said if one["paid_on"]],
    }


@lots.route("/lots/merge", methods=["GET", "POST"])
@page(lots, allow="lots.merge")
def merge() -> Response | str:
    """Make one lot of several of a listing."""
    query = {"limit": "100", **asked("listing_id")}
    several = [
        (one["id"], f"{one['number']} · {one['title']} · {_('可用')} {_free(one)}")
        for one in ask("lots.index", query=query)["items"]
    ]
    return act_page(
        MERGE,
        Form(MERGE.door),
        then=Place(SHOW, takes="lot_id"),
        back=Place("cooperative_lots.index"),
        options={"lot_ids": several},
    )


def _free(lot: dict[str, Any]) -> str:
    return quantity(free_of(lot, {}), lot["unit"])


@lots.route("/lots/new", methods=["GET", "POST"])
@page(lots, allow="lots.record")
def record() -> Response | str:
    """Record a lot with what each household delivered."""
    sent = request.form if request.method == "POST" else None
    blank = _sheet()
    rows = as_sent(blank, sent, names=CELLS, prefix="contributions", errors={})
    lines = [_contribution(one) for one in rows if one.at is not None]
    form = Form("lots.record", start=asked("listing_id"), fixed={"contributions": lines})
    if done := form.sent():
        return to_page(SHOW, lot_id=done.answer["id"], said=_("批次已登记。"))
    if form.trouble:
        errors = form.trouble.errors
        rows = as_sent(blank, sent, names=CELLS, prefix="contributions", errors=errors)
    return render_template(
        "cooperative/new_lot.html", form=form, rows=rows, listings=listings_of_own()
    )


def _sheet() -> list[SheetRow]:
    """Give a row for each household in sight, and a few for others by their code."""
    known = ask("households.list_households", query={"limit": MOST_ROWS})["items"]
    rows = [SheetRow(at, {**one, "place": region_of(one["village_code"])}, {})
            for at, one in enumerate(known)]  # fmt: skip
    return [*rows, *(SheetRow(len(rows) + at, {}, {}) for at in range(FREE_ROWS))]


def _contribution(row: SheetRow) -> dict[str, Any]:
    household_id = row.of.get("id") or _household(row.values["code"])
    return {"household_id": household_id, "quantity": row.values["quantity"],
            "farm_price_fen": fen(row.values["price"])}  # fmt: skip


def _household(code: str) -> str:
    found = ask("households.list_households", query={"code": code})["items"] if code else []
    return found[0]["id"] if found else code
