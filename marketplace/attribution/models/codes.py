"""A code that the village hands to a household, and what its holder asks without an account."""

from datetime import datetime
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.crypto import EncryptedText
from kernel.database import Base
from registry.accounts.models import UserId
from registry.households.models.households import HouseholdId

HouseholdQuestionId = NewType("HouseholdQuestionId", UUID)
MOST_FAILURES = 5
"""So many wrong codes end a code."""


class Coded:
    """What a code opens: its keyed digest, how long it lives, how often it was wrong."""

    code_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    code_until_at: Mapped[datetime | None]
    failed_attempts: Mapped[int]


def coded_checks() -> tuple[CheckConstraint, CheckConstraint]:
    """Give the constraints of a table whose rows have a code."""
    return (
        CheckConstraint(f"failed_attempts BETWEEN 0 AND {MOST_FAILURES}", name="attempts"),
        CheckConstraint("(code_index IS NULL) = (code_until_at IS NULL)", name="code"),
    )


class StatementCode(Coded, Base):
    """The code with which a household reads its statement; a newer one takes its place."""

    __tablename__ = "statement_code"
    __table_args__ = (
        *coded_checks(),
        UniqueConstraint("household_id", name="uq_statement_code_household_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[HouseholdId] = mapped_column(Uuid, ForeignKey("household.id"))
    handed_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    handed_at: Mapped[datetime]


class HouseholdQuestion(Base):
    """What a household asked or objected to on its statement, and what the village answered."""

    __tablename__ = "household_question"
    __table_args__ = (
        CheckConstraint("num_nulls(answer, answered_by, answered_at) IN (0, 3)", name="answer"),
        Index("ix_household_question_household_id", "household_id", "id"),
        Index(
            "uq_household_question_open",
            "household_id",
            unique=True,
            postgresql_where=text("answered_at IS NULL"),
        ),
    )

    id: Mapped[HouseholdQuestionId] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[HouseholdId] = mapped_column(Uuid, ForeignKey("household.id"))
    question: Mapped[str] = mapped_column(EncryptedText("household_question.question"))
    asked_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(EncryptedText("household_question.answer"))
    answered_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    answered_at: Mapped[datetime | None]
