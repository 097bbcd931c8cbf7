"""The rectification ledger: what a unit has to put right, the talks about it, and each step."""

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

from kernel.database import Base
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.organisations.models import OrganisationId

MatterId = NewType("MatterId", UUID)
TalkId = NewType("TalkId", UUID)


class Cause(StrEnum):
    """Why a unit is watched over."""

    NOT_ACTIVATED = "not_activated"
    NOT_FILED = "not_filed"
    RETURNED = "returned"
    BOUGHT_NOTHING = "bought_nothing"
    BEHIND = "behind"
    UNMET = "unmet"
    """The year is over, and what was promised was not reached."""
    PAYMENT_DELAY = "payment_delay"
    OTHER = "other"


class MatterStatus(StrEnum):
    """How far a matter has come; one proposed by the figures waits for somebody to take it up."""

    PROPOSED = "proposed"
    OPEN = "open"
    REPORTED = "reported"
    CLOSED = "closed"
    DISMISSED = "dismissed"


class MatterAct(StrEnum):
    """What somebody did to a matter; `overdue` is time's own doing, `propose` may be."""

    PROPOSE = "propose"
    OPEN = "open"
    DISMISS = "dismiss"
    REMIND = "remind"
    CALL = "call"
    TALK = "talk"
    REPORT = "report"
    RETURN = "return"
    CLOSE = "close"
    OVERDUE = "overdue"


class TalkKind(StrEnum):
    """A talk that reminds (谈话提醒), or one that a unit's head is summoned to (约谈)."""

    REMINDER_TALK = "reminder_talk"
    SUMMONED_TALK = "summoned_talk"


class Matter(Base):
    """Something a unit has to put right until `deadline_on`, closed one by one until none is left.

    `overdue_at` is when the timer said that this round's deadline had passed. Who closes it is
    not who reported it done.
    """

    __tablename__ = "supervision_matter"
    __table_args__ = (
        UniqueConstraint("number", name="uq_supervision_matter_number"),
        Index(
            "uq_supervision_matter_open",
            "unit_id",
            "year",
            "cause",
            unique=True,
            postgresql_where=text(
                "status IN ('proposed', 'open', 'reported') AND cause <> 'other'"
            ),
        ),
        CheckConstraint("(reported_by IS NOT NULL) >= (status = 'reported')", name="reported"),
        CheckConstraint("(closed_by IS NOT NULL) = (status = 'closed')", name="closed"),
        CheckConstraint("status <> 'closed' OR reported_by IS NOT NULL", name="answered"),
        CheckConstraint("closed_by <> reported_by", name="closer"),
        CheckConstraint("unit_id <> by_organisation_id", name="foreign"),
        CheckConstraint(
            "(deadline_on IS NULL) = (status IN ('proposed', 'dismissed'))", name="deadline"
        ),
        Index(
            "ix_supervision_matter_due",
            "deadline_on",
            postgresql_where=text("status = 'open' AND overdue_at IS NULL"),
        ),
        Index("ix_supervision_matter_unit_id", "unit_id"),
    )

    id: Mapped[MatterId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    unit_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    by_organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    year: Mapped[int]
    cause: Mapped[Cause]
    demand: Mapped[str]
    status: Mapped[MatterStatus]
    deadline_on: Mapped[date | None]
    overdue_at: Mapped[datetime | None]
    reported_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    closed_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class MatterStep(Base):
    """One line of a matter's ledger, never changed afterwards; `by_id` is empty for time."""

    __tablename__ = "supervision_step"
    __table_args__ = (
        CheckConstraint(
            "CASE act WHEN 'overdue' THEN by_id IS NULL WHEN 'propose' THEN true"
            " ELSE by_id IS NOT NULL END",
            name="by",
        ),
        Index("ix_supervision_step_matter_id", "matter_id", "position"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    matter_id: Mapped[MatterId] = mapped_column(Uuid, ForeignKey("supervision_matter.id"))
    act: Mapped[MatterAct]
    text: Mapped[str]
    document_id: Mapped[DocumentId | None] = mapped_column(Uuid, ForeignKey("document.id"))
    by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    at: Mapped[datetime]


class Talk(Base):
    """A talk about a matter: who is called (an office, never a name), why, and what came of it."""

    __tablename__ = "supervision_talk"
    __table_args__ = (
        CheckConstraint("(held_on IS NULL) = (result IS NULL)", name="held"),
        CheckConstraint("held_on >= called_on", name="order"),
        Index(
            "uq_supervision_talk_pending",
            "matter_id",
            unique=True,
            postgresql_where=text("held_on IS NULL"),
        ),
        Index("ix_supervision_talk_matter_id", "matter_id"),
    )

    id: Mapped[TalkId] = mapped_column(Uuid, primary_key=True)
    matter_id: Mapped[MatterId] = mapped_column(Uuid, ForeignKey("supervision_matter.id"))
    kind: Mapped[TalkKind]
    office: Mapped[str]
    reason: Mapped[str]
    called_on: Mapped[date]
    planned_on: Mapped[date]
    held_on: Mapped[date | None]
    result: Mapped[str | None]
