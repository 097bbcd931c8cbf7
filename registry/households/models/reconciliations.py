"""Two registers side by side: the run, its differences, and the decision on each."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.crypto import EncryptedText
from kernel.database import Base
from registry.accounts.models import UserId
from registry.households.models.households import HouseholdId
from registry.regions.models import Region

ReconciliationId = NewType("ReconciliationId", UUID)
DifferenceId = NewType("DifferenceId", UUID)


class DifferenceKind(StrEnum):
    """How the two registers differ."""

    ONLY_REGISTER = "only_register"
    ONLY_SURVEY = "only_survey"
    FIELDS_DIFFER = "fields_differ"


class DifferenceDecision(StrEnum):
    """What is done about a difference."""

    KEEP = "keep"
    REMOVE = "remove"
    ADD = "add"
    IGNORE = "ignore"
    TAKE_SURVEY = "take_survey"


class Reconciliation(Base):
    """One comparison of the register of a region with a survey of it.

    `compared_at` is empty while the survey is awaited, and every figure is zero; a run that ends
    so was withdrawn.
    Register = same + differing + only in register; survey = same + differing + only in survey.
    `after_households` = register - removed + added, known when the run closes.
    """

    __tablename__ = "reconciliation"
    __table_args__ = (
        UniqueConstraint("number", name="uq_reconciliation_number"),
        UniqueConstraint("id", "author_id", name="uq_reconciliation_author"),
        Index(
            "uq_reconciliation_open",
            "region_code",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint(
            "(closed_at IS NULL) = (after_households IS NULL)", name="after_households"
        ),
        CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name="closed_by_id"),
    )

    id: Mapped[ReconciliationId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    region_code: Mapped[str] = mapped_column(ForeignKey(Region.code))
    survey: Mapped[str]
    surveyed_on: Mapped[date]
    register_households: Mapped[int]
    survey_households: Mapped[int]
    same_households: Mapped[int]
    after_households: Mapped[int | None]
    author_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    created_at: Mapped[datetime]
    compared_at: Mapped[datetime | None]
    closed_by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class ReconciliationDifference(Base):
    """One household that stands in one register only, or differently in the two.

    `survey_row` keeps what the survey says of it, encrypted as one text; `fields` names what
    differs. The decision is somebody else's than the run's author.
    """

    __tablename__ = "reconciliation_difference"
    __table_args__ = (
        ForeignKeyConstraint(
            ["reconciliation_id", "author_id"],
            ["reconciliation.id", "reconciliation.author_id"],
            name="fk_reconciliation_difference_reconciliation",
        ),
        UniqueConstraint(
            "reconciliation_id", "id_number_index", name="uq_reconciliation_difference_household"
        ),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("(decision IS NULL) = (decided_by_id IS NULL)", name="decided_by_id"),
        CheckConstraint("(decision IS NULL) = (reason IS NULL)", name="reason"),
        CheckConstraint("decided_by_id <> author_id", name="author"),
        CheckConstraint("kind = 'only_survey' OR household_id IS NOT NULL", name="household"),
        CheckConstraint("(decision = 'add') IS NOT TRUE OR household_id IS NOT NULL", name="added"),
        CheckConstraint("(kind = 'only_register') = (survey_row IS NULL)", name="survey_row"),
        CheckConstraint(
            "decision IS NULL OR (kind = 'only_register' AND decision IN ('keep', 'remove'))"
            " OR (kind = 'only_survey' AND decision IN ('add', 'ignore'))"
            " OR (kind = 'fields_differ' AND decision IN ('keep', 'take_survey'))",
            name="decision",
        ),
    )

    id: Mapped[DifferenceId] = mapped_column(Uuid, primary_key=True)
    reconciliation_id: Mapped[ReconciliationId] = mapped_column(Uuid)
    author_id: Mapped[UserId] = mapped_column(Uuid)
    kind: Mapped[DifferenceKind]
    household_id: Mapped[HouseholdId | None] = mapped_column(Uuid, ForeignKey("household.id"))
    id_number_index: Mapped[bytes] = mapped_column(LargeBinary)
    survey_line: Mapped[int | None]
    survey_row: Mapped[str | None] = mapped_column(
        EncryptedText("reconciliation_difference.survey_row")
    )
    fields: Mapped[list[str]]
    decision: Mapped[DifferenceDecision | None]
    reason: Mapped[str | None]
    decided_by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
