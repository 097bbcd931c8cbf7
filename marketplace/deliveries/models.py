"""What there is of a delivery: what left from which lot, and what was taken in or sent back."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.quantity import Unit
from marketplace.lots.models import LotId
from marketplace.orders.models.orders import OrderId, OrderLineId
from registry.accounts.models import UserId

ShipmentId = NewType("ShipmentId", UUID)
ShipmentLineId = NewType("ShipmentLineId", UUID)
ReceiptId = NewType("ReceiptId", UUID)
ReceiptLineId = NewType("ReceiptLineId", UUID)


class Shipment(Base):
    """One sending of an order's goods; `final` says that nothing more will follow."""

    __tablename__ = "shipment"

    id: Mapped[ShipmentId] = mapped_column(Uuid, primary_key=True)
    order_id: Mapped[OrderId] = mapped_column(Uuid, ForeignKey("purchase_order.id"), index=True)
    carrier: Mapped[str]
    tracking_number: Mapped[str | None]
    final: Mapped[bool]
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
        CheckConstraint("rejected_quantity = 0 OR reason IS NOT NULL", name="reason"),
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


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What of a shipment line was neither accepted nor rejected, in the order line's unit."""

    shipment_line_id: ShipmentLineId
    lot_id: LotId
    lot_unit: Unit
    moved: bool
    quantity: Decimal
