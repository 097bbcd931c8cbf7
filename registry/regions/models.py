"""Regions with their life time, and the designations that give produce its origin kind."""

from datetime import date
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base

DesignationId = NewType("DesignationId", UUID)


class RegionLevel(StrEnum):
    """The levels of GB/T 2260, and towns and villages under it."""

    NATION = "nation"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"


class OriginKind(StrEnum):
    """What produce of a place counts as."""

    NATIONAL_832 = "national_832"
    PROVINCIAL_VILLAGE = "provincial_village"
    PAIRED_REGION = "paired_region"
    OTHER = "other"


class DesignationKind(StrEnum):
    """What a place was named, by whichever level of government."""

    NATIONAL_832 = "national_832"
    PROVINCIAL_VILLAGE = "provincial_village"
    PAIRED_REGION = "paired_region"
    KEY_COUNTY = "key_county"


class Region(Base):
    """A place by its code. An abolished code stays, with the code that took its place.

    A missing `valid_from_on` means: older than the list knows.
    """

    __tablename__ = "region"
    __table_args__ = (
        CheckConstraint("code ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'", name="code"),
        CheckConstraint("valid_from_on < valid_until_on", name="period"),
        Index("ix_region_parent_code", "parent_code"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    level: Mapped[RegionLevel]
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    valid_from_on: Mapped[date | None]
    valid_until_on: Mapped[date | None]
    successor_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))


class RegionSuccessor(Base):
    """One of the several codes that a code went into, with the document that says so."""

    __tablename__ = "region_successor"
    __table_args__ = (
        PrimaryKeyConstraint("code", "successor_code", name="pk_region_successor"),
        CheckConstraint("code <> successor_code", name="other"),
    )

    code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    successor_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    since_on: Mapped[date]
    source: Mapped[str]


class Designation(Base):
    """A place on a list of helped places, under the name it had there.

    The id is its own: members of the 832 list share a code where counties were joined later.
    `partner_code` is the helping place of a pair.
    """

    __tablename__ = "designation"
    __table_args__ = (
        UniqueConstraint("kind", "region_code", "name_at_listing", name="uq_designation_member"),
        CheckConstraint("valid_from_on < valid_until_on", name="period"),
        Index("ix_designation_region_code", "region_code"),
    )

    id: Mapped[DesignationId] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[DesignationKind]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    name_at_listing: Mapped[str]
    valid_from_on: Mapped[date]
    valid_until_on: Mapped[date | None]
    partner_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"))
    source: Mapped[str]
