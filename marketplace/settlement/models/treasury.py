"""What there is of treasury orders: several payments that the treasury makes at once, or not."""

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen
from registry.accounts.models import UserId

TreasuryOrderId = NewType("TreasuryOrderId", UUID)


class TreasuryOrderStatus(StrEnum):
    """Whether the treasury was asked, has paid, or was told not to."""

    DRAWN = "drawn"
    PAID = "paid"
    CANCELLED = "cancelled"


class TreasuryOrder(Base):
    """Payments of several orders that one treasury voucher pays together (国库集中支付).

    That it was paid, its voucher says, or the line of a bank statement that showed the last of it.
    """

    __tablename__ = "treasury_order"
    __table_args__ = (
        UniqueConstraint("number", name="uq_treasury_order_number"),
        UniqueConstraint("voucher", name="uq_treasury_order_voucher"),
        CheckConstraint("total_fen > 0", name="total"),
        CheckConstraint("status <> 'paid' OR decided_by <> drawn_by", name="hands"),
        CheckConstraint(
            "(status = 'drawn') = (decided_by IS NULL)"
            " AND num_nonnulls(voucher, line_id) = (status = 'paid')::integer"
            " AND (status = 'cancelled') = (reason IS NOT NULL)",
            name="decision",
        ),
    )

    id: Mapped[TreasuryOrderId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    status: Mapped[TreasuryOrderStatus]
    total_fen: Mapped[Fen]
    voucher: Mapped[str | None]
    line_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("bank_line.id"))
    reason: Mapped[str | None]
    drawn_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    drawn_at: Mapped[datetime]
    decided_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once
