"""The members of a household, each with what the national register asks of them."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.crypto import EncryptedText
from kernel.database import Base
from registry.households.models.households import HouseholdId

MemberId = NewType("MemberId", UUID)


class Relation(StrEnum):
    """What a member is to the head of the household."""

    HEAD = "head"
    SPOUSE = "spouse"
    SON = "son"
    DAUGHTER = "daughter"
    SON_IN_LAW = "son_in_law"
    DAUGHTER_IN_LAW = "daughter_in_law"
    GRANDSON = "grandson"
    GRANDDAUGHTER = "granddaughter"
    FATHER = "father"
    MOTHER = "mother"
    OTHER = "other"


class Sex(StrEnum):
    """As the identity document says."""

    MALE = "male"
    FEMALE = "female"


class Health(StrEnum):
    """A member's health; the register knows no blank."""

    HEALTHY = "healthy"
    CHRONIC_ILLNESS = "chronic_illness"
    SEVERE_ILLNESS = "severe_illness"
    DISABLED = "disabled"


class Labour(StrEnum):
    """Whether a member can work."""

    SKILLED = "skilled"
    ABLE = "able"
    WEAK = "weak"
    NONE = "none"


class LeaveReason(StrEnum):
    """Why a member no longer belongs to the household."""

    MOVED = "moved"
    MARRIED_OUT = "married_out"
    SPLIT = "split"
    DIED = "died"
    OTHER = "other"


class HouseholdMember(Base):
    """Somebody who belongs to a household for `[joined_on, left_on)`.

    `document_number` is an identity card (18), a disability card (20) or one issued again (22
    characters); `disability_grade` 1 is the heaviest of four.
    """

    __tablename__ = "household_member"
    __table_args__ = (
        Index(
            "uq_household_member_present",
            "document_index",
            unique=True,
            postgresql_where=text("left_on IS NULL"),
        ),
        Index(
            "uq_household_member_head",
            "household_id",
            unique=True,
            postgresql_where=text("left_on IS NULL AND relation = 'head'"),
        ),
        Index("ix_household_member_household_id", "household_id"),
        Index(
            "ix_household_member_disabled",
            "household_id",
            postgresql_where=text("left_on IS NULL AND disability_grade IS NOT NULL"),
        ),
        CheckConstraint("joined_on < left_on", name="period"),
        CheckConstraint("(left_on IS NULL) = (left_reason IS NULL)", name="left_reason"),
        CheckConstraint("disability_grade BETWEEN 1 AND 4", name="disability_grade"),
        CheckConstraint(
            "(health = 'disabled') = (disability_grade IS NOT NULL)", name="disability"
        ),
    )

    id: Mapped[MemberId] = mapped_column(Uuid, primary_key=True)
    household_id: Mapped[HouseholdId] = mapped_column(Uuid, ForeignKey("household.id"))
    name: Mapped[str] = mapped_column(EncryptedText("household_member.name"))
    document_number: Mapped[str] = mapped_column(EncryptedText("household_member.document_number"))
    document_index: Mapped[bytes] = mapped_column(LargeBinary)
    relation: Mapped[Relation]
    sex: Mapped[Sex]
    health: Mapped[Health]
    disability_grade: Mapped[int | None]
    labour: Mapped[Labour]
    willing: Mapped[bool]
    joined_on: Mapped[date]
    left_on: Mapped[date | None]
    left_reason: Mapped[LeaveReason | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once
