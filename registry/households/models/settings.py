"""Dated figures of the register, each with its source: day counts, thresholds, income lines."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen


class SettingName(StrEnum):
    """What is counted: working days unless the name says otherwise."""

    VISIT_DAYS = "visit_days"
    COMPARISON_DAYS = "comparison_days"
    NOTICE_OPENING_DAYS = "notice_opening_days"
    NOTICE_DAYS = "notice_days"
    TOWN_CHECK_DAYS = "town_check_days"
    COUNTY_DECISION_DAYS = "county_decision_days"
    RESUBMISSION_DAYS = "resubmission_days"
    OBSERVATION_CALENDAR_DAYS = "observation_calendar_days"
    RELAPSE_BP = "relapse_bp"
    HELPER_HOUSEHOLDS = "helper_households"
    VILLAGE_LEADERS = "village_leaders"


class RegisterSetting(Base):
    """A figure that holds in a region for `[in_force_from_on, in_force_until_on)`; never changed.

    The row of the smallest region around a place holds there, of several the newest. `is_assumed`
    says that no document read so far gives the figure: it is a default.
    """

    __tablename__ = "register_setting"
    __table_args__ = (
        UniqueConstraint("name", "region_code", "in_force_from_on", name="uq_register_setting_day"),
        CheckConstraint("in_force_from_on < in_force_until_on", name="period"),
        CheckConstraint("value > 0", name="value"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[SettingName]
    region_code: Mapped[str]
    value: Mapped[int]
    in_force_from_on: Mapped[date]
    in_force_until_on: Mapped[date | None]
    is_assumed: Mapped[bool]
    source: Mapped[str]


class IncomeLine(Base):
    """The yearly income a head below which a household of a region counts as poor.

    Strictly below: income on the line is not. `price_basis` says in whose prices it stands.
    """

    __tablename__ = "income_line"
    __table_args__ = (
        UniqueConstraint("region_code", "year", name="uq_income_line_year"),
        CheckConstraint("per_head_fen > 0", name="per_head_fen"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    region_code: Mapped[str]
    year: Mapped[int]
    per_head_fen: Mapped[Fen]
    price_basis: Mapped[str]
    source: Mapped[str]
