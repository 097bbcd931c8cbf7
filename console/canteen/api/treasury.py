"""Pages of treasury orders: several payments that one voucher makes at once."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template, request

from console.canteen.api.finance import MONEY
from console.canteen.api.looking import named, rekeyed
from console.canteen.rules import dense
from console.widgets.asking import Form, ask, filters_of, may
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

treasury = Blueprint("canteen_treasury", __name__, url_prefix="/canteen")
MONEY_OF = ("amount_fen",)
WAYS = ("treasury.confirm", "treasury.cancel")


@treasury.get("/treasury")
@page(treasury, allow="treasury.index_treasury_orders", menu=(MONEY, N_("国库集中支付")))
def index() -> str:
    """List the treasury orders in sight."""
    asked = filters_of("treasury.index_treasury_orders")
    found = ask("treasury.index_treasury_orders", query=asked)
    return render_template("canteen/treasury.html", found=found)


@treasury.route("/treasury/new", methods=["GET", "POST"])
@page(treasury, allow="treasury.draw")
def draw() -> Response | str:
    """Put several orders under one treasury voucher."""
    rows = dense(request.form, "parts", wanted=("order_id",), keeps=MONEY_OF, yuan=MONEY_OF)
    form = Form("treasury.draw", fixed={"parts": rows.bodies})
    if done := form.sent():
        key = done.answer["id"]
        return to_page("canteen_treasury.show", treasury_order_id=key, said=_("已开具。"))
    rekeyed(rows)
    query = {"fulfilment_status": "accepted", "payment_status": "unpaid"}
    unpaid = named(ask("orders.index", query=query))
    return render_template("canteen/treasury_new.html", form=form, orders=unpaid["items"])


@treasury.route("/treasury/<uuid:treasury_order_id>", methods=["GET", "POST"])
@page(treasury, allow="treasury.show_treasury_order")
def show(treasury_order_id: UUID) -> Response | str:
    """Show a treasury order with its payments; confirm it whole or call it off."""
    shown = ask("treasury.show_treasury_order", treasury_order_id=treasury_order_id)
    is_open = shown["status"] == "drawn"
    forms = [
        Form(door, start=shown, treasury_order_id=treasury_order_id)
        for door in WAYS
        if is_open and may(door)
    ]
    if any(form.sent() for form in forms):
        said = _("已办理。")
        return to_page("canteen_treasury.show", treasury_order_id=treasury_order_id, said=said)
    return render_template("canteen/treasury_order.html", order=shown, forms=forms)
