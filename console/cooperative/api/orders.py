"""Pages of an order on the supplier's side: what came in, what to send, what is owed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request

from console.cooperative.api.choices import cold_stores
from console.cooperative.rules import acts_on, as_sent, sending_rows
from console.widgets.acts import Act, Entry, Place, act_page
from console.widgets.asking import Form, ask, listed, may
from console.widgets.formats import instant, yuan
from console.widgets.names import learn_names, name_of
from console.widgets.pages import page
from console.widgets.words import N_, _
from kernel.errors import NotFound
from marketplace.settlement.queries.invoices import list_billed

orders = Blueprint("cooperative_orders", __name__, url_prefix="/cooperative")
SHOW = "cooperative_orders.show"
ROLES = frozenset({"coop_clerk", "coop_manager"})
REASON = Entry("reason", N_("理由"), rows=2)
ACTS = {
    "confirm": Act(
        "orders.confirm", N_("确认接单"), N_("已接单。"),
        N_("接单后应按约定日期发货。运费只能在接单前降低。"),
    ),
    "freight": Act(
        "orders.lower_freight", N_("降低运费"), N_("运费已降低。"), N_("运费只能降低，不能提高。"),
        (Entry("freight_fen", N_("新的运费")),),
    ),
    "substitute": Act(
        "deliveries.propose", N_("提出替换"), N_("替换建议已发给采购方。"),
        N_("采购方同意后才生效；被替换的数量不再由原产品发货。"),
        (Entry("order_line_id", N_("原产品")), Entry("listing_id", N_("改用产品")),
         Entry("quantity", N_("数量")), Entry("unit_price_fen", N_("单价")), REASON),
    ),
    "invoice": Act(
        "invoices.issue", N_("开具发票"), N_("发票已登记。"),
        N_("按已验收的金额开票；号码为二十位数电票号码。"),
        (Entry("number", N_("发票号码")), Entry("issued_on", N_("开票日期"))),
    ),
    "cancel": Act(
        "orders.cancel", N_("取消订单"), N_("订单已取消。"),
        N_("取消后不能恢复，占用的额度和库存全部释放。"), (REASON,),
    ),
}  # fmt: skip
LISTS = {
    "shipments": "deliveries.shipments",
    "receipts": "deliveries.receipts",
    "substitutions": "deliveries.substitutions",
    "payments": "settlement.list_for_order",
}
"""What a page shows of an order beside itself, each with the door that lists it."""
MONEY = {
    "confirm": Act(
        "settlement.confirm", N_("确认到账"), N_("已确认到账。"),
        N_("请先核对银行流水：确认后这笔款计入采购单位的年度完成额，并按规则分到农户名下。"),
    ),
    "cancel": Act(
        "settlement.cancel", N_("作废付款登记"), N_("付款登记已作废。"),
        N_("只作废登记有误或始终未到账的款项。"), (REASON,),
    ),
    "refund": Act(
        "settlement.refund", N_("登记退款"), N_("退款已登记。"),
        N_("退款后完成额和农户应得款相应冲减，不能撤销。"),
        (Entry("amount_fen", N_("退款金额")), REASON),
    ),
}  # fmt: skip


@orders.get("/orders")
@page(orders, allow=ROLES, menu=(N_("合作社"), N_("收到的订单")))
def index() -> str:
    """List the orders that came in, the newest first."""
    found = listed("orders.index")
    learn_names([one["buyer_id"] for one in found["items"]])
    billed = list_billed(g.actor, [UUID(one["id"]) for one in found["items"]])
    waits = {
        one["id"]: acts_on(one, billed_fen=billed.get(UUID(one["id"]), 0)) for one in found["items"]
    }
    return render_template("cooperative/orders.html", found=found, waits=waits, acts=ACTS)


@orders.get("/orders/<uuid:order_id>")
@page(orders, allow=ROLES)
def show(order_id: UUID) -> str:
    """Show an order with its shipments, receipts, payments, papers, and what it waits for."""
    order = ask("orders.show", order_id=order_id)
    billed = list_billed(g.actor, [order_id]).get(order_id, 0)
    acts = [(slug, ACTS.get(slug)) for slug in acts_on(order, billed_fen=billed) if _opens(slug)]
    lists = {name: ask(door, order_id=order_id)["items"] for name, door in LISTS.items()}
    return render_template(
        "cooperative/order.html", order=order, acts=acts, **lists,
        invoices=ask("invoices.index_invoices", query={"order_id": order_id})["items"],
        clock=ask("settlement.clock_of_order", order_id=order_id),
        shares=ask("attribution.show", order_id=order_id),
    )  # fmt: skip


def _opens(slug: str) -> bool:
    return may("deliveries.ship") if slug == "ship" else may(ACTS[slug].door)


@orders.route("/orders/<uuid:order_id>/<any(confirm, freight, invoice, cancel):slug>",
              methods=["GET", "POST"])  # fmt: skip
@page(orders, allow=ROLES)
def act_on(order_id: UUID, slug: str) -> Response | str:
    """Do one thing with an order, on a page of its own with the figures at stake."""
    order = ask("orders.show", order_id=order_id)
    start = {"freight_fen": order["freight_fen"]} if slug == "freight" else {}
    form = Form(ACTS[slug].door, start=start, order_id=order_id)
    return act_page(ACTS[slug], form, then=Place(SHOW, {"order_id": order_id}), facts=_facts(order))


@orders.route("/orders/<uuid:order_id>/substitute", methods=["GET", "POST"])
@page(orders, allow="deliveries.propose")
def substitute(order_id: UUID) -> Response | str:
    """Propose something else for what cannot be sent."""
    order = ask("orders.show", order_id=order_id)
    act = ACTS["substitute"]
    form = Form(act.door, order_id=order_id)
    then = Place(SHOW, {"order_id": order_id})
    return act_page(act, form, then=then, facts=_facts(order), options=_substitutes(order))


@orders.route("/orders/<uuid:order_id>/ship", methods=["GET", "POST"])
@page(orders, allow="deliveries.ship")
def ship(order_id: UUID) -> Response | str:
    """Send goods, lot by lot; what expires first stands filled in to go first."""
    order = ask("orders.show", order_id=order_id)
    sent = request.form if request.method == "POST" else None
    plan = sending_rows(order, _lots_of(order))
    rows = as_sent(plan, sent, names=("quantity",), prefix="lines", errors={})
    lines = [_line(one) for one in rows if one.at is not None]
    form = Form("deliveries.ship", fixed={"lines": lines}, order_id=order_id)
    if form.sent():
        return Place(SHOW, {"order_id": order_id}).reached(_("已发货。"), None)
    if form.trouble:
        errors = form.trouble.errors
        rows = as_sent(plan, sent, names=("quantity",), prefix="lines", errors=errors)
    return render_template(
        "cooperative/ship.html", order=order, rows=rows, form=form, stores=cold_stores()
    )


def _line(row: Any) -> dict[str, str]:
    line = {"order_line_id": row.of["line"]["id"], "quantity": row.values["quantity"]}
    return line if row.of["lot"] is None else {**line, "lot_id": row.of["lot"]["id"]}


def _lots_of(order: dict[str, Any]) -> list[dict[str, Any]]:
    listings = {line["listing_id"] for line in order["lines"]}
    found = []
    for listing_id in sorted(listings):
        query = {"listing_id": listing_id, "limit": "100"}
        found += ask("lots.index", query=query)["items"]
    return found


def _substitutes(order: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    mine = ask("listings.search", query={"mine": "true", "limit": "100"})["items"]
    return {
        "order_line_id": [(one["id"], one["title"]) for one in order["lines"]],
        "listing_id": [(one["id"], one["title"]) for one in mine],
    }


def _facts(order: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("订单号"), order["number"]),
        (_("采购单位"), name_of(order["buyer_id"])),
        (_("下单时间"), instant(order["placed_at"])),
        (_("货款"), yuan(order["goods_fen"])),
        (_("运费"), yuan(order["freight_fen"])),
        (_("订单金额"), yuan(order["total_fen"])),
        (_("已验收"), yuan(order["accepted_fen"])),
        (_("已付款"), yuan(order["paid_fen"])),
    ]


@orders.route("/payments/<uuid:payment_id>/<any(confirm, cancel, refund):slug>",
              methods=["GET", "POST"])  # fmt: skip
@page(orders, allow="settlement.confirm")
def act_on_payment(payment_id: UUID, slug: str) -> Response | str:
    """Confirm, cancel or give back a payment, with its figures."""
    paid = ask("settlement.show", payment_id=payment_id)
    order_id = UUID(paid["order_id"])
    facts = [(_("付款编号"), paid["number"]), (_("金额"), yuan(paid["amount_fen"])),
             (_("已退款"), yuan(paid["refunded_fen"])),
             (_("附言"), paid["reference"] or "—")]  # fmt: skip
    order = ask("orders.show", order_id=order_id)
    return act_page(
        MONEY[slug],
        Form(MONEY[slug].door, payment_id=payment_id),
        then=Place(SHOW, {"order_id": order_id}),
        facts=[*_facts(order)[:2], *facts],
    )


WITHDRAW = Act(
    "deliveries.withdraw", N_("撤回替换"), N_("替换建议已撤回。"), N_("撤回后仍按原产品发货。")
)


@orders.route("/orders/<uuid:order_id>/substitutions/<uuid:substitution_id>/withdraw",
              methods=["GET", "POST"])  # fmt: skip
@page(orders, allow="deliveries.withdraw")
def withdraw(order_id: UUID, substitution_id: UUID) -> Response | str:
    """Take back a substitute that nobody decided on."""
    order = ask("orders.show", order_id=order_id)
    form = Form("deliveries.withdraw", substitution_id=substitution_id)
    then = Place(SHOW, {"order_id": order_id})
    return act_page(WITHDRAW, form, then=then, facts=_facts(order))


@orders.route("/orders/<uuid:order_id>/shipments/<uuid:shipment_id>", methods=["GET", "POST"])
@page(orders, allow=ROLES)
def shipment(order_id: UUID, shipment_id: UUID) -> Response | str:
    """Show a shipment's cold chain with its readings; note another."""
    shipments = ask("deliveries.shipments", order_id=order_id)["items"]
    one = next((one for one in shipments if one["id"] == str(shipment_id)), None)
    if one is None:
        raise NotFound
    form = Form("deliveries.measure", shipment_id=shipment_id)
    if form.sent():
        here = {"order_id": order_id, "shipment_id": shipment_id}
        return Place("cooperative_orders.shipment", here).reached(_("温度已记录。"), None)
    readings = ask("deliveries.temperatures", shipment_id=shipment_id)["items"]
    order = ask("orders.show", order_id=order_id)
    return render_template(
        "cooperative/shipment.html", order=order, shipment=one, readings=readings, form=form
    )


@orders.get("/orders/<uuid:order_id>/contract")
@page(orders, allow="deliveries.print_agreement")
def contract(order_id: UUID) -> Any:
    """Give the contract as it is printed."""
    return ask("deliveries.print_agreement", order_id=order_id)


@orders.get("/receipts/<uuid:receipt_id>/acceptance")
@page(orders, allow="deliveries.print_form")
def acceptance(receipt_id: UUID) -> Any:
    """Give the acceptance form as it is printed."""
    return ask("deliveries.print_form", receipt_id=receipt_id)


@orders.get("/invoices/<uuid:invoice_id>/paper")
@page(orders, allow=ROLES)
def invoice(invoice_id: UUID) -> Any:
    """Give an invoice as it is printed."""
    return ask("invoices.print_paper", invoice_id=invoice_id)
