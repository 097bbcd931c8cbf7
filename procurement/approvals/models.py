"""The bands of approval, who approves for whom, who decided what, and what looks split."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen
from kernel.terms import Term
from procurement.quotas.models import Fund
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

ThresholdId = NewType("ThresholdId", UUID)
DelegationId = NewType("DelegationId", UUID)
SplitId = NewType("SplitId", UUID)


class ApprovalThreshold(Base):
    """A band: an amount (fen, tax and freight in it) strictly above which an order waits.

    With a fund it is for orders from it, with a category for what of an order is of it.
    `approvers` is how many people approve one after the other. It holds from `from_on` until a
    newer row of the same unit, fund, category and number of approvers. Without a unit it is the
    platform's default.
    """

    __tablename__ = "approval_threshold"
    __table_args__ = (
        CheckConstraint("amount_fen >= 0", name="amount"),
        CheckConstraint("approvers BETWEEN 1 AND 2", name="approvers"),
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
    fund: Mapped[Fund | None]
    category_code: Mapped[str | None]
    approvers: Mapped[int] = mapped_column(server_default="1")
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


class TermCode(StrEnum):
    """What is set by dated rows: the hours of a wait, the days of a split."""

    WAIT_HOURS = "wait_hours"
    SPLIT_DAYS = "split_days"


class ApprovalTerm(Term, Base):
    """A number that holds from a day on: hours until a wait is told upwards, days of a split."""

    __tablename__ = "approval_term"
    __table_args__ = (
        UniqueConstraint("code", "from_on", name="uq_approval_term_code_from_on"),
        CheckConstraint("value > 0", name="value"),
    )

    code: Mapped[TermCode]


class StepAct(StrEnum):
    """What an approver does with an order that waits."""

    APPROVE = "approve"
    REJECT = "reject"
    SEND_BACK = "send_back"


class ApprovalStep(Base):
    """One decision on an order: the how-many-th, by whom and in whose right.

    `right_of` is the approver who is away where somebody stands in, else the same person.
    """

    __tablename__ = "approval_step"
    __table_args__ = (
        UniqueConstraint("order_id", "position", name="uq_approval_step_order_position"),
        UniqueConstraint("order_id", "by_user_id", name="uq_approval_step_order_by_user"),
        UniqueConstraint("order_id", "right_of", name="uq_approval_step_order_right_of"),
        CheckConstraint("position BETWEEN 1 AND 2", name="position"),
        CheckConstraint("by_user_id <> author_id AND right_of <> author_id", name="author_apart"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    order_id: Mapped[UUID] = mapped_column(Uuid)
    position: Mapped[int]
    act: Mapped[StepAct]
    author_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    by_user_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    right_of: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    at: Mapped[datetime]


class SplitSignal(Base):
    """Orders of one buyer with one supplier that each stay within a band and together pass it.

    `completed_by` is the order that passed it; all were placed on days in [from, until).
    """

    __tablename__ = "split_signal"
    __table_args__ = (
        UniqueConstraint("completed_by", "threshold_id", name="uq_split_signal_order_threshold"),
        CheckConstraint("sum_fen > amount_fen", name="sum"),
        CheckConstraint("from_on < until_on", name="period"),
    )

    id: Mapped[SplitId] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"), index=True)
    buyer_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    supplier_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    threshold_id: Mapped[ThresholdId] = mapped_column(Uuid, ForeignKey("approval_threshold.id"))
    fund: Mapped[Fund | None]
    category_code: Mapped[str | None]
    amount_fen: Mapped[Fen]
    sum_fen: Mapped[Fen]
    from_on: Mapped[date]
    until_on: Mapped[date]
    completed_by: Mapped[UUID] = mapped_column(Uuid)
    created_at: Mapped[datetime]


class SplitOrder(Base):
    """An order behind a signal, with what of it counts; behind one signal of a band only."""

    __tablename__ = "split_order"
    __table_args__ = (
        UniqueConstraint("order_id", "threshold_id", name="uq_split_order_order_threshold"),
        CheckConstraint("amount_fen > 0", name="amount"),
        Index("ix_split_order_signal_id", "signal_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    signal_id: Mapped[SplitId] = mapped_column(Uuid, ForeignKey("split_signal.id"))
    threshold_id: Mapped[ThresholdId] = mapped_column(Uuid, ForeignKey("approval_threshold.id"))
    order_id: Mapped[UUID] = mapped_column(Uuid)
    amount_fen: Mapped[Fen]
