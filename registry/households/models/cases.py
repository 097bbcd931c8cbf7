"""Cases: how a household comes onto the register, and how it leaves it again."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen
from registry.accounts.models import UserId
from registry.households.models.households import HouseholdClass, HouseholdId
from registry.notices.models import NoticeId
from registry.organisations.models import OrganisationId
from registry.regions.models import Region

CaseId = NewType("CaseId", UUID)


class CaseKind(StrEnum):
    """What a case asks for."""

    IDENTIFICATION = "identification"
    REMOVAL = "removal"


class ClueSource(StrEnum):
    """Where a clue came from."""

    SELF_REPORT = "self_report"
    CADRE_VISIT = "cadre_visit"
    DEPARTMENT_SCREENING = "department_screening"


class CaseStatus(StrEnum):
    """Where a case stands."""

    CLUE = "clue"
    VISITED = "visited"
    COMPARED = "compared"
    IN_NOTICE = "in_notice"
    TOWN_CHECKED = "town_checked"
    DECIDED = "decided"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class CaseStep(StrEnum):
    """The steps in their order."""

    VISIT = "visit"
    COMPARISON = "comparison"
    NOTICE = "notice"
    TOWN_CHECK = "town_check"
    COUNTY_DECISION = "county_decision"


class CaseDecision(StrEnum):
    """What whoever takes a step decides."""

    PASS = "pass"  # noqa: S105 - a decision, not a password
    RETURN = "return"
    REJECT = "reject"


class HouseholdCase(Base):
    """The question whether a household comes onto the register, or leaves it.

    `due_on` is the first day on which the step whose turn it is comes late; `opened_on` says by
    which rules the case runs to its end. `round` counts how often it was handed in.
    """

    __tablename__ = "household_case"
    __table_args__ = (
        UniqueConstraint("number", name="uq_household_case_number"),
        UniqueConstraint("id", "author_id", name="uq_household_case_author"),
        Index(
            "uq_household_case_open",
            "household_id",
            unique=True,
            postgresql_where=text("status NOT IN ('decided', 'rejected', 'withdrawn')"),
        ),
        CheckConstraint(
            "(kind = 'identification') = (wanted_class IS NOT NULL)", name="wanted_class"
        ),
        CheckConstraint(
            "status NOT IN ('in_notice', 'town_checked', 'decided') OR notice_id IS NOT NULL",
            name="notice",
        ),
        CheckConstraint(
            "(due_on IS NULL) = (status IN ('decided', 'rejected', 'withdrawn'))", name="due_on"
        ),
        CheckConstraint("round > 0", name="round"),
        Index("ix_household_case_household_id", "household_id"),
        Index("ix_household_case_place", "village_code", "due_on", "id"),
        Index(
            "ix_household_case_due_on", "due_on", "id", postgresql_where=text("due_on IS NOT NULL")
        ),
    )

    id: Mapped[CaseId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    kind: Mapped[CaseKind]
    household_id: Mapped[HouseholdId] = mapped_column(Uuid, ForeignKey("household.id"))
    village_code: Mapped[str] = mapped_column(ForeignKey(Region.code))
    wanted_class: Mapped[HouseholdClass | None]
    source: Mapped[ClueSource]
    clue: Mapped[str]
    status: Mapped[CaseStatus]
    round: Mapped[int]
    author_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    opened_on: Mapped[date]
    due_on: Mapped[date | None]
    notice_id: Mapped[NoticeId | None] = mapped_column(Uuid, ForeignKey("notice.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class HouseholdCaseStep(Base):
    """One step of one round; `status` is what the case became by it.

    `author_id` repeats the case's, so that the row itself refuses whoever reported the clue at
    the comparison, the town and the county. The income figures are those the comparison saw.
    """

    __tablename__ = "household_case_step"
    __table_args__ = (
        ForeignKeyConstraint(
            ["case_id", "author_id"],
            ["household_case.id", "household_case.author_id"],
            name="fk_household_case_step_case",
        ),
        UniqueConstraint("case_id", "round", "step", name="uq_household_case_step_once"),
        Index(
            "uq_household_case_step_person",
            "case_id",
            "round",
            "by_id",
            unique=True,
            postgresql_where=text("step NOT IN ('visit', 'notice')"),
        ),
        CheckConstraint("step IN ('visit', 'notice') OR by_id <> author_id", name="author"),
        CheckConstraint("step NOT IN ('visit', 'notice') OR decision = 'pass'", name="village"),
        CheckConstraint("(step = 'visit') = (guarantees_safe IS NOT NULL)", name="guarantees_safe"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    case_id: Mapped[CaseId] = mapped_column(Uuid)
    author_id: Mapped[UserId] = mapped_column(Uuid)
    round: Mapped[int]
    step: Mapped[CaseStep]
    decision: Mapped[CaseDecision]
    opinion: Mapped[str]
    guarantees_safe: Mapped[bool | None]
    income_year: Mapped[int | None]
    income_per_head_fen: Mapped[Fen | None]
    line_fen: Mapped[Fen | None]
    by_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    status: Mapped[CaseStatus]
    at: Mapped[datetime]
