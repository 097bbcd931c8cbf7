"""What there is of a delivery: what left from which lot, and what was taken in or sent back."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen
from kernel.quantity import Unit
from kernel.terms import Term
from marketplace.catalogue.models.listings import ListingId, StorageBand
from marketplace.deliveries.models.places import FacilityId
from marketplace.lots.models import LotId
from marketplace.orders.models.orders import OrderId, OrderLineId
from registry.accounts.models import UserId
from registry.documents.models import DocumentId

ShipmentId = NewType("ShipmentId", UUID)
ShipmentLineId = NewType("ShipmentLineId", UUID)
ReceiptId = NewType("ReceiptId", UUID)
ReceiptLineId = NewType("ReceiptLineId", UUID)
SubstitutionId = NewType("SubstitutionId", UUID)
ColdChainId = NewType("ColdChainId", UUID)


class TermCode(StrEnum):
    """What is set for deliveries by dated rows."""

    WEIGHT_TOLERANCE_BP = "weight_tolerance_bp"
    """How far the scale at the door may be off what was sent, in basis points of it."""


class RejectReason(StrEnum):
    """Why goods are turned away, or are not what was sent; `other` is told in words."""

    SPOILED = "spoiled"
    DAMAGED = "damaged"
    WRONG_GOODS = "wrong_goods"
    WEIGHT = "weight"
    TEMPERATURE = "temperature"
    EXPIRED = "expired"
    PAPERS_MISSING = "papers_missing"
    OTHER = "other"


class DeliveryTerm(Term, Base):
    """A number that holds for deliveries from a day on, and where it comes from."""

    __tablename__ = "delivery_term"
    __table_args__ = (
        UniqueConstraint("code", "from_on", name="uq_delivery_term_code_from_on"),
        CheckConstraint("value BETWEEN 0 AND 10000", name="value"),
    )

    code: Mapped[TermCode]


class Shipment(Base):
    """One sending of an order's goods; `final` says that nothing more will follow.

    `facility_id` is the cold store that cooled goods left from.
    """

    __tablename__ = "shipment"

    id: Mapped[ShipmentId] = mapped_column(Uuid, primary_key=True)
    order_id: Mapped[OrderId] = mapped_column(Uuid, ForeignKey("purchase_order.id"), index=True)
    carrier: Mapped[str]
    tracking_number: Mapped[str | None]
    final: Mapped[bool]
    facility_id: Mapped[FacilityId | None] = mapped_column(
        Uuid, ForeignKey("cold_chain_facility.id"), index=True
    )
    shipped_at: Mapped[datetime]
    shipped_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))


class ShipmentLine(Base):
    """What of an order line left from one lot, in the line's unit and in the lot's.

    `moved` goods had been held elsewhere; their stock hold bears this row's key.
    """

    __tablename__ = "shipment_line"
    __table_args__ = (
        CheckConstraint("quantity > 0 AND lot_quantity > 0", name="quantity"),
        UniqueConstraint(
            "shipment_id", "order_line_id", "lot_id", "moved", name="uq_shipment_line_once"
        ),
    )

    id: Mapped[ShipmentLineId] = mapped_column(Uuid, primary_key=True)
    shipment_id: Mapped[ShipmentId] = mapped_column(Uuid, ForeignKey("shipment.id"))
    order_line_id: Mapped[OrderLineId] = mapped_column(
        Uuid, ForeignKey("order_line.id"), index=True
    )
    lot_id: Mapped[LotId] = mapped_column(Uuid, ForeignKey("lot.id"), index=True)
    quantity: Mapped[Decimal]
    lot_quantity: Mapped[Decimal]
    moved: Mapped[bool]


class Receipt(Base):
    """One taking-in at the door."""

    __tablename__ = "receipt"

    id: Mapped[ReceiptId] = mapped_column(Uuid, primary_key=True)
    order_id: Mapped[OrderId] = mapped_column(Uuid, ForeignKey("purchase_order.id"), index=True)
    received_at: Mapped[datetime]
    received_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))


class ReceiptLine(Base):
    """What of one shipment line was accepted and rejected, in the order line's unit.

    A receipt counts against the oldest shipment lines first, accepted before rejected, so the
    lots behind every accepted kilogram are known; attribution reads nothing else.
    """

    __tablename__ = "receipt_line"
    __table_args__ = (
        CheckConstraint(
            "accepted_quantity >= 0 AND rejected_quantity >= 0"
            " AND accepted_quantity + rejected_quantity > 0",
            name="quantity",
        ),
        CheckConstraint(
            "rejected_quantity = 0 OR reason IS NOT NULL"
            " OR coalesce(reason_code, 'other') <> 'other'",
            name="reason",
        ),
        UniqueConstraint(
            "receipt_id", "shipment_line_id", name="uq_receipt_line_receipt_shipment_line"
        ),
    )

    id: Mapped[ReceiptLineId] = mapped_column(Uuid, primary_key=True)
    receipt_id: Mapped[ReceiptId] = mapped_column(Uuid, ForeignKey("receipt.id"))
    order_line_id: Mapped[OrderLineId] = mapped_column(
        Uuid, ForeignKey("order_line.id"), index=True
    )
    shipment_line_id: Mapped[ShipmentLineId] = mapped_column(
        Uuid, ForeignKey("shipment_line.id"), index=True
    )
    accepted_quantity: Mapped[Decimal]
    rejected_quantity: Mapped[Decimal]
    reason: Mapped[str | None]
    reason_code: Mapped[RejectReason | None]


class Weighing(Base):
    """What the scale at the door said of all that was under way of an order line, in its unit.

    `sent_quantity` is what was sent and not yet taken in. Within `tolerance_bp` of it the goods
    count as sent; outside there is a reason.
    """

    __tablename__ = "weighing"
    __table_args__ = (
        CheckConstraint("sent_quantity > 0 AND weighed_quantity >= 0", name="quantity"),
        CheckConstraint(
            "abs(weighed_quantity - sent_quantity) * 10000 <= sent_quantity * tolerance_bp"
            " OR reason_code IS NOT NULL",
            name="tolerance",
        ),
        UniqueConstraint("receipt_id", "order_line_id", name="uq_weighing_receipt_order_line"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    receipt_id: Mapped[ReceiptId] = mapped_column(Uuid, ForeignKey("receipt.id"))
    order_line_id: Mapped[OrderLineId] = mapped_column(
        Uuid, ForeignKey("order_line.id"), index=True
    )
    sent_quantity: Mapped[Decimal]
    weighed_quantity: Mapped[Decimal]
    tolerance_bp: Mapped[int]
    reason_code: Mapped[RejectReason | None]
    reason: Mapped[str | None]


class ReceiptPhoto(Base):
    """A picture of what was turned away of an order line; a paper both sides see."""

    __tablename__ = "receipt_photo"
    __table_args__ = (UniqueConstraint("document_id", name="uq_receipt_photo_document"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    receipt_id: Mapped[ReceiptId] = mapped_column(Uuid, ForeignKey("receipt.id"), index=True)
    order_line_id: Mapped[OrderLineId] = mapped_column(Uuid, ForeignKey("order_line.id"))
    document_id: Mapped[DocumentId] = mapped_column(Uuid, ForeignKey("document.id"))


class ColdChain(Base):
    """Between which degrees the cooled goods of a shipment travel, as agreed when they left.

    `breached_at` is the first instant at which a reading lay outside.
    """

    __tablename__ = "cold_chain"
    __table_args__ = (
        CheckConstraint("storage_band IN ('chilled', 'frozen')", name="band"),
        CheckConstraint("min_c <= max_c", name="range"),
        UniqueConstraint("shipment_id", "storage_band", name="uq_cold_chain_shipment_band"),
    )

    id: Mapped[ColdChainId] = mapped_column(Uuid, primary_key=True)
    shipment_id: Mapped[ShipmentId] = mapped_column(Uuid, ForeignKey("shipment.id"))
    storage_band: Mapped[StorageBand]
    min_c: Mapped[int]
    max_c: Mapped[int]
    breached_at: Mapped[datetime | None]


class TemperatureReading(Base):
    """What a thermometer beside the goods said at an instant, in tenths of a degree Celsius."""

    __tablename__ = "temperature_reading"
    __table_args__ = (
        CheckConstraint("tenths_c BETWEEN -999 AND 999", name="tenths"),
        UniqueConstraint(
            "cold_chain_id", "device", "read_at", name="uq_temperature_reading_instant"
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    cold_chain_id: Mapped[ColdChainId] = mapped_column(Uuid, ForeignKey("cold_chain.id"))
    device: Mapped[str]
    read_at: Mapped[datetime]
    tenths_c: Mapped[int]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))


class SubstitutionStatus(StrEnum):
    """Where a proposal to bring something else stands."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Substitution(Base):
    """A supplier's proposal to bring other goods instead of so much of a line.

    `new_line_id` is the line that accepting it made. One proposal of a line is open at a time.
    """

    __tablename__ = "substitution"
    __table_args__ = (
        CheckConstraint("quantity > 0 AND unit_price_fen > 0", name="amounts"),
        CheckConstraint("(status = 'proposed') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(status = 'accepted') = (new_line_id IS NOT NULL)", name="line"),
        Index(
            "uq_substitution_open",
            "order_line_id",
            unique=True,
            postgresql_where=text("status = 'proposed'"),
        ),
    )

    id: Mapped[SubstitutionId] = mapped_column(Uuid, primary_key=True)
    order_id: Mapped[OrderId] = mapped_column(Uuid, ForeignKey("purchase_order.id"), index=True)
    order_line_id: Mapped[OrderLineId] = mapped_column(Uuid, ForeignKey("order_line.id"))
    listing_id: Mapped[ListingId] = mapped_column(Uuid, ForeignKey("listing.id"))
    quantity: Mapped[Decimal]
    unit_price_fen: Mapped[Fen]
    reason: Mapped[str]
    status: Mapped[SubstitutionStatus]
    proposed_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    new_line_id: Mapped[OrderLineId | None] = mapped_column(Uuid, ForeignKey("order_line.id"))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What of a shipment line was neither accepted nor rejected, in the order line's unit."""

    shipment_line_id: ShipmentLineId
    lot_id: LotId
    lot_unit: Unit
    moved: bool
    quantity: Decimal
