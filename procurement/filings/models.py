"""The yearly promise of a budget unit, and every step it went through."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, NewType
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
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kernel.database import Base
from kernel.money import Fen
from procurement.policies.models import PolicyId, Situation, WaiverId
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

FilingId = NewType("FilingId", UUID)


class UnionSituation(StrEnum):
    """Whether the unit's union has money of its own."""

    OWN_FUNDS = "own_funds"
    NO_UNION_FUNDS = "no_union_funds"


class FilingStatus(StrEnum):
    """How far a promise has come; `submitted` waits for the superior, where there is one.

    Of a unit's year at most one is confirmed, that is in force, and at most one is open.
    """

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SUPERIOR_CONFIRMED = "superior_confirmed"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    SUPERSEDED = "superseded"
    """A revision of it was confirmed."""
    WITHDRAWN = "withdrawn"
    """Its unit gave it up before anybody confirmed it."""
    LAPSED = "lapsed"
    """Its unit ended before it was confirmed."""


class FilingAct(StrEnum):
    """What somebody did to a filing."""

    DRAFT = "draft"
    EDIT = "edit"
    SUBMIT = "submit"
    SUPERIOR_CONFIRM = "superior_confirm"
    FINANCE_CONFIRM = "finance_confirm"
    RETURN = "return"
    WITHDRAW = "withdraw"
    SUPERSEDE = "supersede"


EDITABLE = frozenset({FilingStatus.DRAFT, FilingStatus.RETURNED})
OPEN = EDITABLE | {FilingStatus.SUBMITTED, FilingStatus.SUPERIOR_CONFIRMED}
HANDED_IN = frozenset(
    {FilingStatus.SUBMITTED, FilingStatus.SUPERIOR_CONFIRMED, FilingStatus.CONFIRMED}
)


class CarryReason(StrEnum):
    """Why another unit answers for a promise."""

    MERGED = "merged"
    ABOLISHED = "abolished"


PREPARING = frozenset({FilingAct.DRAFT, FilingAct.EDIT, FilingAct.SUBMIT})
"""The acts of those who make the promise; who did one of them confirms none of it."""


