"""Pages of an order: what it is, what it waits for, and what may be done with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from console.canteen.acts import ACTS, WHEN, may_be_received, open_acts
from console.canteen.api.looking import UNIT, choices, named, or_none, rekeyed, units_in_sight
from console.canteen.api.shop import BASKET
from console.canteen.rules import Basket, dense
from console.widgets.acts import Place, act_page
from console.widgets.asking import Form, ask, listed, may
from console.widgets.formats import yuan
from console.widgets.names import name_of
from console.widgets.pages import page, set_cookie, to_page
from console.widgets.words import N_, _, term
from kernel.errors import NotFound

orders = Blueprint("canteen_orders", __name__, url_prefix="/canteen")


@orders.get("/orders")
@page(orders, allow=UNIT | {"finance_supervisor", "auditor"}, menu=(N_("采购"), N_("订单")))
def index() -> str:
    """List orders by state, the newest first."""
    found = named(listed("orders.index"))
    return render_template("canteen/orders.html", found=found)


@orders.get("/orders/<uuid:order_id>")
@page(orders, allow="orders.show")
def show(order_id: UUID) -> str:
    """Show an order with its lines, shipments, receipts, payments and due days."""
    shown = ask("orders.show", order_id=order_id)
    return render_template(
        "canteen/order.html",
        order=shown,
        acts=open_acts(shown, may),
        may_be_received=may("deliveries.receive") and may_be_received(shown),
        shipments=ask("deliveries.shipments", order_id=order_id)["items"],
        receipts=ask("deliveries.receipts", order_id=order_id)["items"],
        substitutions=ask("deliveries.substitutions", order_id=order_id)["items"],
        payments=ask("settlement.list_for_order", order_id=order_id)["items"],
        invoices=ask("invoices.index_invoices", query={"order_id": str(order_id)})["items"],
        rebindings=ask("orders.index_rebindings", query={"order_id": str(order_id)})["items"],
        agreement=or_none("deliveries.show_agreement", order_id=order_id),
        clock=ask("settlement.clock_of_order", order_id=order_id),
    )


@orders.route("/orders/<uuid:order_id>/do/<name>", methods=["GET", "POST"])
@page(orders, allow="orders.show")
def do(order_id: UUID, name: str) -> Response | str:
    """Do what binds: the figures at stake, a reason where one is wanted, a button."""
    if name not in ACTS:
        raise NotFound
    shown = ask("orders.show", order_id=order_id)
    here = Place("canteen_orders.show", {"order_id": order_id})
    if request.method == "GET" and not WHEN[name](shown):
        return here.reached(_("订单现在的状态不能这样办理。"), None)
    form = Form(ACTS[name].door, start=shown, order_id=order_id)
    then = Place("canteen_orders.index")
    return act_page(ACTS[name], form, then=then, back=here, facts=_at_stake(shown))


def _at_stake(order: dict[str, Any]) -> list[tuple[str, str]]:
    states = ("order_status", "fulfilment_status", "payment_status")
    return [
        (_("订单号"), order["number"]),
        (_("供货方"), name_of(order["supplier_id"])),
        (_("归属预算单位"), name_of(order["bound_unit_id"])),
        (_("订单金额"), yuan(order["total_fen"])),
        (_("已付款"), yuan(order["paid_fen"])),
        (_("状态"), " · ".join(term(order[one], one).text for one in states)),
    ]


@orders.post("/orders/<uuid:order_id>/again")
@page(orders, allow="orders.place")
def again(order_id: UUID) -> Response:
    """Put what was ordered into the basket once more, as far as it is still on sale."""
    basket = Basket.read(request.cookies.get(BASKET, ""))
    missing = 0
    for line in ask("orders.show", order_id=order_id)["lines"]:
        if or_none("listings.show", listing_id=UUID(line["listing_id"])) is None:
            missing += 1
        else:
            basket = basket.with_line(UUID(line["listing_id"]), line["quantity"])
    said = _("有 %(count)s 种产品已不在售，其余已放入采购篮。", count=missing)
    answer = to_page("canteen_shop.basket", said=said if missing else _("已按原订单放入采购篮。"))
    set_cookie(answer, BASKET, basket.written())
    return answer


@orders.route("/orders/<uuid:order_id>/replace", methods=["GET", "POST"])
@page(orders, allow="orders.replace")
def replace(order_id: UUID) -> Response | str:
    """Call an order off and place another in its place, in one step."""
    shown = ask("orders.show", order_id=order_id)
    rows = dense(request.form, "lines", wanted=("quantity",), keeps=("listing_id",))
    form = Form("orders.replace", start=shown, fixed={"lines": rows.bodies}, order_id=order_id)
    if done := form.sent():
        said = _("原订单已撤销，新订单已提交。")
        return to_page("canteen_orders.show", order_id=done.answer["id"], said=said)
    rekeyed(rows)
    return render_template(
        "canteen/replace.html", order=shown, form=form, units=choices(units_in_sight())
    )


@orders.route("/orders/<uuid:order_id>/rate/<uuid:line_id>", methods=["GET", "POST"])
@page(orders, allow="deliveries.rate")
def rate(order_id: UUID, line_id: UUID) -> Response | str:
    """Say what one thinks of the goods of a line, once."""
    shown = ask("orders.show", order_id=order_id)
    line = next((one for one in shown["lines"] if one["id"] == str(line_id)), None)
    if line is None:
        raise NotFound
    form = Form("deliveries.rate", fixed={"order_line_id": str(line_id)}, order_id=order_id)
    if form.sent():
        return to_page("canteen_orders.show", order_id=order_id, said=_("谢谢，评价已发布。"))
    return render_template("canteen/rate.html", order=shown, line=line, form=form)
