"""Households with their persons encrypted, their history, and who leads their villages."""

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
    LargeBinary,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.crypto import EncryptedText
from kernel.database import Base
from registry.regions.models import Region

HouseholdId = NewType("HouseholdId", UUID)
LeaderId = NewType("LeaderId", UUID)


class HouseholdClass(StrEnum):
    """Why a household is on the register."""

    REGISTERED = "registered"
    UNSTABLE = "unstable"
    MARGINAL = "marginal"
    SUDDEN_DIFFICULTY = "sudden_difficulty"


class HouseholdState(StrEnum):
    """How a household stands to the register.

    `candidate` waits for its first case; `observed` was found above its risk and keeps its
    help until the observation ends; `dismissed` was looked at and not taken in.
    """

    CANDIDATE = "candidate"
    LISTED = "listed"
    OBSERVED = "observed"
    EXITED = "exited"
    DISMISSED = "dismissed"


class Cause(StrEnum):
    """What made a household poor, as the national ledger names it."""

    ILLNESS = "illness"
    DISABILITY = "disability"
    SCHOOLING = "schooling"
    LABOUR = "labour"
    FUNDS = "funds"
    OTHER = "other"


class ChangeReason(StrEnum):
    """What changed a household's standing."""

    REGISTERED = "registered"
    CASE = "case"
    EDIT = "edit"
    RECONCILIATION = "reconciliation"
    OBSERVATION_OVER = "observation_over"
    MOVED = "moved"
    SPLIT = "split"


class Household(Base):
    """A household of a village. Its persons are encrypted; `id_number_index` finds one again."""

    __tablename__ = "household"
    __table_args__ = (
        UniqueConstraint("code", name="uq_household_code"),
        UniqueConstraint("id_number_index", name="uq_household_id_number_index"),
        CheckConstraint("members > 0", name="members"),
        CheckConstraint("able_labour BETWEEN 0 AND members", name="able_labour"),
        CheckConstraint(
            "(state = 'observed') = (observed_until_on IS NOT NULL)", name="observed_until_on"
        ),
        Index(
            "ix_household_village_code",
            "village_code",
            postgresql_ops={"village_code": "text_pattern_ops"},
        ),
        Index(
            "ix_household_place",
            "village_code",
            "code",
            postgresql_include=["id", "class", "state", "members"],
        ),
        Index("ix_household_class_place", "class", "village_code", "code"),
        Index("ix_household_state_place", "state", "village_code", "code"),
        Index(
            "ix_household_observed_until_on",
            "observed_until_on",
            postgresql_where=text("state = 'observed'"),
        ),
    )

    id: Mapped[HouseholdId] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str]
    village_code: Mapped[str] = mapped_column(ForeignKey(Region.code))
    head_name: Mapped[str] = mapped_column(EncryptedText("household.head_name"))
    id_number: Mapped[str] = mapped_column(EncryptedText("household.id_number"))
    id_number_index: Mapped[bytes] = mapped_column(LargeBinary)
    phone: Mapped[str | None] = mapped_column(EncryptedText("household.phone"))
    bank_card: Mapped[str | None] = mapped_column(EncryptedText("household.bank_card"))
    members: Mapped[int]
    able_labour: Mapped[int]
    willing: Mapped[bool]
    household_class: Mapped[HouseholdClass] = mapped_column("class")
    state: Mapped[HouseholdState] = mapped_column(
        default=HouseholdState.LISTED, server_default=HouseholdState.LISTED.value
    )
    observed_until_on: Mapped[date | None]
    cause: Mapped[Cause | None]
    registered_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class HouseholdChange(Base):
    """How a household stood from a day on: the row of the latest day up to a date answers for it.

    Rows are only added, each with the day it was written on; `position` orders those of one day.
    `left_village_code` is the village that the household left with the change.
    """

    __tablename__ = "household_change"
    __table_args__ = (
        Index("ix_household_change_household_id", "household_id", "from_on", "position"),
        Index(
            "ix_household_change_moved",
            "household_id",
            "from_on",
            "position",
            postgresql_where=text("left_village_code IS NOT NULL"),
        ),
        Index(
            "ix_household_change_left_village_code",
            "left_village_code",
            postgresql_where=text("left_village_code IS NOT NULL"),
            postgresql_ops={"left_village_code": "text_pattern_ops"},
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    household_id: Mapped[HouseholdId] = mapped_column(Uuid, ForeignKey("household.id"))
    household_class: Mapped[HouseholdClass] = mapped_column("class")
    state: Mapped[HouseholdState]
    members: Mapped[int]
    able_labour: Mapped[int]
    willing: Mapped[bool]
    left_village_code: Mapped[str | None] = mapped_column(ForeignKey(Region.code))
    from_on: Mapped[date]
    reason: Mapped[ChangeReason]
    reason_id: Mapped[UUID | None] = mapped_column(Uuid)
    by_id: Mapped[UUID] = mapped_column(Uuid)
    at: Mapped[datetime]


class VillageLeader(Base):
    """Somebody who leads a village's people to a better income (致富带头人), for a period."""

    __tablename__ = "village_leader"
    __table_args__ = (
        CheckConstraint("since_on < until_on", name="period"),
        Index(
            "uq_village_leader_in_office",
            "village_code",
            "id_number_index",
            unique=True,
            postgresql_where=text("until_on IS NULL"),
        ),
        Index("ix_village_leader_place", "village_code", "id"),
    )

    id: Mapped[LeaderId] = mapped_column(Uuid, primary_key=True)
    village_code: Mapped[str] = mapped_column(ForeignKey(Region.code))
    name: Mapped[str] = mapped_column(EncryptedText("village_leader.name"))
    id_number: Mapped[str] = mapped_column(EncryptedText("village_leader.id_number"))
    id_number_index: Mapped[bytes] = mapped_column(LargeBinary)
    trade: Mapped[str]
    since_on: Mapped[date]
    until_on: Mapped[date | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once
