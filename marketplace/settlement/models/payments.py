"""What there is of settlement: payments, refunds, and on which line each fen of them lies."""

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.ledger import TransferId
from kernel.money import Fen
from marketplace.orders.models.orders import OrderId, OrderLineId
from marketplace.settlement.models.treasury import TreasuryOrderId
from registry.accounts.models import UserId

PaymentId = NewType("PaymentId", UUID)
RefundId = NewType("RefundId", UUID)


class PaymentMethod(StrEnum):
    """How the money travels; `stripe` is offered where the installation has its keys."""

    BANK_TRANSFER = "bank_transfer"
    TREASURY = "treasury"
    STRIPE = "stripe"


class PaymentState(StrEnum):
    """Whether the money is said to be sent, seen to have come, or known not to come."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class AllocationKind(StrEnum):
    """Why money came to lie on a line, or left it."""

    PAYMENT = "payment"
    REFUND = "refund"


class Payment(Base):
    """Money the unit's finance says it sent; it counts once the receiving side has seen it.

    Nobody registered what came to the bank unannounced. What is `collected` lies on an account of
    the platform until it is paid out to the supplier.

    `author_id` and `approver_id` repeat the order's, so that the row itself refuses a payer who
    is one of them. `refunded_fen` is what of a confirmed payment went back. Nobody decided what
    Stripe said of its own payments.
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("number", name="uq_payment_number"),
        UniqueConstraint("id", "order_id", name="uq_payment_id_order"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint(
            "refunded_fen >= 0 AND refunded_fen <= amount_fen"
            " AND (refunded_fen = 0 OR status = 'confirmed')",
            name="refunded",
        ),
        CheckConstraint(
            "registered_by IS NOT NULL OR (method = 'bank_transfer' AND status = 'confirmed')",
            name="registered",
        ),
        CheckConstraint("treasury_order_id IS NULL OR method = 'treasury'", name="treasury"),
        CheckConstraint("registered_by <> author_id", name="author_apart"),
        CheckConstraint("registered_by <> approver_id", name="approver_apart"),
        CheckConstraint("status <> 'confirmed' OR decided_by <> registered_by", name="payer_apart"),
        CheckConstraint(
            "(status = 'pending') = (decided_at IS NULL)"
            " AND (status = 'confirmed') = (transfer_id IS NOT NULL)"
            " AND (status = 'cancelled') = (cancel_reason IS NOT NULL)"
            " AND (decided_by IS NULL OR status <> 'pending')"
            " AND (decided_by IS NOT NULL OR status = 'pending' OR method = 'stripe')",
            name="decision",
        ),
        Index("ix_payment_order_id", "order_id"),
    )

    id: Mapped[PaymentId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    order_id: Mapped[OrderId] = mapped_column(Uuid, ForeignKey("purchase_order.id"))
    method: Mapped[PaymentMethod]
    amount_fen: Mapped[Fen]
    refunded_fen: Mapped[Fen]
    reference: Mapped[str | None]
    status: Mapped[PaymentState]
    author_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    approver_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    registered_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    registered_at: Mapped[datetime]
    decided_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    transfer_id: Mapped[TransferId | None] = mapped_column(Uuid, ForeignKey("ledger_transfer.id"))
    collected: Mapped[bool] = mapped_column(server_default="false")
    treasury_order_id: Mapped[TreasuryOrderId | None] = mapped_column(
        Uuid, ForeignKey("treasury_order.id"), index=True
    )


class Refund(Base):
    """Money of a confirmed payment that went back to the buyer; never changed afterwards.

    `by_stripe` nobody here sent it back: the buyer's bank did, or somebody at Stripe.
    """

    __tablename__ = "refund"
    __table_args__ = (
        ForeignKeyConstraint(
            ["payment_id", "order_id"],
            ["payment.id", "payment.order_id"],
            name="fk_refund_payment_order",
        ),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("refunded_by <> author_id", name="author_apart"),
        CheckConstraint("(refunded_by IS NULL) = by_stripe", name="by_stripe"),
        Index("ix_refund_payment_id", "payment_id", "order_id"),
    )

    id: Mapped[RefundId] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    payment_id: Mapped[PaymentId] = mapped_column(Uuid)
    order_id: Mapped[OrderId] = mapped_column(Uuid)
    amount_fen: Mapped[Fen]
    reason: Mapped[str]
    author_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    refunded_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    by_stripe: Mapped[bool] = mapped_column(server_default="false")
    refunded_at: Mapped[datetime]
    transfer_id: Mapped[TransferId] = mapped_column(Uuid, ForeignKey("ledger_transfer.id"))


class Allocation(Base):
    """An amount that came to lie on a line of an order, or (negative) left it; append-only.

    A payment is spread over what the order's lines still cost, a refund taken from what lies on
    them. No line means the order's freight.
    """

    __tablename__ = "allocation"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'payment') = (payment_id IS NOT NULL)"
            " AND (kind = 'refund') = (refund_id IS NOT NULL)",
            name="source",
        ),
        CheckConstraint("amount_fen <> 0 AND (kind = 'payment') = (amount_fen > 0)", name="amount"),
        Index("ix_allocation_order_id", "order_id"),
        Index("ix_allocation_order_line_id", "order_line_id"),
        Index("ix_allocation_payment_id", "payment_id"),
        Index("ix_allocation_refund_id", "refund_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    order_id: Mapped[OrderId] = mapped_column(Uuid, ForeignKey("purchase_order.id"))
    order_line_id: Mapped[OrderLineId | None] = mapped_column(Uuid, ForeignKey("order_line.id"))
    kind: Mapped[AllocationKind]
    payment_id: Mapped[PaymentId | None] = mapped_column(Uuid, ForeignKey("payment.id"))
    refund_id: Mapped[RefundId | None] = mapped_column(Uuid, ForeignKey("refund.id"))
    amount_fen: Mapped[Fen]
    at: Mapped[datetime]
