"""What there is of an order: who buys for whom, its lines as they were agreed, its three states."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from certification.certificates.models.capacities import CapacityId
from certification.certificates.models.certificates import CertificateId
from kernel.crypto import EncryptedText
from kernel.database import Base
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.models.listings import Channel, ListingId, PayMode
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund, QuotaId, heading_of
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId
from registry.regions.models import OriginKind

__all__ = [
    "CheckoutId",
    "FulfilmentStatus",
    "OrderId",
    "OrderLine",
    "OrderLineId",
    "OrderStatus",
    "PayMode",
    "PaymentStatus",
    "PurchaseOrder",
]

OrderId = NewType("OrderId", UUID)
OrderLineId = NewType("OrderLineId", UUID)
CheckoutId = NewType("CheckoutId", UUID)
"""What orders of several suppliers have in common that were placed at once."""


class OrderStatus(StrEnum):
    """Where the agreement stands."""

    DRAFT = "draft"
    PENDING_APPROVAL = "pending_approval"
    PLACED = "placed"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class FulfilmentStatus(StrEnum):
    """Where the goods stand; `shipped` means that nothing more will be sent."""

    UNSHIPPED = "unshipped"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    ACCEPTED = "accepted"


class PaymentStatus(StrEnum):
    """Where the money stands, counting only confirmed money."""

    UNPAID = "unpaid"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


class PurchaseOrder(Base):
    """An order of one supplier, bound to the budget unit and year it is bought for.

    `goods_fen` is the sum of the lines as ordered, `accepted_fen` of the lines as accepted,
    `pending_fen` money said to be on its way, `paid_fen` all confirmed money and `refunded_fen`
    what of it went back; freight is apart. It is paid within `payment_term_days` of acceptance
    (without: those of the law). `channel` is where else than here the buyer found the
    goods, `extended_at` when a pay-first order got its one extension, `replaces_id` the order that
    was called off for this one, `checkout_id` shared by orders that were placed together.
    """

    __tablename__ = "purchase_order"
    __table_args__ = (
        CheckConstraint("total_fen = goods_fen + freight_fen", name="total"),
        CheckConstraint("goods_fen >= 0 AND freight_fen >= 0", name="amounts"),
        CheckConstraint("accepted_fen >= 0 AND accepted_fen <= goods_fen", name="accepted"),
        CheckConstraint(
            "paid_fen >= 0 AND pending_fen >= 0 AND paid_fen + pending_fen <= total_fen",
            name="paid",
        ),
        CheckConstraint("refunded_fen >= 0 AND refunded_fen <= paid_fen", name="refunded"),
        CheckConstraint("decided_by <> author_id", name="author_apart"),
        CheckConstraint(
            "decided_for <> author_id AND decided_for <> decided_by", name="decided_for"
        ),
        CheckConstraint("approvals_wanted BETWEEN 0 AND 2", name="approvals"),
        CheckConstraint(
            "order_status = 'pending_approval' OR approval_due_at IS NULL", name="approval_due"
        ),
        CheckConstraint("extended_at IS NULL OR pay_mode = 'pay_first'", name="extended"),
        CheckConstraint("replaces_id <> id", name="replaces"),
        CheckConstraint("payment_term_days > 0", name="payment_term"),
        UniqueConstraint("number", name="uq_purchase_order_number"),
        Index("uq_purchase_order_replaces", "replaces_id", unique=True),
        Index(
            "ix_purchase_order_approval",
            "approval_due_at",
            postgresql_where=text("approval_due_at IS NOT NULL"),
        ),
        Index(
            "ix_purchase_order_due",
            "expires_at",
            postgresql_where=text("closed_at IS NULL AND payment_status = 'unpaid'"),
        ),
    )

    id: Mapped[OrderId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    kind: Mapped[OrderKind]
    buyer_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    author_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    bound_unit_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    year: Mapped[int]
    fund: Mapped[Fund]
    quota_id: Mapped[QuotaId] = mapped_column(Uuid, ForeignKey("quota.id"))
    supplier_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    pay_mode: Mapped[PayMode]
    payment_term_days: Mapped[int | None]
    channel: Mapped[Channel | None]
    goods_fen: Mapped[Fen]
    freight_fen: Mapped[Fen]
    total_fen: Mapped[Fen]
    accepted_fen: Mapped[Fen]
    pending_fen: Mapped[Fen] = mapped_column(default=Fen(0))
    paid_fen: Mapped[Fen]
    refunded_fen: Mapped[Fen]
    order_status: Mapped[OrderStatus]
    fulfilment_status: Mapped[FulfilmentStatus]
    payment_status: Mapped[PaymentStatus]
    expires_at: Mapped[datetime | None]
    extended_at: Mapped[datetime | None]
    replaces_id: Mapped[OrderId | None] = mapped_column(Uuid, ForeignKey("purchase_order.id"))
    checkout_id: Mapped[CheckoutId | None] = mapped_column(Uuid, index=True)
    dedication: Mapped[dict[str, Any] | None]
    delivery_address: Mapped[str]
    delivery_contact: Mapped[str | None] = mapped_column(
        EncryptedText("purchase_order.delivery_contact")
    )
    delivery_on: Mapped[date | None]
    delivery_note: Mapped[str | None]
    placed_at: Mapped[datetime]
    approvals_wanted: Mapped[int] = mapped_column(server_default="0")
    approval_due_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    decided_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    decided_for: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    confirmed_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    confirmed_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class OrderLine(Base):
    """One line as agreed at placing; quantities are in `unit`, the listing's.

    `shipped_quantity`, `accepted_quantity` and `rejected_quantity` are sums so far; what is
    rejected was shipped. `accepted_fen` prices the whole accepted quantity once.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(
            "shipped_quantity >= 0 AND substituted_quantity >= 0"
            " AND shipped_quantity <= quantity - substituted_quantity",
            name="shipped",
        ),
        CheckConstraint(
            "accepted_quantity >= 0 AND rejected_quantity >= 0"
            " AND accepted_quantity + rejected_quantity <= shipped_quantity",
            name="received",
        ),
        CheckConstraint("accepted_fen >= 0 AND accepted_fen <= amount_fen", name="accepted"),
        CheckConstraint(
            "prepaid_fen >= 0 AND advance_fen >= 0 AND prepaid_fen + advance_fen <= amount_fen",
            name="advanced",
        ),
        UniqueConstraint("order_id", "position", name="uq_order_line_order_position"),
    )

    id: Mapped[OrderLineId] = mapped_column(Uuid, primary_key=True)
    order_id: Mapped[OrderId] = mapped_column(Uuid, ForeignKey("purchase_order.id"))
    position: Mapped[int]
    listing_id: Mapped[ListingId] = mapped_column(Uuid, ForeignKey("listing.id"), index=True)
    certificate_id: Mapped[CertificateId] = mapped_column(
        Uuid, ForeignKey("certificate.id"), index=True
    )
    capacity_id: Mapped[CapacityId] = mapped_column(Uuid, ForeignKey("capacity.id"))
    certificate_number: Mapped[str]
    certificate_unit: Mapped[Unit]
    title: Mapped[str]
    unit: Mapped[Unit]
    quantity: Mapped[Decimal]
    unit_price_fen: Mapped[Fen]
    amount_fen: Mapped[Fen]
    origin_kind: Mapped[OriginKind]
    category_code: Mapped[str | None]
    origin_region_code: Mapped[str]
    shipped_quantity: Mapped[Decimal]
    accepted_quantity: Mapped[Decimal]
    rejected_quantity: Mapped[Decimal]
    accepted_fen: Mapped[Fen]
    substituted_quantity: Mapped[Decimal] = mapped_column(server_default="0", default=Decimal(0))
    """What of it another line brings instead, by consent; `amount_fen` is without it."""

    prepaid_fen: Mapped[Fen] = mapped_column(server_default="0", default=Fen(0))
    """Of farmed plots: money before the season, nobody's until goods are taken in."""
    advance_fen: Mapped[Fen] = mapped_column(server_default="0", default=Fen(0))
    """Of farmed plots: the parts of accepted milestones, earned before there are goods."""

    @property
    def due_quantity(self) -> Decimal:
        """Give what is to be brought of this very line."""
        return self.quantity - (self.substituted_quantity or Decimal(0))

    @property
    def earnable_fen(self) -> Fen:
        """Give what of its money may be whose: of goods taken in, or of work accepted before."""
        return Fen(max(self.accepted_fen, self.advance_fen or 0))

    @property
    def retained_fen(self) -> Fen:
        """Give what is paid before the season, as long as no goods are taken in."""
        return Fen(0 if self.accepted_fen else self.prepaid_fen or 0)

    @property
    def heading(self) -> str:
        """Give the heading of the quota that its money stands under."""
        return heading_of(self.origin_kind, self.category_code)
