"""Schemes and product categories: what certification demands, as dated data."""

from datetime import date
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base

SchemeId = NewType("SchemeId", UUID)


class ReviewLevel(StrEnum):
    """The levels a review chain is made of; `notice` is the decision against it in the notice."""

    TOWN = "town"
    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"
    NOTICE = "notice"


class Scheme(Base):
    """One version of a certification scheme, in force `[in_force_from_on, in_force_until_on)`.

    Each `…_source` names the document a value was taken from, or says that there is none.
    """

    __tablename__ = "scheme"
    __table_args__ = (
        UniqueConstraint("code", "version", name="uq_scheme_code_version"),
        CheckConstraint("in_force_from_on < in_force_until_on", name="period"),
        CheckConstraint("notice_working_days > 0", name="notice_working_days"),
        CheckConstraint("validity_months > 0", name="validity_months"),
        CheckConstraint("jsonb_array_length(review_chain) > 0", name="review_chain"),
    )

    id: Mapped[SchemeId] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str]
    version: Mapped[int]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    origin_kinds: Mapped[list[Any]]
    holder_kinds: Mapped[list[Any]]
    paper_kinds: Mapped[list[Any]]
    review_chain: Mapped[list[Any]]
    notice_working_days: Mapped[int]
    notice_source: Mapped[str]
    validity_months: Mapped[int]
    validity_source: Mapped[str]
    in_force_from_on: Mapped[date]
    in_force_until_on: Mapped[date | None]
    source: Mapped[str]

    @property
    def levels(self) -> tuple[ReviewLevel, ...]:
        """The review chain in its order."""
        return tuple(ReviewLevel(level) for level in self.review_chain)


class ProductCategory(Base):
    """A category of farm produce that an application names."""

    __tablename__ = "product_category"

    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    name_zh: Mapped[str]
    name_en: Mapped[str]
