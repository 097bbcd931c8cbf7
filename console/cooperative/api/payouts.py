"""Pages of the money that goes to households: lists, issue, payment with proof, confirmations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template

from console.cooperative.api.choices import own_id, papers_of_own
from console.widgets.acts import Act, Entry, Options, Place, act_page
from console.widgets.asking import Form, ask, filters_of, listed
from console.widgets.formats import yuan
from console.widgets.pages import page
from console.widgets.words import N_, _

payouts = Blueprint("cooperative_payouts", __name__, url_prefix="/cooperative")
INDEX = Place("cooperative_payouts.index")
SHOW = "cooperative_payouts.show"
ROLES = frozenset({"coop_clerk", "coop_manager"})
REASON = Entry("reason", N_("理由"), rows=2)
DRAW_UP = Act(
    "payouts.draw_up",
    N_("生成发放清单"),
    N_("发放清单已生成。"),
    N_("把已分到农户名下、尚未列入清单的款项列成一张清单；签发前可以作废。"),
)
ACTS = {
    "issue": Act(
        "payouts.issue", N_("签发清单"), N_("清单已签发，可以发放。"),
        N_("由经办人以外的人签发；签发后金额不能再改。"),
    ),
    "pay": Act(
        "payouts.pay", N_("登记发放"), N_("发放已登记，等待农户确认。"),
        N_("请附银行回单或签收照片。登记后由村干部代农户取确认码，农户确认收到。"),
        (Entry("line_ids", N_("农户"), N_("不勾选就是清单里全部未发的农户。"), is_many=True),
         Entry("paid_on", N_("发放日期")),
         Entry("document_id", N_("凭证"), N_("选已有的材料，或在下面上传回单、签字、签收照片。"))),
    ),
    "cancel": Act(
        "payouts.cancel", N_("作废清单"), N_("清单已作废。"),
        N_("作废后款项回到待发放，可列入新的清单；已发放的清单不能作废。"), (REASON,),
    ),
}  # fmt: skip
PAPERS = {"pay": "signature_photo"}
"""The kind of the paper that may be handed in with an act."""
GIVE_BACK = Act(
    "payouts.give_back", N_("登记退回"), N_("已登记退回，款项可列入下一张清单。"),
    N_("银行退汇或农户未领到时使用。"), (REASON,),
)  # fmt: skip


@payouts.get("/payouts")
@page(payouts, allow=ROLES, menu=(N_("合作社"), N_("农户款项发放")))
def index() -> str:
    """List the pay-out lists, the newest first."""
    found = listed("payouts.list_payout_lists")
    return render_template("cooperative/payouts.html", found=found)


@payouts.route("/payouts/new", methods=["GET", "POST"])
@page(payouts, allow="payouts.draw_up")
def draw_up() -> Response | str:
    """Draw up a list of what households have coming."""
    query = {"party": f"cooperative:{own_id()}", "limit": "1"}
    money = ask("attribution.statement", query=query)["households"]
    facts = [
        (_("农户应得"), yuan(money["attributed_fen"])),
        (_("已发放"), yuan(money["paid_out_fen"])),
    ]
    then = Place(SHOW, takes="payout_list_id")
    return act_page(DRAW_UP, Form(DRAW_UP.door), then=then, back=INDEX, facts=facts)


@payouts.get("/payouts/<uuid:payout_list_id>")
@page(payouts, allow=ROLES)
def show(payout_list_id: UUID) -> str:
    """Show a list with its households, by code, and who said that the money came."""
    one = ask("payouts.get", payout_list_id=payout_list_id)
    query = {**filters_of("payouts.list_payout_lines"), "list_id": payout_list_id}
    lines = ask("payouts.list_payout_lines", query=query)
    return render_template("cooperative/payout.html", one=one, lines=lines, acts=_acts_on(one))


def _acts_on(one: dict[str, Any]) -> list[tuple[str, Act]]:
    by_status = {"draft": ("issue", "cancel"), "issued": ("pay", "cancel")}
    return [(slug, ACTS[slug]) for slug in by_status.get(one["status"], ())]


@payouts.route("/payouts/<uuid:payout_list_id>/issue", methods=["GET", "POST"])
@page(payouts, allow="payouts.issue")
def issue(payout_list_id: UUID) -> Response | str:
    """Issue a list that somebody else drew up."""
    return _act("issue", payout_list_id)


@payouts.route("/payouts/<uuid:payout_list_id>/pay", methods=["GET", "POST"])
@page(payouts, allow="payouts.pay")
def pay(payout_list_id: UUID) -> Response | str:
    """Record what was paid out, with proof."""
    return _act("pay", payout_list_id, options=_unpaid(payout_list_id))


@payouts.route("/payouts/<uuid:payout_list_id>/cancel", methods=["GET", "POST"])
@page(payouts, allow="payouts.cancel")
def cancel(payout_list_id: UUID) -> Response | str:
    """Call a list off."""
    return _act("cancel", payout_list_id)


def _act(slug: str, payout_list_id: UUID, options: Options | None = None) -> Response | str:
    one = ask("payouts.get", payout_list_id=payout_list_id)
    facts = [
        (_("清单编号"), one["number"]),
        (_("户数"), one["households"]),
        (_("总额"), yuan(one["total_fen"])),
        (_("已发放"), yuan(one["paid_out_fen"])),
    ]
    form = Form(ACTS[slug].door, paper=PAPERS.get(slug, ""), payout_list_id=payout_list_id)
    then = Place(SHOW, {"payout_list_id": payout_list_id})
    return act_page(ACTS[slug], form, then=then, facts=facts, options=options)


def _unpaid(payout_list_id: UUID) -> dict[str, list[tuple[str, str]]]:
    query = {"list_id": payout_list_id, "status": "listed", "limit": "100"}
    lines = ask("payouts.list_payout_lines", query=query)["items"]
    said = [(one["id"], f"{one['household_code']} · {yuan(one['amount_fen'])}") for one in lines]
    return {"line_ids": said, "document_id": papers_of_own()}


@payouts.route("/payouts/<uuid:payout_list_id>/lines/<uuid:payout_line_id>/return",
               methods=["GET", "POST"])  # fmt: skip
@page(payouts, allow="payouts.give_back")
def give_back(payout_list_id: UUID, payout_line_id: UUID) -> Response | str:
    """Note that a household's money came back."""
    form = Form(GIVE_BACK.door, payout_line_id=payout_line_id)
    return act_page(GIVE_BACK, form, then=Place(SHOW, {"payout_list_id": payout_list_id}))


@payouts.route("/payouts/<uuid:payout_list_id>/reveal", methods=["GET", "POST"])
@page(payouts, allow="payouts.reveal")
def reveal(payout_list_id: UUID) -> str:
    """Give names and cards in clear, for a stated purpose that is kept."""
    form = Form("payouts.reveal", payout_list_id=payout_list_id)
    done = form.sent()
    one = ask("payouts.get", payout_list_id=payout_list_id)
    clear = None if done is None else done.answer["items"]
    who = ask("myself.get_myself")["username"]
    return render_template(
        "cooperative/payout_reveal.html", one=one, form=form, clear=clear, who=who
    )


@payouts.get("/payouts/<uuid:payout_list_id>/paper")
@page(payouts, allow=ROLES)
def paper(payout_list_id: UUID) -> Any:
    """Give a list as it is printed and signed."""
    return ask("payouts.paper", payout_list_id=payout_list_id)


@payouts.get("/payouts/export")
@page(payouts, allow=ROLES)
def export() -> Any:
    """Give the lines as a table."""
    query = filters_of("payouts.export_list_payout_lines")
    return ask("payouts.export_list_payout_lines", query=query)
