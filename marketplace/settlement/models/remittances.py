"""What there is of payouts to sellers: what was collected for each, bank lists and their lines."""

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.ledger import TransferId
from kernel.money import Fen
from marketplace.settlement.models.statements import BankAccountId
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

RemittanceId = NewType("RemittanceId", UUID)
RemittanceLineId = NewType("RemittanceLineId", UUID)


class RemittanceStatus(StrEnum):
    """How far a bank list has come; a released one is settled with its last line."""

    DRAWN = "drawn"
    RELEASED = "released"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class RemittanceLineStatus(StrEnum):
    """Whether the bank has said that a seller got its money, or that it did not."""

    LISTED = "listed"
    PAID = "paid"
    FAILED = "failed"


class SellerFunds(Base):
    """What the platform collected for a seller, and what of it went back or was paid out.

    `remitted_fen` counts what is listed for payout, too, unless it failed. `short_fen` is what
    was refunded after it had been paid out: the next money makes it up.
    """

    __tablename__ = "seller_funds"
    __table_args__ = (
        CheckConstraint(
            "received_fen >= 0 AND refunded_fen >= 0 AND remitted_fen >= 0 AND short_fen >= 0"
            " AND refunded_fen <= received_fen",
            name="amounts",
        ),
        CheckConstraint("remitted_fen <= received_fen - refunded_fen + short_fen", name="covered"),
    )

    supplier_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), primary_key=True
    )
    received_fen: Mapped[Fen]
    refunded_fen: Mapped[Fen]
    remitted_fen: Mapped[Fen]
    short_fen: Mapped[Fen]

    @property
    def available_fen(self) -> Fen:
        """Give what may be paid out now."""
        return Fen(max(0, self.received_fen - self.refunded_fen - self.remitted_fen))


class Remittance(Base):
    """A list of payouts that the bank is given whole; who drew it up does not release it."""

    __tablename__ = "remittance"
    __table_args__ = (
        UniqueConstraint("number", name="uq_remittance_number"),
        CheckConstraint("total_fen > 0", name="total"),
        CheckConstraint("released_by <> drawn_by", name="hands"),
        CheckConstraint(
            "(status IN ('released', 'settled')) = (released_by IS NOT NULL)", name="released"
        ),
    )

    id: Mapped[RemittanceId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    status: Mapped[RemittanceStatus]
    total_fen: Mapped[Fen]
    drawn_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    drawn_at: Mapped[datetime]
    released_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    released_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class RemittanceLine(Base):
    """One seller's payout on a list, to the account that was open when it was drawn up."""

    __tablename__ = "remittance_line"
    __table_args__ = (
        UniqueConstraint("remittance_id", "supplier_id", name="uq_remittance_line_supplier"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint(
            "(status = 'paid') = (transfer_id IS NOT NULL)"
            " AND (status = 'failed') = (reason IS NOT NULL)"
            " AND (status = 'listed') = (decided_by IS NULL)",
            name="decision",
        ),
        Index("ix_remittance_line_supplier_id", "supplier_id"),
    )

    id: Mapped[RemittanceLineId] = mapped_column(Uuid, primary_key=True)
    remittance_id: Mapped[RemittanceId] = mapped_column(Uuid, ForeignKey("remittance.id"))
    supplier_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    account_id: Mapped[BankAccountId] = mapped_column(Uuid, ForeignKey("bank_account.id"))
    amount_fen: Mapped[Fen]
    status: Mapped[RemittanceLineStatus]
    bank_reference: Mapped[str | None]
    reason: Mapped[str | None]
    decided_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    transfer_id: Mapped[TransferId | None] = mapped_column(Uuid, ForeignKey("ledger_transfer.id"))
