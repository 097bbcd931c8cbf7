"""Who helps whom: pairings of helpers with villages and households, and of industries' partners."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from registry.accounts.models import UserId
from registry.households.models.households import HouseholdId
from registry.organisations.models import OrganisationId
from registry.regions.models import Region

PairingId = NewType("PairingId", UUID)
IndustryPairingId = NewType("IndustryPairingId", UUID)
NOBODY = UserId(UUID(int=0))
_NOBODY = f"'{NOBODY}'::uuid"


class PairingKind(StrEnum):
    """By which action a helper stands by a village or a household."""

    DESIGNATED_AID = "designated_aid"
    EAST_WEST = "east_west"
    ENTERPRISE_VILLAGE = "enterprise_village"
    COOPERATIVE_HOUSEHOLD = "cooperative_household"


class PartyKind(StrEnum):
    """The three partners that an industry of poor areas needs."""

    SALES_ENTITY = "sales_entity"
    ENTERPRISE = "enterprise"
    TECHNICIAN = "technician"


class Pairing(Base):
    """A helper stands by a village, or by one household of it, for `[since_on, until_on)`.

    `helper_user_id` is the responsible helper (帮扶责任人) of the helping organisation.
    """

    __tablename__ = "pairing"
    __table_args__ = (
        CheckConstraint("since_on < until_on", name="period"),
        ExcludeConstraint(
            (text("helper_id"), "="),
            (text("village_code"), "="),
            (text(f"coalesce(household_id, {_NOBODY})"), "="),
            (text(f"coalesce(helper_user_id, {_NOBODY})"), "="),
            (text("daterange(since_on, until_on)"), "&&"),
            name="ex_pairing_period",
        ),
        Index(
            "ix_pairing_village_code",
            "village_code",
            postgresql_ops={"village_code": "text_pattern_ops"},
        ),
        Index(
            "ix_pairing_helper_id",
            "helper_id",
            "helper_user_id",
            "household_id",
            postgresql_include=["village_code", "since_on", "until_on"],
        ),
        Index(
            "ix_pairing_household_id",
            "household_id",
            postgresql_include=["since_on", "until_on"],
        ),
        Index(
            "ix_pairing_of_village", "village_code", postgresql_where=text("household_id IS NULL")
        ),
    )

    id: Mapped[PairingId] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[PairingKind]
    helper_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    helper_user_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    village_code: Mapped[str] = mapped_column(ForeignKey(Region.code))
    household_id: Mapped[HouseholdId | None] = mapped_column(Uuid, ForeignKey("household.id"))
    since_on: Mapped[date]
    until_on: Mapped[date | None]
    source: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class HelperLoad(Base):
    """How many households a helper stands by in `[since_on, until_on)`, wherever they are.

    Under every place that one of them lies in, by the beginning of its code: village, town,
    county, city, province and, without a digit, the nation. NOBODY is the organisation itself.
    The database counts them with every pairing that is written.
    """

    __tablename__ = "helper_load"
    __table_args__ = (
        CheckConstraint("since_on < until_on", name="period"),
        CheckConstraint("households > 0", name="households"),
        Index(
            "ix_helper_load_place",
            "place",
            "households",
            "helper_id",
            "helper_user_id",
            postgresql_include=["since_on", "until_on"],
        ),
    )

    helper_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), primary_key=True
    )
    helper_user_id: Mapped[UserId] = mapped_column(Uuid, primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    since_on: Mapped[date] = mapped_column(primary_key=True)
    until_on: Mapped[date | None]
    households: Mapped[int]


class PairingTurn(Base):
    """How many pairings of a kind more, or fewer, hold in a place from a day on.

    Under every place as `HelperLoad`; the database counts them with every pairing that is
    written. What holds on a day is their sum up to it.
    """

    __tablename__ = "pairing_turn"

    place: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[PairingKind] = mapped_column(primary_key=True)
    turns_on: Mapped[date] = mapped_column(primary_key=True)
    change: Mapped[int]


class IndustryPairing(Base):
    """A partner of a place's industry: who sells, who processes, who teaches."""

    __tablename__ = "industry_pairing"
    __table_args__ = (
        CheckConstraint("since_on < until_on", name="period"),
        ExcludeConstraint(
            *((text(one), "=") for one in ("region_code", "industry", "party_kind")),
            (text("organisation_id"), "="),
            (text("daterange(since_on, until_on)"), "&&"),
            name="ex_industry_pairing_period",
        ),
        Index(
            "ix_industry_pairing_region_code",
            "region_code",
            postgresql_ops={"region_code": "text_pattern_ops"},
        ),
        Index("ix_industry_pairing_organisation_id", "organisation_id"),
    )

    id: Mapped[IndustryPairingId] = mapped_column(Uuid, primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey(Region.code))
    industry: Mapped[str]
    party_kind: Mapped[PartyKind]
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    since_on: Mapped[date]
    until_on: Mapped[date | None]
    source: Mapped[str]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once
