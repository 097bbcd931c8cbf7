"""What there is of Stripe: intents, what is moved by it, disputes, accounts, events heard of."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.crypto import EncryptedText
from kernel.database import Base
from kernel.money import Fen
from marketplace.settlement.models.payments import PaymentId, RefundId
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

MovementId = NewType("MovementId", UUID)
DisputeId = NewType("DisputeId", UUID)


class StripeWay(StrEnum):
    """By what the buyer pays at Stripe; the names are Stripe's."""

    CARD = "card"
    ALIPAY = "alipay"
    WECHAT_PAY = "wechat_pay"


class IntentStatus(StrEnum):
    """Where a PaymentIntent stands with us.

    `wanted`: Stripe was not heard of it yet. `open`: the buyer may pay. `closing`: it is to be
    taken back. `parked`: money came that could not be placed. `returned`: it goes back whole.
    """

    WANTED = "wanted"
    OPEN = "open"
    CLOSING = "closing"
    CANCELLED = "cancelled"
    SUCCEEDED = "succeeded"
    PARKED = "parked"
    RETURNED = "returned"


class MovementKind(StrEnum):
    """What money does after it came: back to the buyer, on to the seller, back from the seller."""

    REFUND = "refund"
    TRANSFER = "transfer"
    REVERSAL = "reversal"


class MovementStatus(StrEnum):
    """How far Stripe is with it: not told, under way, done, or not to be had.

    A refund is `covered` where its money went back at Stripe without us: nothing is left to ask.
    """

    WANTED = "wanted"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    COVERED = "covered"


class DisputeStatus(StrEnum):
    """Whether the buyer's bank may still take the money back, did, or did not."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class StripeIntent(Base):
    """A payment as Stripe collects it. Its key at Stripe follows from the payment's.

    `received_fen` and `currency` are what Stripe says came; `due_at` is when it is asked next,
    `attempts` how often in a row it was asked without an answer.
    """

    __tablename__ = "stripe_intent"
    __table_args__ = (
        UniqueConstraint("stripe_id", name="uq_stripe_intent_stripe_id"),
        CheckConstraint("received_fen >= 0", name="received"),
        CheckConstraint(
            "(status IN ('succeeded', 'parked', 'returned')) = (received_fen > 0)", name="money"
        ),
        CheckConstraint("status <> 'open' OR stripe_id IS NOT NULL", name="known"),
        CheckConstraint("(status = 'parked') = (parked_reason IS NOT NULL)", name="parked"),
        Index("ix_stripe_intent_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_stripe_intent_parked", "parked_at", postgresql_where=text("status = 'parked'")),
    )

    payment_id: Mapped[PaymentId] = mapped_column(Uuid, ForeignKey("payment.id"), primary_key=True)
    way: Mapped[StripeWay]
    status: Mapped[IntentStatus]
    stripe_id: Mapped[str | None]
    charge_id: Mapped[str | None]
    client_secret: Mapped[str | None] = mapped_column(EncryptedText("stripe_intent.client_secret"))
    next_step: Mapped[str | None] = mapped_column(EncryptedText("stripe_intent.next_step"))
    received_fen: Mapped[Fen]
    currency: Mapped[str | None]
    parked_reason: Mapped[str | None]
    parked_at: Mapped[datetime | None]
    trouble: Mapped[str | None]
    wanted_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int]


class StripeMovement(Base):
    """Money of a payment that Stripe moves: a refund, a transfer to the seller, its reversal.

    A refund without `refund_id` gives parked money back, which was never in our books. A
    reversal names the transfer it takes back from. `again` counts how often people had one that
    failed sent anew.
    """

    __tablename__ = "stripe_movement"
    __table_args__ = (
        UniqueConstraint("refund_id", name="uq_stripe_movement_refund_id"),
        UniqueConstraint("kind", "stripe_id", name="uq_stripe_movement_kind_stripe_id"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("refund_id IS NULL OR kind = 'refund'", name="refund"),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal"),
        CheckConstraint("status NOT IN ('sent', 'done') OR stripe_id IS NOT NULL", name="known"),
        Index("ix_stripe_movement_payment_id", "payment_id"),
        Index("ix_stripe_movement_reverses_id", "reverses_id"),
        Index("ix_stripe_movement_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    id: Mapped[MovementId] = mapped_column(Uuid, primary_key=True)
    payment_id: Mapped[PaymentId] = mapped_column(Uuid, ForeignKey("stripe_intent.payment_id"))
    kind: Mapped[MovementKind]
    refund_id: Mapped[RefundId | None] = mapped_column(Uuid, ForeignKey("refund.id"))
    reverses_id: Mapped[MovementId | None] = mapped_column(Uuid, ForeignKey("stripe_movement.id"))
    amount_fen: Mapped[Fen]
    destination: Mapped[str | None]
    status: Mapped[MovementStatus]
    stripe_id: Mapped[str | None]
    trouble: Mapped[str | None]
    wanted_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    wanted_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int]
    again: Mapped[int]


class StripeDispute(Base):
    """A buyer's objection at their bank to a payment; lost, its money went back (`refund_id`)."""

    __tablename__ = "stripe_dispute"
    __table_args__ = (
        UniqueConstraint("stripe_id", name="uq_stripe_dispute_stripe_id"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("refund_id IS NULL OR status = 'lost'", name="lost"),
        Index("ix_stripe_dispute_payment_id", "payment_id"),
    )

    id: Mapped[DisputeId] = mapped_column(Uuid, primary_key=True)
    payment_id: Mapped[PaymentId] = mapped_column(Uuid, ForeignKey("stripe_intent.payment_id"))
    stripe_id: Mapped[str]
    amount_fen: Mapped[Fen]
    reason: Mapped[str]
    status: Mapped[DisputeStatus]
    refund_id: Mapped[RefundId | None] = mapped_column(Uuid, ForeignKey("refund.id"))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class StripeAccount(Base):
    """Where a seller is paid at Stripe: its connected account."""

    __tablename__ = "stripe_account"
    __table_args__ = (UniqueConstraint("account_id", name="uq_stripe_account_account_id"),)

    organisation_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), primary_key=True
    )
    account_id: Mapped[str]
    named_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    named_at: Mapped[datetime]


class StripeEvent(Base):
    """An event of Stripe that made us ask about its payment; each once, never changed."""

    __tablename__ = "stripe_event"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payment_id: Mapped[PaymentId] = mapped_column(
        Uuid, ForeignKey("stripe_intent.payment_id"), index=True
    )
    heard_at: Mapped[datetime]
