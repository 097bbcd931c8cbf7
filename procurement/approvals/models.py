"""From which amount a purchase waits for somebody else, and who approves for whom."""

from datetime import date, datetime
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

ThresholdId = NewType("ThresholdId", UUID)
DelegationId = NewType("DelegationId", UUID)


class ApprovalThreshold(Base):
    """An amount (fen, tax and freight in it) strictly above which an order waits.

    It holds from `from_on` until a newer row of the same unit. Without a unit it is the
    platform's default.
    """

    __tablename__ = "approval_threshold"
    __table_args__ = (
        CheckConstraint("amount_fen >= 0", name="amount"),
        Index("ix_approval_threshold_unit_id", "unit_id", "from_on"),
        Index(
            "uq_approval_threshold_default",
            "from_on",
            unique=True,
            postgresql_where=text("unit_id IS NULL"),
        ),
    )

    id: Mapped[ThresholdId] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[OrganisationId | None] = mapped_column(Uuid, ForeignKey("organisation.id"))
    amount_fen: Mapped[Fen]
    from_on: Mapped[date]
    source: Mapped[str]
    author_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    created_at: Mapped[datetime]


class ApprovalDelegation(Base):
    """An approver lets a colleague approve for them, in [from, until); one at a time."""

    __tablename__ = "approval_delegation"
    __table_args__ = (
        CheckConstraint("from_on < until_on", name="period"),
        CheckConstraint("delegator_id <> delegate_id", name="apart"),
        ExcludeConstraint(
            (text("delegator_id"), "="),
            (text("daterange(from_on, until_on)"), "&&"),
            name="ex_approval_delegation_period",
            where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[DelegationId] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"), index=True)
    delegator_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    delegate_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date]
    reason: Mapped[str]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
