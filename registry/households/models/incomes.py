"""What a household earned in a year, by kind: entries that are only added and reversed."""

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen
from registry.households.models.households import HouseholdId

IncomeId = NewType("IncomeId", UUID)


class IncomeKind(StrEnum):
    """What an income comes from."""

    WAGE = "wage"
    BUSINESS = "business"
    PROPERTY = "property"
    TRANSFER = "transfer"


class HouseholdIncome(Base):
    """One income of one household in one calendar year, before any division by heads.

    A correction is an entry that takes an earlier one back whole. `source` and `source_id` name
    the fact it follows from, which counts once.
    """

    __tablename__ = "household_income"
    __table_args__ = (
        UniqueConstraint("reverses_id", name="uq_household_income_reverses_id"),
        Index(
            "uq_household_income_source",
            "source",
            "source_id",
            "kind",
            unique=True,
            postgresql_where=text("source_id IS NOT NULL"),
        ),
        CheckConstraint("(reverses_id IS NULL) = (amount_fen > 0)", name="amount_fen"),
        CheckConstraint("year BETWEEN 2000 AND 2100", name="year"),
        Index(
            "ix_household_income_household_id",
            "household_id",
            "year",
            postgresql_include=["amount_fen"],
        ),
    )

    id: Mapped[IncomeId] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[HouseholdId] = mapped_column(Uuid, ForeignKey("household.id"))
    year: Mapped[int]
    kind: Mapped[IncomeKind]
    amount_fen: Mapped[Fen]
    source: Mapped[str]
    source_id: Mapped[UUID | None] = mapped_column(Uuid)
    note: Mapped[str]
    reverses_id: Mapped[IncomeId | None] = mapped_column(Uuid, ForeignKey("household_income.id"))
    recorded_by: Mapped[UUID] = mapped_column(Uuid)
    recorded_at: Mapped[datetime]
