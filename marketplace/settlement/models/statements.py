"""What there is of bank statements: accounts, their lines, and what each line paid."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.crypto import EncryptedText
from kernel.database import Base
from kernel.money import Fen
from marketplace.orders.models.orders import OrderId
from marketplace.settlement.models.payments import PaymentId
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

BankAccountId = NewType("BankAccountId", UUID)
BankLineId = NewType("BankLineId", UUID)


class LineState(StrEnum):
    """Where a line of a statement stands; open and parked ones wait for people.

    A new one was read and is looked at by itself within seconds.
    """

    NEW = "new"
    OPEN = "open"
    PARKED = "parked"
    MATCHED = "matched"
    RETURNED = "returned"
    REVERSED = "reversed"
    NOTED = "noted"


class Outcome(StrEnum):
    """What matching found out about a line."""

    UNSEEN = "unseen"
    EXACT = "exact"
    PARTIAL = "partial"
    JOINT = "joint"
    OVER = "over"
    UNKNOWN = "unknown"
    UNCLEAR = "unclear"
    CLOSED = "closed"
    LATE = "late"
    WRONG_ACCOUNT = "wrong_account"
    REVERSAL = "reversal"
    DEBIT = "debit"
    BY_HAND = "by_hand"


class BankAccount(Base):
    """An account whose statements are read: a seller's, or the platform's collecting one.

    What arrives on a collecting account is paid out to the sellers; its number is unique while
    the account is open.
    """

    __tablename__ = "bank_account"
    __table_args__ = (
        CheckConstraint("closed_at >= opened_at", name="closed"),
        Index(
            "uq_bank_account_number",
            "number_index",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_bank_account_organisation_id", "organisation_id"),
    )

    id: Mapped[BankAccountId] = mapped_column(Uuid, primary_key=True)
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    bank_name: Mapped[str]
    holder_name: Mapped[str] = mapped_column(EncryptedText("bank_account.holder_name"))
    number: Mapped[str] = mapped_column(EncryptedText("bank_account.number"))
    number_index: Mapped[bytes]
    collects: Mapped[bool]
    opened_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class BankLine(Base):
    """A line of a statement; what left the account is below zero.

    `occurrence` counts lines of the same content, from 1: a file read twice gives no line anew,
    and two lines that are truly equal stay two. `matched_fen` paid orders, `returned_fen` went
    back to who sent it.
    """

    __tablename__ = "bank_line"
    __table_args__ = (
        UniqueConstraint("account_id", "content_index", "occurrence", name="uq_bank_line_content"),
        UniqueConstraint("reverses_id", name="uq_bank_line_reverses"),
        CheckConstraint("amount_fen <> 0 AND occurrence > 0", name="amount"),
        CheckConstraint(
            "matched_fen >= 0 AND returned_fen >= 0"
            " AND matched_fen + returned_fen <= greatest(amount_fen, 0)",
            name="placed",
        ),
        CheckConstraint(
            "(state IN ('matched', 'returned') AND matched_fen + returned_fen = amount_fen)"
            " OR state NOT IN ('matched', 'returned')",
            name="settled",
        ),
        CheckConstraint("state <> 'noted' OR amount_fen < 0", name="noted"),
        CheckConstraint("state <> 'parked' OR reason IS NOT NULL", name="parked"),
        Index(
            "ix_bank_line_waiting",
            "account_id",
            "state",
            postgresql_where=text("state IN ('new', 'open', 'parked')"),
        ),
    )

    id: Mapped[BankLineId] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    account_id: Mapped[BankAccountId] = mapped_column(Uuid, ForeignKey("bank_account.id"))
    booked_on: Mapped[date]
    amount_fen: Mapped[Fen]
    payer_name: Mapped[str | None] = mapped_column(EncryptedText("bank_line.payer_name"))
    payer_account: Mapped[str | None] = mapped_column(EncryptedText("bank_line.payer_account"))
    remark: Mapped[str | None] = mapped_column(EncryptedText("bank_line.remark"))
    bank_reference: Mapped[str | None]
    content_index: Mapped[bytes]
    occurrence: Mapped[int]
    state: Mapped[LineState]
    outcome: Mapped[Outcome]
    matched_fen: Mapped[Fen]
    returned_fen: Mapped[Fen]
    reverses_id: Mapped[BankLineId | None] = mapped_column(Uuid, ForeignKey("bank_line.id"))
    reason: Mapped[str | None]
    decided_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    read_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    read_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class LineMatch(Base):
    """So much of a line confirmed this payment; never changed afterwards."""

    __tablename__ = "line_match"
    __table_args__ = (
        UniqueConstraint("payment_id", name="uq_line_match_payment"),
        CheckConstraint("amount_fen > 0", name="amount"),
        Index("ix_line_match_line_id", "line_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    line_id: Mapped[BankLineId] = mapped_column(Uuid, ForeignKey("bank_line.id"))
    payment_id: Mapped[PaymentId] = mapped_column(Uuid, ForeignKey("payment.id"))
    order_id: Mapped[OrderId] = mapped_column(Uuid, ForeignKey("purchase_order.id"))
    amount_fen: Mapped[Fen]
    by_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    at: Mapped[datetime]
