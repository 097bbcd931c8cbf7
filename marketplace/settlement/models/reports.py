"""What there is of the daily reconciliation: a report for each day and the differences it found."""

from datetime import date, datetime
from typing import NewType
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen

MoneyReportId = NewType("MoneyReportId", UUID)


class MoneyReport(Base):
    """The reconciliation of one Shanghai day: how many differences stood at its making."""

    __tablename__ = "money_report"
    __table_args__ = (UniqueConstraint("on", name="uq_money_report_on"),)

    id: Mapped[MoneyReportId] = mapped_column(Uuid, primary_key=True)
    on: Mapped[date]
    differences: Mapped[int]
    made_at: Mapped[datetime]


class MoneyDifference(Base):
    """One place where what was expected and what was found differ; never changed."""

    __tablename__ = "money_difference"
    __table_args__ = (Index("ix_money_difference_report_id", "report_id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    report_id: Mapped[MoneyReportId] = mapped_column(Uuid, ForeignKey("money_report.id"))
    kind: Mapped[str]
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    expected_fen: Mapped[Fen]
    found_fen: Mapped[Fen]
