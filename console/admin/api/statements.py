"""Pages of bank statements: accounts, the queue of lines that wait, and what each line pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template

from console.admin.rules import suggest
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, filters_of, may
from console.widgets.formats import day, yuan
from console.widgets.names import learn_names, name_of
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

statements = Blueprint("admin_statements", __name__, url_prefix="/statements")
PART = N_("银行流水")
SEES = "bank_statements.index_lines"
LINE, ACCOUNTS = "admin_statements.line", Place("admin_statements.accounts")
WAITING = ("new", "open", "parked")
MOST = "100"
REASON = (Entry("reason", N_("说明"), rows=2),)
ACTS = {
    "park": Act(
        "bank_statements.park", N_("搁置"), N_("已搁置。"),
        N_("问清楚之前先放一边，随时可以取回。"), REASON,
    ),
    "resume": Act("bank_statements.resume", N_("取回处理"), N_("已取回。")),
    "return": Act(
        "bank_statements.send_back", N_("登记退回付款人"), N_("已登记退回。"),
        N_("没有认领的部分已原路退回付款人后登记；登记后不能再认领。"), REASON,
    ),
    "reverse": Act(
        "bank_statements.reverse", N_("与被冲正的流水配对"), N_("已配对。"), "",
        (Entry("reverses_id", N_("被冲正的流水")),),
    ),
}  # fmt: skip
OPEN_ACTS = {"new": ("park", "return"), "open": ("park", "return"), "parked": ("resume", "return")}
"""By state of a line of money that came in, what may be done beside matching it."""
CLOSE = Act(
    "bank_statements.close_account", N_("停用账户"), N_("账户已停用。"),
    N_("停用后不再读取它的流水；已读取的流水照常处理。"),
)  # fmt: skip
OPEN = Act(
    "bank_statements.open_account", N_("登记账户"), N_("账户已登记，可以导入流水。"),
    N_("账号加密保存，页面上只显示末四位。"),
    (Entry("bank_name", N_("开户行")), Entry("holder_name", N_("户名")),
     Entry("number", N_("银行账号"), N_("只填数字。"))),
)  # fmt: skip


@statements.get("/")
@page(statements, allow=SEES, menu=(PART, N_("流水认领")))
def index() -> str:
    """List the lines that wait for people, or those that the filters ask for."""
    about = {"state": "open", **filters_of(SEES)}
    found = ask(SEES, query={key: one for key, one in about.items() if one != "any"})
    return render_template("admin/lines.html", found=found, about=about)


@statements.get("/export")
@page(statements, allow=SEES)
def export() -> Any:
    """Give the lines as a table."""
    door = "bank_statements.export_index_lines"
    return ask(door, query=filters_of(door))


@statements.get("/accounts")
@page(statements, allow=SEES, menu=(PART, N_("银行账户与导入")))
def accounts() -> str:
    """List the accounts whose statements are read."""
    found = ask("bank_statements.index_accounts", query={"limit": MOST})
    return render_template("admin/bank_accounts.html", found=found)


@statements.route("/accounts/new", methods=["GET", "POST"])
@page(statements, allow=OPEN.door)
def open_account() -> Response | str:
    """Register an account."""
    return act_page(OPEN, Form(OPEN.door), then=ACCOUNTS)


@statements.route("/accounts/<uuid:account_id>", methods=["GET", "POST"])
@page(statements, allow=OPEN.door)
def hand_in(account_id: UUID) -> Response | str:
    """Hand in a statement of an account; it is looked through before anything is taken in."""
    one = ask("bank_statements.show_account", account_id=account_id)
    form = Form("imports.receive", fixed={"list": "bank_statement", "subject_id": str(account_id)})
    if done := form.sent():
        return to_page("admin_jobs.show_import", import_id=done.answer["id"])
    return render_template("admin/hand_in.html", one=one, form=form)


@statements.route("/accounts/<uuid:account_id>/close", methods=["GET", "POST"])
@page(statements, allow=CLOSE.door)
def close(account_id: UUID) -> Response | str:
    """Close an account."""
    one = ask("bank_statements.show_account", account_id=account_id)
    form = Form(CLOSE.door, start=one, account_id=account_id)
    facts = [(_("开户行"), one["bank_name"]), (_("账号"), one["number"])]
    return act_page(CLOSE, form, then=ACCOUNTS, facts=facts)


@statements.route("/lines/<uuid:line_id>", methods=["GET", "POST"])
@page(statements, allow=SEES)
def line(line_id: UUID) -> Response | str:
    """Show a line, the orders it may pay, each matched at a click; or split it over several."""
    one = ask("bank_statements.show_line", line_id=line_id)
    is_open = one["left_fen"] > 0 and one["state"] in WAITING and may("bank_statements.match")
    orders = _unpaid() if is_open else []
    names = {order[key]: name_of(order[key]) for order in orders for key in BUYERS}
    forms = [(found, _match(one, found.order["id"], found.amount_fen))
             for found in suggest(one, orders, names=names)]  # fmt: skip
    split = Form("bank_statements.match", start={"version": one["version"]}, line_id=line_id)
    if any(form.sent() for form in [*(form for _found, form in forms), split]):
        return to_page(LINE, line_id=line_id, said=_("已认领。"))
    return render_template(
        "admin/line.html", one=one, forms=forms, split=split if is_open and orders else None,
        orders=[(order["id"], _said(order)) for order in orders],
        acts=[(slug, ACTS[slug]) for slug in _open_acts(one) if may(ACTS[slug].door)],
    )  # fmt: skip


BUYERS = ("buyer_id", "bound_unit_id")


def _unpaid() -> list[dict[str, Any]]:
    """Give the own orders that are still to be paid, where the role sees orders at all."""
    if not may("orders.index"):
        return []
    states = ("unpaid", "partly_paid")
    pages = [ask("orders.index", query={"payment_status": one, "limit": MOST}) for one in states]
    found = [one for each in pages for one in each["items"]]
    learn_names([one[key] for one in found for key in BUYERS])
    return found


def _match(one: dict[str, Any], order_id: str, amount_fen: int) -> Form:
    return Form(
        "bank_statements.match",
        start={"version": one["version"]},
        fixed={"parts": [{"order_id": order_id, "amount_fen": amount_fen}]},
        part=order_id,
        line_id=UUID(one["id"]),
    )


def _said(order: dict[str, Any]) -> str:
    due = yuan(order["total_fen"] - order["paid_fen"])
    return f"{order['number']} · {name_of(order['bound_unit_id'])} · {due}"


def _open_acts(one: dict[str, Any]) -> Sequence[str]:
    if one["amount_fen"] > 0:
        return OPEN_ACTS.get(one["state"], ())
    waits = {"open": ("reverse", "park"), "new": ("reverse", "park"), "parked": ("resume",)}
    return waits.get(one["state"], ())


@statements.route("/lines/<uuid:line_id>/<any(park, resume, return, reverse):slug>",
                  methods=["GET", "POST"])  # fmt: skip
@page(statements, allow="bank_statements.park")
def act_on(line_id: UUID, slug: str) -> Response | str:
    """Set a line aside or take it up, say that it went back, or pair a reversal."""
    one = ask("bank_statements.show_line", line_id=line_id)
    facts = [(_("日期"), day(one["booked_on"])), (_("金额"), yuan(one["amount_fen"])),
             (_("付款人"), one["payer_name"] or "—"), (_("附言"), one["remark"] or "—"),
             (_("还没有认领"), yuan(one["left_fen"]))]  # fmt: skip
    form = Form(ACTS[slug].door, start={"version": one["version"]}, line_id=line_id)
    options = {"reverses_id": _taken_back(one)} if slug == "reverse" else None
    return act_page(
        ACTS[slug], form, then=Place(LINE, {"line_id": line_id}), facts=facts, options=options
    )


def _taken_back(one: dict[str, Any]) -> list[tuple[str, str]]:
    """Give the lines that this one may take back, the newest first."""
    lines = ask(SEES, query={"reversible_by": one["id"], "limit": MOST})["items"]
    return [
        (other["id"], f"{day(other['booked_on'])} · {yuan(other['amount_fen'])}") for other in lines
    ]
