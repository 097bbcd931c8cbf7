"""Dated terms: how long rectification takes, who is behind, and when sellers must be paid."""

from datetime import date
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base

SupervisionRuleId = NewType("SupervisionRuleId", UUID)
PaymentTermId = NewType("PaymentTermId", UUID)


class SupervisionRule(Base):
    """Terms of supervision in a region from a day on; the nearest region's rule wins.

    `rectification_days` are working days. A unit is behind when what counts is below its plan
    by more than `behind_bp` (basis points of the plan). `unmet_days` after a year's end matters
    are proposed of units that did not keep their promise; where it is empty, none is.
    """

    __tablename__ = "supervision_rule"
    __table_args__ = (
        UniqueConstraint("code", name="uq_supervision_rule_code"),
        CheckConstraint("in_force_from_on < in_force_until_on", name="period"),
        CheckConstraint("rectification_days > 0", name="days"),
        CheckConstraint("behind_bp BETWEEN 0 AND 10000", name="behind"),
        CheckConstraint("unmet_days >= 0", name="unmet"),
    )

    id: Mapped[SupervisionRuleId] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    rectification_days: Mapped[int]
    behind_bp: Mapped[int]
    unmet_days: Mapped[int | None]
    source: Mapped[str]
    in_force_from_on: Mapped[date]
    in_force_until_on: Mapped[date | None]


class PaymentTerm(Base):
    """When a seller must be paid, and what each day after it costs the payer.

    `standard_days` run from acceptance where nothing is agreed, `longest_days` are the most
    that may be agreed; `late_interest_bp` is per day, in basis points of what is late.
    """

    __tablename__ = "payment_term"
    __table_args__ = (
        UniqueConstraint("code", name="uq_payment_term_code"),
        CheckConstraint("in_force_from_on < in_force_until_on", name="period"),
        CheckConstraint("standard_days > 0 AND standard_days <= longest_days", name="days"),
        CheckConstraint("late_interest_bp >= 0", name="interest"),
    )

    id: Mapped[PaymentTermId] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str]
    standard_days: Mapped[int]
    longest_days: Mapped[int]
    late_interest_bp: Mapped[int]
    source: Mapped[str]
    in_force_from_on: Mapped[date]
    in_force_until_on: Mapped[date | None]
