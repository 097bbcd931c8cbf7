"""What there is of invoices: what a seller billed of what was accepted, and what it took back."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.orders.models.orders import OrderId, OrderLineId
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

InvoiceId = NewType("InvoiceId", UUID)


class InvoiceKind(StrEnum):
    """Whether a paper bills, or takes back what was billed (红字发票)."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class InvoiceStatus(StrEnum):
    """What the buyer said of an invoice (验票), and whether all of it was taken back."""

    ISSUED = "issued"
    CHECKED = "checked"
    DISPUTED = "disputed"
    CREDITED = "credited"


class Invoice(Base):
    """A paper as it was issued; its content never changes, only what is said of it.

    A credit note's amount is below zero. `credited_fen` is what credit notes took back so far.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("seller_id", "number", name="uq_invoice_seller_number"),
        CheckConstraint(
            "(kind = 'invoice' AND amount_fen > 0 AND corrects_id IS NULL)"
            " OR (kind = 'credit_note' AND amount_fen < 0 AND corrects_id IS NOT NULL)",
            name="kind",
        ),
        CheckConstraint(
            "credited_fen >= 0 AND credited_fen <= greatest(amount_fen, 0)", name="credited"
        ),
        CheckConstraint(
            "kind <> 'invoice' OR (status = 'credited') = (credited_fen = amount_fen)",
            name="taken_back",
        ),
        CheckConstraint("kind <> 'credit_note' OR status = 'issued'", name="note"),
        CheckConstraint("status <> 'disputed' OR dispute IS NOT NULL", name="dispute"),
        Index("ix_invoice_order_id", "order_id"),
        Index("ix_invoice_corrects_id", "corrects_id"),
    )

    id: Mapped[InvoiceId] = mapped_column(Uuid, primary_key=True)
    seller_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    number: Mapped[str]
    kind: Mapped[InvoiceKind]
    order_id: Mapped[OrderId] = mapped_column(Uuid, ForeignKey("purchase_order.id"))
    corrects_id: Mapped[InvoiceId | None] = mapped_column(Uuid, ForeignKey("invoice.id"))
    issued_on: Mapped[date]
    seller_name: Mapped[str]
    seller_credit_code: Mapped[str]
    buyer_name: Mapped[str]
    buyer_credit_code: Mapped[str]
    amount_fen: Mapped[Fen]
    reason: Mapped[str | None]
    issued_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    issued_at: Mapped[datetime]
    status: Mapped[InvoiceStatus]
    credited_fen: Mapped[Fen]
    dispute: Mapped[str | None]
    decided_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class InvoiceLine(Base):
    """What of one order line (or, with none, of the freight) a paper bills; never changed."""

    __tablename__ = "invoice_line"
    __table_args__ = (
        UniqueConstraint("invoice_id", "position", name="uq_invoice_line_position"),
        CheckConstraint("amount_fen <> 0", name="amount"),
        Index("ix_invoice_line_order_line_id", "order_line_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    invoice_id: Mapped[InvoiceId] = mapped_column(Uuid, ForeignKey("invoice.id"))
    position: Mapped[int]
    order_line_id: Mapped[OrderLineId | None] = mapped_column(Uuid, ForeignKey("order_line.id"))
    title: Mapped[str]
    unit: Mapped[Unit | None]
    unit_price_fen: Mapped[Fen | None]
    accepted_quantity: Mapped[Decimal | None]
    amount_fen: Mapped[Fen]
