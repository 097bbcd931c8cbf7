"""The yearly promise of a budget unit, and every step it went through."""

from datetime import datetime
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
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kernel.database import Base
from kernel.money import Fen
from procurement.policies.models import PolicyId, Situation
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

FilingId = NewType("FilingId", UUID)


class UnionSituation(StrEnum):
    """Whether the unit's union has money of its own."""

    OWN_FUNDS = "own_funds"
    NO_UNION_FUNDS = "no_union_funds"


class FilingStatus(StrEnum):
    """How far a promise has come; `submitted` waits for the superior, where there is one."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SUPERIOR_CONFIRMED = "superior_confirmed"
    CONFIRMED = "confirmed"
    RETURNED = "returned"


class FilingAct(StrEnum):
    """What somebody did to a filing."""

    DRAFT = "draft"
    EDIT = "edit"
    SUBMIT = "submit"
    SUPERIOR_CONFIRM = "superior_confirm"
    FINANCE_CONFIRM = "finance_confirm"
    RETURN = "return"


PREPARING = frozenset({FilingAct.DRAFT, FilingAct.EDIT, FilingAct.SUBMIT})
"""The acts of those who make the promise; who did one of them confirms none of it."""


class Filing(Base):
    """What a unit promises to spend on reserved goods in a year, all amounts in fen with tax.

    `floor_fen` is what the policy demanded when the contents were last checked. `superior_by`
    and `finance_by` belong to the present round; a return clears them.
    """

    __tablename__ = "filing"
    __table_args__ = (
        UniqueConstraint("number", name="uq_filing_number"),
        UniqueConstraint("unit_id", "year", name="uq_filing_unit_year"),
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
            "(status = 'confirmed') = (confirmed_at IS NOT NULL)"
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
    note: Mapped[str | None]
    policy_id: Mapped[PolicyId] = mapped_column(Uuid, ForeignKey("share_policy.id"))
    floor_fen: Mapped[Fen]
    status: Mapped[FilingStatus]
    author_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    submitted_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    superior_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    finance_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    return_reason: Mapped[str | None]
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    steps: Mapped[list["FilingStep"]] = relationship(
        order_by="FilingStep.position", viewonly=True, lazy="raise"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class FilingStep(Base):
    """One act on a filing, kept for good; the figures are those it then held."""

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
    reason: Mapped[str | None]
    at: Mapped[datetime]