class Filing(Base):
    """What a unit promises to spend on reserved goods in a year, all amounts in fen with tax.

    `floor_fen` is what the policy demanded when the contents were last checked. `superior_by`
    and `finance_by` belong to the present round; a return clears them. A revision names the
    promise that it `supersedes` once it is confirmed; until then that one stays in force.
    """

    __tablename__ = "filing"
    __table_args__ = (
        UniqueConstraint("number", name="uq_filing_number"),
        UniqueConstraint("unit_id", "year", "revision", name="uq_filing_unit_year"),
        Index(
            "uq_filing_in_force",
            "unit_id",
            "year",
            unique=True,
            postgresql_where=text("status = 'confirmed'"),
        ),
        Index(
            "uq_filing_open",
            "unit_id",
            "year",
            unique=True,
            postgresql_where=text(
                "status IN ('draft', 'submitted', 'superior_confirmed', 'returned')"
            ),
        ),
        CheckConstraint("revision >= 1 AND round >= 0", name="revision"),
        CheckConstraint("(supersedes_id IS NULL) = (revision_reason IS NULL)", name="supersedes"),
        CheckConstraint("union_heads > 0 AND farm_produce_total_fen >= 0", name="heads"),
        CheckConstraint(
            "canteen_total_fen >= 0 AND reserved_fen >= 0 AND floor_fen >= 0", name="amounts"
        ),
        CheckConstraint("reserved_fen <= ceiling_fen", name="reserved"),
        CheckConstraint(
            "union_reserved_fen >= 0"
            " AND union_reserved_fen <= coalesce(union_ceiling_fen, union_total_fen)",
            name="union_reserved",
        ),
        CheckConstraint(
            "superior_by <> author_id AND superior_by <> submitted_by", name="superior_apart"
        ),
        CheckConstraint(
            "finance_by <> author_id AND finance_by <> submitted_by AND finance_by <> superior_by",
            name="finance_apart",
        ),
        CheckConstraint(
            "(status IN ('confirmed', 'superseded')) = (confirmed_at IS NOT NULL)"
            " AND (confirmed_at IS NULL OR finance_by IS NOT NULL)",
            name="confirmed",
        ),
        CheckConstraint(
            "(situation = 'shared') = (representative_unit_id IS NOT NULL)", name="representative"
        ),
        Index("ix_filing_year_status", "year", "status"),
    )

    id: Mapped[FilingId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    unit_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    year: Mapped[int]
    revision: Mapped[int] = mapped_column(server_default="1")
    supersedes_id: Mapped[FilingId | None] = mapped_column(Uuid, ForeignKey("filing.id"))
    revision_reason: Mapped[str | None]
    round: Mapped[int] = mapped_column(server_default="0")
    situation: Mapped[Situation]
    canteen_total_fen: Mapped[Fen]
    reserved_fen: Mapped[Fen]
    ceiling_fen: Mapped[Fen]
    union_situation: Mapped[UnionSituation]
    union_total_fen: Mapped[Fen | None] = mapped_column(BigInteger)
    union_reserved_fen: Mapped[Fen | None] = mapped_column(BigInteger)
    union_ceiling_fen: Mapped[Fen | None] = mapped_column(BigInteger)
    representative_unit_id: Mapped[OrganisationId | None] = mapped_column(
        Uuid, ForeignKey("organisation.id")
    )
    farm_produce_total_fen: Mapped[Fen | None] = mapped_column(BigInteger)
    union_heads: Mapped[int | None]
    canteen_subsidised: Mapped[bool] = mapped_column(server_default="false")
    central_unit: Mapped[bool] = mapped_column(server_default="false")
    contract_clause: Mapped[bool | None]
    note: Mapped[str | None]
    waiver_id: Mapped[WaiverId | None] = mapped_column(Uuid, ForeignKey("share_waiver.id"))
    policy_id: Mapped[PolicyId] = mapped_column(Uuid, ForeignKey("share_policy.id"))
    floor_fen: Mapped[Fen]
    status: Mapped[FilingStatus]
    author_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    submitted_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    superior_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    finance_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    return_reason: Mapped[str | None]
    return_reasons: Mapped[list[Any]] = mapped_column(server_default="[]")
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    steps: Mapped[list["FilingStep"]] = relationship(
        order_by="FilingStep.position", viewonly=True, lazy="raise"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class FilingStep(Base):
    """One act on a filing, kept for good; figures and `contents` are those it then held.

    `reasons` are those of a return, each with the JSON pointer of a field.
    """

    __tablename__ = "filing_step"
    __table_args__ = (Index("ix_filing_step_filing_id", "filing_id", "position"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    filing_id: Mapped[FilingId] = mapped_column(Uuid, ForeignKey("filing.id"))
    act: Mapped[FilingAct]
    by_user_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    by_organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    canteen_total_fen: Mapped[Fen]
    reserved_fen: Mapped[Fen]
    ceiling_fen: Mapped[Fen]
    contents: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    reasons: Mapped[list[Any]] = mapped_column(server_default="[]")
    round: Mapped[int] = mapped_column(server_default="0")
    reason: Mapped[str | None]
    at: Mapped[datetime]


class FilingCarry(Base):
    """A promise that another unit answers for since the one that made it ended."""

    __tablename__ = "filing_carry"
    __table_args__ = (
        UniqueConstraint("filing_id", "to_unit_id", name="uq_filing_carry_filing"),
        CheckConstraint("from_unit_id <> to_unit_id", name="apart"),
        Index("ix_filing_carry_to_unit_id", "to_unit_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    filing_id: Mapped[FilingId] = mapped_column(Uuid, ForeignKey("filing.id"))
    from_unit_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    to_unit_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    reason: Mapped[CarryReason]
    carried_at: Mapped[datetime]


class FilingReminder(Base):
    """A unit that had not filed so many days before the last day, and was told so, once."""

    __tablename__ = "filing_reminder"
    __table_args__ = (
        UniqueConstraint(
            "unit_id", "year", "deadline_on", "days_left", name="uq_filing_reminder_unit"
        ),
        CheckConstraint("days_left >= 0", name="days_left"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    year: Mapped[int]
    deadline_on: Mapped[date]
    days_left: Mapped[int]
    told_at: Mapped[datetime]
