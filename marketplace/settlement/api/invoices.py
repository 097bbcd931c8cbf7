"""The doors of invoices and credit notes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from kernel import clock
from kernel.downloads import attachment
from kernel.exports.lists import export_door
from kernel.http import SIGNED_IN, Blueprint, current_actor, endpoint, expected_version
from kernel.paging import Page
from kernel.papers import PDF
from marketplace.orders.models.orders import OrderId
from marketplace.settlement.commands import invoices as commands
from marketplace.settlement.commands.invoices import NewCreditNote, NewInvoice
from marketplace.settlement.models.invoices import InvoiceId
from marketplace.settlement.queries import invoices as queries
from marketplace.settlement.queries.invoices import InvoiceView
from marketplace.settlement.schemas.invoices import (
    INVOICE_PAGE,
    INVOICES,
    CreditNoteIn,
    InvoiceDisputeIn,
    InvoiceIn,
    InvoiceOut,
    InvoiceQuery,
    print_invoice,
)
from registry.accounts.models import TRADES, Role

invoices = Blueprint("invoices", __name__, url_prefix="/api/v1")

BILLS = frozenset({Role.COOP_CLERK, Role.COOP_MANAGER})
CHECKS = TRADES | {Role.UNIT_FINANCE}


@invoices.post("/orders/<uuid:order_id>/invoices")
@endpoint(
    invoices,
    allow=BILLS,
    accepts=InvoiceIn(),
    returns=InvoiceOut(),
    status=201,
    idempotent=True,
    winds_up=True,
)
def issue(body: NewInvoice, order_id: UUID) -> InvoiceView:
    """Bill what was accepted of an order."""
    return commands.issue_invoice(
        body, order_id=OrderId(order_id), by=current_actor(), now=clock.now()
    )


@invoices.get("/invoices")
@endpoint(invoices, allow=SIGNED_IN, accepts=InvoiceQuery(), location="query", returns=INVOICE_PAGE)
def index_invoices(query: dict[str, Any]) -> Page[InvoiceView]:
    """List the invoices and credit notes of orders in sight, the newest first."""
    return queries.list_invoices(current_actor(), **query)


@invoices.get("/invoices/<uuid:invoice_id>")
@endpoint(invoices, allow=SIGNED_IN, returns=InvoiceOut())
def show_invoice(invoice_id: UUID) -> InvoiceView:
    """Show an invoice or a credit note with its lines."""
    return queries.get_invoice_view(current_actor(), InvoiceId(invoice_id))


@invoices.get("/invoices/<uuid:invoice_id>/paper")
@endpoint(invoices, allow=SIGNED_IN)
def print_paper(invoice_id: UUID) -> Response:
    """Print an invoice or a credit note as PDF."""
    view = queries.get_invoice_view(current_actor(), InvoiceId(invoice_id))
    content = print_invoice(view)
    return attachment(content, name=f"invoice-{view.invoice.id}.pdf", media_type=PDF)


@invoices.post("/invoices/<uuid:invoice_id>/credit-notes")
@endpoint(
    invoices,
    allow=BILLS,
    accepts=CreditNoteIn(),
    returns=InvoiceOut(),
    status=201,
    idempotent=True,
    winds_up=True,
)
def credit(body: NewCreditNote, invoice_id: UUID) -> InvoiceView:
    """Take back an invoice, or a part of it."""
    return commands.credit_invoice(
        body, invoice_id=InvoiceId(invoice_id), by=current_actor(), now=clock.now()
    )


@invoices.post("/invoices/<uuid:invoice_id>/check")
@endpoint(invoices, allow=CHECKS, returns=InvoiceOut())
def check(invoice_id: UUID) -> InvoiceView:
    """Say, on the buying side, that an invoice is right."""
    return commands.check_invoice(
        InvoiceId(invoice_id),
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


@invoices.post("/invoices/<uuid:invoice_id>/dispute")
@endpoint(invoices, allow=CHECKS, accepts=InvoiceDisputeIn(), returns=InvoiceOut())
def dispute(body: dict[str, str], invoice_id: UUID) -> InvoiceView:
    """Object to an invoice, on the buying side."""
    return commands.dispute_invoice(
        InvoiceId(invoice_id),
        reason=body["reason"],
        expected_version=expected_version(),
        by=current_actor(),
        now=clock.now(),
    )


export_door(invoices, "/invoices/export", of=index_invoices, sheet=INVOICES)
