"""What can be done with invoices: issue, take back, check, object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kernel import audit
from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import check_version
from kernel.identity import new_id
from kernel.money import Fen
from marketplace.orders.models.orders import OrderId, OrderLine
from marketplace.orders.queries.finding import bought_by, list_lines, lock_order, sold_by
from marketplace.settlement.models.invoices import (
    Invoice,
    InvoiceId,
    InvoiceKind,
    InvoiceLine,
    InvoiceStatus,
)
from marketplace.settlement.queries import invoices as queries
from marketplace.settlement.queries.invoices import InvoiceView
from marketplace.settlement.rules import invoices as rules
from marketplace.settlement.rules.invoices import Amount
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity

FREIGHT = "运费 / freight"


@dataclass(frozen=True, slots=True)
class NewInvoice:
    """A paper as the seller numbers it; without lines, all that is left."""

    number: str
    issued_on: date
    lines: Sequence[Amount] = ()


@dataclass(frozen=True, slots=True)
class NewCreditNote:
    """A paper that takes back what another billed, and why; without lines, all that is left."""

    number: str
    issued_on: date
    reason: str
    lines: Sequence[Amount] = ()


def issue_invoice(new: NewInvoice, *, order_id: OrderId, by: Actor, now: datetime) -> InvoiceView:
    """Bill what was accepted of an order, by its supplier.

    Refuses more than was accepted and not billed (InvoiceExceeds, NothingToInvoice), a number
    that the seller has used (InvoiceNumberTaken, by constraint), a day to come (Invalid).
    """
    order = lock_order(by, order_id, sold_by(by))
    rules.check_issued_on(new.issued_on, today=shanghai_day(now))
    lines = list_lines(by, order.id)
    left = rules.billable(order, lines=lines, billed=queries.sum_billed(by, order.id))
    amounts = rules.choose(new.lines, among=left)
    seller, buyer = (queries.get_party(by, one) for one in (order.supplier_id, order.bound_unit_id))
    invoice = Invoice(
        id=InvoiceId(new_id()),
        seller_id=order.supplier_id,
        number=new.number,
        kind=InvoiceKind.INVOICE,
        order_id=order.id,
        issued_on=new.issued_on,
        seller_name=seller[0],
        seller_credit_code=seller[1],
        buyer_name=buyer[0],
        buyer_credit_code=buyer[1],
        amount_fen=Fen(sum(one.amount_fen for one in amounts)),
        issued_by=UserId(by.user_id),
        issued_at=now,
        status=InvoiceStatus.ISSUED,
        credited_fen=Fen(0),
        version=1,
    )
    _write(invoice, amounts, lines=lines, sign=1)
    return _done("invoice.issue", invoice, by=by, now=now)


def credit_invoice(
    new: NewCreditNote, *, invoice_id: InvoiceId, by: Actor, now: datetime
) -> InvoiceView:
    """Take back an invoice, or a part of it, by a credit note; never above what it billed.

    Refuses InvoiceExceeds, NothingToInvoice, and an invoice that is gone already (WrongState).
    """
    check_clear_of_identity(new.reason, pointer="/reason")
    order = lock_order(by, queries.get_order_of(by, invoice_id), sold_by(by))
    invoice = queries.lock_invoice(by, invoice_id)
    rules.check_invoice_move(invoice, InvoiceStatus.CREDITED)
    rules.check_issued_on(new.issued_on, today=shanghai_day(now))
    left = [Amount(key, fen) for key, fen in queries.sum_left(by, invoice.id).items() if fen]
    amounts = rules.choose(new.lines, among=left)
    total = Fen(sum(one.amount_fen for one in amounts))
    names = (
        "seller_id", "order_id", "seller_name", "seller_credit_code", "buyer_name",
        "buyer_credit_code",
    )  # fmt: skip
    note = Invoice(
        **{name: getattr(invoice, name) for name in names},
        id=InvoiceId(new_id()),
        number=new.number,
        kind=InvoiceKind.CREDIT_NOTE,
        corrects_id=invoice.id,
        issued_on=new.issued_on,
        amount_fen=Fen(-total),
        reason=new.reason,
        issued_by=UserId(by.user_id),
        issued_at=now,
        status=InvoiceStatus.ISSUED,
        credited_fen=Fen(0),
        version=1,
    )
    invoice.credited_fen = Fen(invoice.credited_fen + total)
    if invoice.credited_fen == invoice.amount_fen:
        invoice.status = InvoiceStatus.CREDITED
    _write(note, amounts, lines=list_lines(by, order.id), sign=-1)
    return _done("invoice.credit", note, by=by, now=now)


def check_invoice(
    invoice_id: InvoiceId, *, expected_version: int | None, by: Actor, now: datetime
) -> InvoiceView:
    """Say, on the buying side, that an invoice is right (WrongState)."""
    invoice = _of_buyer(invoice_id, expected_version, to=InvoiceStatus.CHECKED, by=by)
    return _said(invoice, InvoiceStatus.CHECKED, dispute=None, by=by, now=now)


def dispute_invoice(
    invoice_id: InvoiceId, *, reason: str, expected_version: int | None, by: Actor, now: datetime
) -> InvoiceView:
    """Object to an invoice, on the buying side, with a reason (WrongState)."""
    check_clear_of_identity(reason, pointer="/reason")
    invoice = _of_buyer(invoice_id, expected_version, to=InvoiceStatus.DISPUTED, by=by)
    return _said(invoice, InvoiceStatus.DISPUTED, dispute=reason, by=by, now=now)


def _of_buyer(
    invoice_id: InvoiceId, expected_version: int | None, *, to: InvoiceStatus, by: Actor
) -> Invoice:
    lock_order(by, queries.get_order_of(by, invoice_id), bought_by(by))
    invoice = queries.lock_invoice(by, invoice_id)
    check_version(invoice.version, expected_version)
    rules.check_invoice_move(invoice, to)
    return invoice


def _said(
    invoice: Invoice, status: InvoiceStatus, *, dispute: str | None, by: Actor, now: datetime
) -> InvoiceView:
    invoice.status, invoice.dispute = status, dispute
    invoice.decided_by, invoice.decided_at = UserId(by.user_id), now
    return _done(f"invoice.{status.value}", invoice, by=by, now=now)


def _write(
    invoice: Invoice, amounts: Sequence[Amount], *, lines: Sequence[OrderLine], sign: int
) -> None:
    """Write a paper with its lines, below zero for a credit note."""
    known = {line.id: line for line in lines}
    db.session.add(invoice)
    db.session.flush()
    for position, one in enumerate(amounts):
        line = known[one.order_line_id] if one.order_line_id else None
        db.session.add(
            InvoiceLine(
                id=new_id(),
                invoice_id=invoice.id,
                position=position,
                order_line_id=one.order_line_id,
                title=line.title if line else FREIGHT,
                unit=line.unit if line else None,
                unit_price_fen=line.unit_price_fen if line else None,
                accepted_quantity=line.accepted_quantity if line else None,
                amount_fen=Fen(sign * one.amount_fen),
            )
        )


def _done(action: str, invoice: Invoice, *, by: Actor, now: datetime) -> InvoiceView:
    db.session.flush()
    after = {
        "number": invoice.number,
        "kind": invoice.kind,
        "status": invoice.status,
        "amount_fen": invoice.amount_fen,
        "order_id": invoice.order_id,
    }
    audit.write(action, subject=("invoice", invoice.id), by=by, now=now, after=after)
    return queries.get_invoice_view(by, invoice.id)
