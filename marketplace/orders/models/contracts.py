"""The contract of an order, as both sides signed it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from marketplace.orders.models.orders import OrderId


class OrderContract(Base):
    """What was agreed, written when the second side signed, and never changed.

    `statement` is canonical JSON; `digest` its SHA-256; `signature` the platform's over it.
    """

    __tablename__ = "order_contract"
    __table_args__ = (
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest"),
        UniqueConstraint("order_id", name="uq_order_contract_order"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    order_id: Mapped[OrderId] = mapped_column(Uuid, ForeignKey("purchase_order.id"))
    statement: Mapped[str]
    digest: Mapped[str]
    key_id: Mapped[str]
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    signed_at: Mapped[datetime]
