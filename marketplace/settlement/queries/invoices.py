"""Which invoices and credit notes there are, and what was billed of an order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select

from kernel.actor import Actor
from kernel.database import db
from kernel.money import Fen
from kernel.paging import Page, page
from kernel.rows import locked, one
from marketplace.orders.models.orders import OrderId, OrderLineId, PurchaseOrder
from marketplace.orders.queries.finding import visible_orders
from marketplace.settlement.models.invoices import (
    Invoice,
    InvoiceId,
    InvoiceKind,
    InvoiceLine,
    InvoiceStatus,
)
from registry.organisations.models import Organisation, OrganisationId


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """A paper with its lines, in their order."""

    invoice: Invoice
    lines: Sequence[InvoiceLine]


@dataclass(frozen=True)
class InvoiceFilter:
    """Which papers to list; None leaves a side open."""

    order_id: OrderId | None = None
    seller_id: OrganisationId | None = None
    status: InvoiceStatus | None = None
    kind: InvoiceKind | None = None


def get_invoice_view(actor: Actor, invoice_id: InvoiceId) -> InvoiceView:
    """Get a paper of an order in the actor's sight (NotFound)."""
    return _views([one(_seen(actor).where(Invoice.id == invoice_id))])[0]


def list_invoices(
    actor: Actor, wanted: InvoiceFilter, *, limit: int, cursor: str | None
) -> Page[InvoiceView]:
    """List the papers in the actor's sight, the newest first."""
    asked = {name: value for name, value in vars(wanted).items() if value is not None}
    statement = _seen(actor).where(*(getattr(Invoice, name) == asked[name] for name in asked))
    keys = [(Invoice.id, True)]
    found = page(statement, keys=keys, limit=limit, cursor=cursor, filters=asked)
    return Page(_views(found.items), found.next_cursor)


def get_order_of(actor: Actor, invoice_id: InvoiceId) -> OrderId:
    """Get the order of a paper, so that it can be locked first (NotFound)."""
    return OrderId(one(_seen(actor).where(Invoice.id == invoice_id)).order_id)


def lock_invoice(actor: Actor, invoice_id: InvoiceId) -> Invoice:
    """Get a paper, locked; its order was locked before in the actor's sight."""
    del actor  # the order that asks was found in the actor's sight
    return locked(select(Invoice).where(Invoice.id == invoice_id), key_share=True)


def sum_billed(actor: Actor, order_id: OrderId) -> dict[OrderLineId | None, Fen]:
    """Add up what was billed of an order and not taken back, by line (None: freight)."""
    del actor  # the order that asks was found in the actor's sight
    return _sum(
        select(InvoiceLine.order_line_id, func.sum(InvoiceLine.amount_fen))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.order_id == order_id)
    )


def list_billed(actor: Actor, order_ids: Collection[UUID]) -> dict[UUID, Fen]:
    """Give what was billed of each order and not taken back; none stands for nothing."""
    statement = (
        select(Invoice.order_id, func.sum(InvoiceLine.amount_fen))
        .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .join(PurchaseOrder, PurchaseOrder.id == Invoice.order_id)
        .where(Invoice.order_id.in_(order_ids), visible_orders(actor))
        .group_by(Invoice.order_id)
    )
    rows = db.session.execute(statement)
    return {UUID(str(order_id)): Fen(int(amount)) for order_id, amount in rows}


def sum_left(actor: Actor, invoice_id: InvoiceId) -> dict[OrderLineId | None, Fen]:
    """Add up what of an invoice was not taken back, by line (None: freight)."""
    del actor  # the order that asks was found in the actor's sight
    own = (Invoice.id == invoice_id) | (Invoice.corrects_id == invoice_id)
    return _sum(
        select(InvoiceLine.order_line_id, func.sum(InvoiceLine.amount_fen))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(own)
    )


def get_party(actor: Actor, organisation_id: OrganisationId) -> tuple[str, str]:
    """Get the name and the credit code that stand on a paper."""
    del actor  # the order that asks names it
    statement = select(Organisation.name, Organisation.credit_code)
    name, code = db.session.execute(statement.where(Organisation.id == organisation_id)).one()
    return name, code


def _sum(statement: Select[OrderLineId | None, int]) -> dict[OrderLineId | None, Fen]:
    rows = db.session.execute(statement.group_by(InvoiceLine.order_line_id))
    return {line_id: Fen(int(amount)) for line_id, amount in rows}


def _seen(actor: Actor) -> Select[Invoice]:
    return (
        select(Invoice)
        .join(PurchaseOrder, PurchaseOrder.id == Invoice.order_id)
        .where(visible_orders(actor))
    )


def _views(found: Sequence[Invoice]) -> list[InvoiceView]:
    lines: dict[InvoiceId, list[InvoiceLine]] = defaultdict(list)
    statement = (
        select(InvoiceLine)
        .where(InvoiceLine.invoice_id.in_([one.id for one in found]))
        .order_by(InvoiceLine.position)
    )
    for line in db.session.scalars(statement):
        lines[line.invoice_id].append(line)
    return [InvoiceView(invoice, lines[invoice.id]) for invoice in found]
