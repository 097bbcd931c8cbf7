"""What may be billed of an order, what of an invoice may be taken back, and who says what of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from kernel.errors import Invalid, WrongState
from kernel.money import Fen
from marketplace.errors.settlement import InvoiceExceeds, NothingToInvoice
from marketplace.orders.models.orders import (
    FulfilmentStatus,
    OrderLine,
    OrderLineId,
    PurchaseOrder,
)
from marketplace.settlement.models.invoices import Invoice, InvoiceKind, InvoiceStatus

Billed = Mapping[OrderLineId | None, Fen]
"""What was billed and not taken back, by order line; no line is the freight."""

TRANSITIONS: Mapping[InvoiceStatus, frozenset[InvoiceStatus]] = MappingProxyType(
    {
        InvoiceStatus.ISSUED: frozenset(InvoiceStatus) - {InvoiceStatus.ISSUED},
        InvoiceStatus.CHECKED: frozenset({InvoiceStatus.CREDITED}),
        InvoiceStatus.DISPUTED: frozenset({InvoiceStatus.CHECKED, InvoiceStatus.CREDITED}),
        InvoiceStatus.CREDITED: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of one order line; no line is the freight."""

    order_line_id: OrderLineId | None
    amount_fen: Fen


def billable(order: PurchaseOrder, *, lines: Sequence[OrderLine], billed: Billed) -> list[Amount]:
    """Say what of an order may be billed: what was accepted less what was billed, line by line.

    Freight once everything was received, as long as something was accepted.
    """
    accepted: list[tuple[OrderLineId | None, Fen]] = [(one.id, one.accepted_fen) for one in lines]
    if order.fulfilment_status is FulfilmentStatus.ACCEPTED and order.accepted_fen:
        accepted.append((None, order.freight_fen))
    return [Amount(key, left) for key, fen in accepted if (left := _left(fen, key, billed))]


def choose(wanted: Sequence[Amount], *, among: Sequence[Amount]) -> list[Amount]:
    """Give what is wanted of what there is, or without a wish all of it.

    Refuses nothing (NothingToInvoice), a line that is not there or named twice (Invalid), and
    more of a line than there is (InvoiceExceeds).
    """
    if not among:
        raise NothingToInvoice
    left = {one.order_line_id: one.amount_fen for one in among}
    for position, one in enumerate(wanted):
        pointer = f"/lines/{position}"
        if one.order_line_id not in left:
            reason = "没有可开票的这一行，或重复 / nothing of this line is left, or named twice"
            raise Invalid(reason=reason, pointer=f"{pointer}/order_line_id")
        if one.amount_fen > (most := left.pop(one.order_line_id)):
            raise InvoiceExceeds(
                left_fen=most, wanted_fen=one.amount_fen, pointer=f"{pointer}/amount_fen"
            )
    return list(wanted or among)


def check_issued_on(day: date, *, today: date) -> None:
    """Refuse a paper of a day that has not come (Invalid)."""
    if day > today:
        reason = "开票日期不能晚于今天 / an invoice is not of a day to come"
        raise Invalid(reason=reason, pointer="/issued_on")


def check_invoice_move(invoice: Invoice, to: InvoiceStatus) -> None:
    """Refuse a way that is not drawn, and any of a credit note (WrongState)."""
    if invoice.kind is InvoiceKind.CREDIT_NOTE or to not in TRANSITIONS[invoice.status]:
        raise WrongState(state=invoice.status, wanted=to)


def _left(fen: Fen, key: OrderLineId | None, billed: Billed) -> Fen:
    return Fen(max(0, fen - billed.get(key, 0)))
