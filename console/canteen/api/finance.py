"""Pages of who pays: the calendar of due days, paying, refunds, invoices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template

from console.canteen.api.looking import named
from console.canteen.rules import owed_of
from console.widgets.asking import Form, ask, listed, may
from console.widgets.names import learn_names
from console.widgets.pages import page, to_page
from console.widgets.words import N_, _

finance = Blueprint("canteen_finance", __name__, url_prefix="/canteen")
MONEY = N_("财务")
OWED = (("accepted", "unpaid"), ("accepted", "partly_paid"), ("partly_shipped", "unpaid"),
        ("shipped", "unpaid"), ("unshipped", "unpaid"))  # fmt: skip
LIVING = {"placed", "confirmed", "completed"}


@finance.get("/payments")
@page(finance, allow="settlement.register", menu=(MONEY, N_("付款日历")))
def calendar() -> str:
    """List what is to be paid, the first due by law at the top, with interest where it is late."""
    found = [one for states in OWED for one in _orders(*states)]
    due = [one | {"clock": _clock(one)} for one in found]
    return render_template("canteen/calendar.html", orders=sorted(due, key=_when_due))


@finance.route("/orders/<uuid:order_id>/pay", methods=["GET", "POST"])
@page(finance, allow="settlement.register")
def pay(order_id: UUID) -> Response | str:
    """Register a payment; the seller confirms that the money came, and only then it counts."""
    shown = ask("orders.show", order_id=order_id)
    form = Form("settlement.register", start=owed_of(shown), order_id=order_id)
    if done := form.sent():
        said = _("付款已登记，待收款方确认到账。")
        return to_page("canteen_finance.payment", payment_id=done.answer["id"], said=said)
    return render_template(
        "canteen/pay.html",
        order=shown,
        form=form,
        clock=_clock(shown),
        payments=ask("settlement.list_for_order", order_id=order_id)["items"],
    )


@finance.get("/payments/<uuid:payment_id>")
@page(finance, allow="settlement.show")
def payment(payment_id: UUID) -> str:
    """Show a payment with the lines it lies on and what went back."""
    shown = ask("settlement.show", payment_id=payment_id)
    order = ask("orders.show", order_id=UUID(shown["order_id"]))
    return render_template("canteen/payment.html", payment=shown, order=order)


@finance.route("/payments/<uuid:payment_id>/refund", methods=["GET", "POST"])
@page(finance, allow="settlement.refund")
def refund(payment_id: UUID) -> Response | str:
    """Let money of a confirmed payment go back."""
    form = Form("settlement.refund", payment_id=payment_id)
    return _over_payment(payment_id, form, "canteen/refund.html", _("退款已登记。"))


@finance.route("/payments/<uuid:payment_id>/cancel", methods=["GET", "POST"])
@page(finance, allow="settlement.cancel")
def cancel(payment_id: UUID) -> Response | str:
    """Cancel a pending payment that was a mistake or never came."""
    form = Form("settlement.cancel", payment_id=payment_id)
    return _over_payment(payment_id, form, "canteen/payment_cancel.html", _("付款已撤销。"))


def _over_payment(payment_id: UUID, form: Form, template: str, said: str) -> Response | str:
    shown = ask("settlement.show", payment_id=payment_id)
    if form.sent():
        return to_page("canteen_finance.payment", payment_id=payment_id, said=said)
    order = ask("orders.show", order_id=UUID(shown["order_id"]))
    return render_template(template, payment=shown, order=order, form=form)


@finance.get("/invoices")
@page(finance, allow="invoices.check", menu=(MONEY, N_("发票")))
def invoices() -> str:
    """List invoices and credit notes of orders in sight."""
    found = listed("invoices.index_invoices")
    learn_names([one["seller_id"] for one in found["items"]])
    return render_template("canteen/invoices.html", found=found)


@finance.route("/invoices/<uuid:invoice_id>", methods=["GET", "POST"])
@page(finance, allow="invoices.show_invoice")
def invoice(invoice_id: UUID) -> Response | str:
    """Show an invoice beside what was accepted; say that it is right, or object."""
    shown = ask("invoices.show_invoice", invoice_id=invoice_id)
    forms = [
        Form(door, start=shown, invoice_id=invoice_id)
        for door in ("invoices.check", "invoices.dispute")
        if may(door) and shown["status"] in {"issued", "disputed", "checked"}
    ]
    if any(form.sent() for form in forms):
        return to_page("canteen_finance.invoice", invoice_id=invoice_id, said=_("已办理。"))
    order = ask("orders.show", order_id=UUID(shown["order_id"]))
    return render_template("canteen/invoice.html", invoice=shown, forms=forms, order=order)


@finance.get("/invoices/<uuid:invoice_id>/paper.pdf")
@page(finance, allow="invoices.print_paper")
def invoice_paper(invoice_id: UUID) -> Response:
    """Give an invoice or a credit note as PDF."""
    found: Response = ask("invoices.print_paper", invoice_id=invoice_id)
    return found


@finance.get("/orders/<uuid:order_id>/statement")
@page(finance, allow="orders.show")
def statement(order_id: UUID) -> str:
    """Print an order's account: ordered, accepted, invoiced, paid, refunded, still owed."""
    return render_template(
        "canteen/statement.html",
        order=ask("orders.show", order_id=order_id),
        receipts=ask("deliveries.receipts", order_id=order_id)["items"],
        invoices=ask("invoices.index_invoices", query={"order_id": str(order_id)})["items"],
        payments=ask("settlement.list_for_order", order_id=order_id)["items"],
        clock=ask("settlement.clock_of_order", order_id=order_id),
    )


def _orders(fulfilment: str, payment: str) -> list[dict[str, Any]]:
    query = {"fulfilment_status": fulfilment, "payment_status": payment}
    found: list[dict[str, Any]] = named(ask("orders.index", query=query))["items"]
    return [one for one in found if one["order_status"] in LIVING]


def _clock(order: dict[str, Any]) -> Any:
    return ask("settlement.clock_of_order", order_id=UUID(order["id"]))


def _when_due(order: dict[str, Any]) -> tuple[bool, str]:
    due = order["clock"]["due_on"]
    return due is None, str(due)
