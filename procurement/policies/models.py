"""Share policies: dated rules with their sources, and the words they are written in."""

from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base

PolicyId = NewType("PolicyId", UUID)


class OrderKind(StrEnum):
    """Why goods are bought; policies say which kinds count toward the reserved share."""

    RESERVED_SHARE = "reserved_share"
    PRIORITY = "priority"
    PURCHASE_INSTEAD_OF_DONATION = "purchase_instead_of_donation"
    PURCHASE_INSTEAD_OF_SALE = "purchase_instead_of_sale"
    COMMISSIONED_FARMING = "commissioned_farming"


class Situation(StrEnum):
    """How a unit's staff eat: its own canteen, a contractor's, another unit's, or none."""

    OWN = "own"
    OUTSOURCED = "outsourced"
    SHARED = "shared"
    NONE = "none"


class Denominator(StrEnum):
    """What a floor is a share of."""

    CANTEEN_FOOD_TOTAL = "canteen_food_total"
    CANTEEN_AND_UNION_TOTAL = "canteen_and_union_total"
    UNION_TOTAL = "union_total"


class SharePolicy(Base):
    """A floor for the units of a region over years, and what counts toward it.

    Years are half-open, [year_from, year_until); an open end holds until a newer row of the
    region replaces it. From `carried_from` on, the document itself no longer names the year:
    the rule is carried on, and every answer says so. `filing_deadlines` maps a year to the
    last day of filing; a year that is not in it stays open. Rows are never changed.
    """

    __tablename__ = "share_policy"
    __table_args__ = (
        UniqueConstraint("code", name="uq_share_policy_code"),
        CheckConstraint("region_code ~ '^[0-9]{6}$'", name="region_code"),
        CheckConstraint("year_until IS NULL OR year_from < year_until", name="years"),
        CheckConstraint("carried_from IS NULL OR year_from < carried_from", name="carried"),
        CheckConstraint("floor_bp BETWEEN 0 AND 10000", name="floor"),
    )

    id: Mapped[PolicyId] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str]
    region_code: Mapped[str]
    year_from: Mapped[int]
    year_until: Mapped[int | None]
    carried_from: Mapped[int | None]
    situations: Mapped[list[str]]
    denominator: Mapped[Denominator]
    floor_bp: Mapped[int]
    counting_origin_kinds: Mapped[list[str]]
    counting_order_kinds: Mapped[list[str]]
    filing_deadlines: Mapped[dict[str, Any]]
    source: Mapped[str]
    note_zh: Mapped[str]
    note_en: Mapped[str]
