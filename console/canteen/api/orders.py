"""Pages of an order: what it is, what it waits for, and what may be done with it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, render_template

from console.widgets.asking import Form, ask, filters_of, may
from console.widgets.names import learn_names
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

orders = Blueprint("canteen_orders", __name__, url_prefix="/canteen")
ACTS = (
    ("orders.approve", N_("批准")),
    ("orders.reject", N_("不批准")),
    ("orders.send_back", N_("退回修改")),
    ("orders.confirm", N_("确认接单")),
    ("orders.extend", N_("延长付款期")),
    ("orders.cancel", N_("取消订单")),
)
"""What may be done with an order as a whole; the door says who, the order says when."""


@orders.get("/orders")
@page(orders, allow="orders.index", menu=(N_("采购"), N_("订单")))
def index() -> str:
    """List orders by state, the newest first."""
    found = ask("orders.index", query=filters_of("orders.index"))
    learn_names([one["supplier_id"] for one in found["items"]])
    learn_names([one["bound_unit_id"] for one in found["items"]])
    return render_template("canteen/orders.html", found=found)


@orders.route("/orders/<uuid:order_id>", methods=["GET", "POST"])
@page(orders, allow="orders.show")
def show(order_id: UUID) -> Response | str:
    """Show an order with its lines, shipments, receipts, payments and due days."""
    shown = ask("orders.show", order_id=order_id)
    forms = [
        (label, Form(name, start=shown, order_id=order_id)) for name, label in ACTS if may(name)
    ]
    for label, form in forms:
        if form.sent():
            return to_page("canteen_orders.show", order_id=order_id, said=_("已办理：") + _(label))
    return render_template(
        "canteen/order.html",
        order=shown,
        forms=forms,
        shipments=ask("deliveries.shipments", order_id=order_id),
        receipts=ask("deliveries.receipts", order_id=order_id),
        payments=ask("settlement.list_for_order", order_id=order_id),
        clock=ask("settlement.clock_of_order", order_id=order_id),
    )
