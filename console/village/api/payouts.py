"""Pages of the pay-out list in the village: who has what coming, and the code to say it came."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template

from console.widgets.asking import Form, ask, listed
from console.widgets.names import learn_names
from console.widgets.pages import page
from console.widgets.words import N_
from kernel.errors import NotFound

payouts = Blueprint("village_payouts", __name__, url_prefix="/village")
STAFF = frozenset({"village_cadre", "town_checker"})


@payouts.get("/payouts")
@page(payouts, allow=STAFF, menu=(N_("村与农户"), N_("款项到户")))
def index() -> str:
    """List what households of the own region have coming, and whether they said it came."""
    found = listed("payouts.list_payout_lines")
    lists = ask("payouts.list_payout_lists", query={"status": "issued", "limit": "20"})["items"]
    learn_names([one["cooperative_id"] for one in lists])
    return render_template("village/payouts.html", found=found, lists=lists)


@payouts.route("/payouts/lines/<uuid:payout_line_id>/code", methods=["GET", "POST"])
@page(payouts, allow="payouts.hand_out")
def hand_out(payout_line_id: UUID) -> str:
    """Make the code with which a household says whether its money came; it is shown once."""
    form = Form("payouts.hand_out", payout_line_id=payout_line_id)
    done = form.sent()
    query = {"limit": "100", "status": "paid"}
    lines = ask("payouts.list_payout_lines", query=query)["items"]
    line = next((one for one in lines if one["id"] == str(payout_line_id)), None)
    if line is None and done is None:
        raise NotFound
    return render_template("village/code.html", form=form, line=line, given=done and done.answer)


@payouts.get("/payouts/lists/<uuid:payout_list_id>/paper")
@page(payouts, allow=STAFF)
def paper(payout_list_id: UUID) -> Any:
    """Give a list as it is printed and signed."""
    return ask("payouts.paper", payout_list_id=payout_list_id)
