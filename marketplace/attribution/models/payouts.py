"""How split money reaches households: lists, lines with proof, and what a household says to it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.ledger import TransferId
from kernel.money import Fen
from marketplace.attribution.models.codes import Coded, coded_checks
from marketplace.attribution.models.surpluses import SurplusShareId
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.households.models.households import HouseholdId
from registry.households.models.incomes import IncomeKind
from registry.organisations.models import OrganisationId

PayoutListId = NewType("PayoutListId", UUID)
PayoutLineId = NewType("PayoutLineId", UUID)


class PayoutListStatus(StrEnum):
    """How far a list has come."""

    DRAFT = "draft"
    ISSUED = "issued"
    CANCELLED = "cancelled"


class PayoutLineStatus(StrEnum):
    """How far one household's money has come."""

    LISTED = "listed"
    PAID = "paid"
    CONFIRMED = "confirmed"
    DENIED = "denied"
    RETURNED = "returned"
    """It did not reach the household, or was called off: it waits for the next list."""


class PayoutList(Base):
    """What a cooperative pays out at once: the households' money split before an instant."""

    __tablename__ = "payout_list"
    __table_args__ = (
        CheckConstraint("issued_by <> created_by", name="apart"),
        CheckConstraint("(status = 'issued') = (issued_by IS NOT NULL)", name="issue"),
        CheckConstraint("(status = 'cancelled') = (cancel_reason IS NOT NULL)", name="cancel"),
        CheckConstraint("total_fen > 0", name="total"),
        UniqueConstraint("number", name="uq_payout_list_number"),
        Index(
            "uq_payout_list_draft",
            "cooperative_id",
            unique=True,
            postgresql_where=text("status = 'draft'"),
        ),
        Index("ix_payout_list_cooperative_id", "cooperative_id"),
    )

    id: Mapped[PayoutListId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    cooperative_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    status: Mapped[PayoutListStatus]
    total_fen: Mapped[Fen]
    created_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    created_at: Mapped[datetime]
    issued_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    issued_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class PayoutLine(Coded, Base):
    """One household's money on a list, the proof that it was paid, and the household's answer.

    `issuer_id` repeats who issued the list, so that the row itself refuses them as payer.
    `code_index` is the keyed digest of the code the village gave the household.
    """

    __tablename__ = "payout_line"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("paid_by <> issuer_id", name="payer_apart"),
        CheckConstraint(
            "status NOT IN ('paid', 'confirmed', 'denied') OR (paid_on IS NOT NULL AND"
            " paid_by IS NOT NULL AND document_id IS NOT NULL AND transfer_id IS NOT NULL)",
            name="proof",
        ),
        CheckConstraint(
            "status NOT IN ('confirmed', 'denied') OR answered_at IS NOT NULL", name="answer"
        ),
        *coded_checks(),
        UniqueConstraint("number", name="uq_payout_line_number"),
        UniqueConstraint("list_id", "household_id", name="uq_payout_line_household"),
    )

    id: Mapped[PayoutLineId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    list_id: Mapped[PayoutListId] = mapped_column(Uuid, ForeignKey("payout_list.id"))
    household_id: Mapped[HouseholdId] = mapped_column(Uuid, ForeignKey("household.id"), index=True)
    amount_fen: Mapped[Fen]
    status: Mapped[PayoutLineStatus]
    issuer_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    paid_on: Mapped[date | None]
    paid_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    paid_at: Mapped[datetime | None]
    document_id: Mapped[DocumentId | None] = mapped_column(Uuid, ForeignKey("document.id"))
    transfer_id: Mapped[TransferId | None] = mapped_column(Uuid, ForeignKey("ledger_transfer.id"))
    answered_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    return_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class PayoutItem(Base):
    """A share that a line pays out; negative where it takes back what was reversed.

    While it is live its share is on no other line.
    """

    __tablename__ = "payout_item"
    __table_args__ = (
        CheckConstraint("amount_fen <> 0", name="amount"),
        CheckConstraint(
            "(attribution_share_id IS NULL) <> (surplus_share_id IS NULL)", name="source"
        ),
        Index(
            "uq_payout_item_attribution_share",
            "attribution_share_id",
            unique=True,
            postgresql_where=text("is_live"),
        ),
        Index(
            "uq_payout_item_surplus_share",
            "surplus_share_id",
            unique=True,
            postgresql_where=text("is_live"),
        ),
        Index("ix_payout_item_line_id", "line_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    line_id: Mapped[PayoutLineId] = mapped_column(Uuid, ForeignKey("payout_line.id"))
    attribution_share_id: Mapped[UUID | None] = mapped_column(
        Uuid, ForeignKey("attribution_share.id")
    )
    surplus_share_id: Mapped[SurplusShareId | None] = mapped_column(
        Uuid, ForeignKey("surplus_share.id")
    )
    amount_fen: Mapped[Fen]
    is_live: Mapped[bool]


@dataclass(frozen=True, slots=True)
class Due:
    """A share that is not on any line; negative where it reverses one. `income` is its kind."""

    share_id: UUID
    household_id: HouseholdId
    household_code: str
    amount_fen: Fen
    income: IncomeKind
    is_surplus: bool = False
