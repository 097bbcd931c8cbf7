"""Schemes and product categories: what certification demands, as dated data."""

from datetime import date
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen
from registry.accounts.models import UserId

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
    A version is never rewritten, only ended by the next one. `category_papers` gives for a
    category the further papers it needs, each a list of alternatives; the price band is in basis
    points of the median of `comparison_prices` prices; `review_working_days` gives each level's
    days to decide (`notice`: after the notice is over).
    """

    __tablename__ = "scheme"
    __table_args__ = (
        UniqueConstraint("code", "version", name="uq_scheme_code_version"),
        CheckConstraint("in_force_from_on < in_force_until_on", name="period"),
        CheckConstraint("notice_working_days > 0", name="notice_working_days"),
        CheckConstraint("validity_months > 0", name="validity_months"),
        CheckConstraint("jsonb_array_length(review_chain) > 0", name="review_chain"),
        CheckConstraint("comparison_prices >= 0", name="comparison_prices"),
        CheckConstraint("price_low_bp > 0 AND price_low_bp < price_high_bp", name="price_band"),
        CheckConstraint("minimum_goods_value_fen > 0", name="minimum_goods_value_fen"),
    )

    id: Mapped[SchemeId] = mapped_column(Uuid, primary_key=True)
    code: Mapped[str]
    version: Mapped[int]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    origin_kinds: Mapped[list[Any]]
    holder_kinds: Mapped[list[Any]]
    paper_kinds: Mapped[list[Any]]
    category_papers: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    papers_source: Mapped[str] = mapped_column(server_default="")
    review_chain: Mapped[list[Any]]
    notice_working_days: Mapped[int]
    notice_levels: Mapped[list[Any]] = mapped_column(server_default="[]")
    notice_source: Mapped[str]
    validity_months: Mapped[int]
    validity_source: Mapped[str]
    comparison_prices: Mapped[int] = mapped_column(server_default="3")
    comparison_required: Mapped[bool] = mapped_column(server_default="false")
    price_low_bp: Mapped[int] = mapped_column(server_default="7000")
    price_high_bp: Mapped[int] = mapped_column(server_default="13000")
    price_source: Mapped[str] = mapped_column(server_default="")
    minimum_goods_value_fen: Mapped[Fen | None]
    goods_value_source: Mapped[str] = mapped_column(server_default="")
    production_required: Mapped[bool] = mapped_column(server_default="false")
    review_working_days: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    deadline_source: Mapped[str] = mapped_column(server_default="")
    in_force_from_on: Mapped[date]
    in_force_until_on: Mapped[date | None]
    source: Mapped[str]
    adopted_by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))

    @property
    def levels(self) -> tuple[ReviewLevel, ...]:
        """The review chain in its order."""
        return tuple(ReviewLevel(level) for level in self.review_chain)

    def papers_of(self, category_code: str) -> list[list[str]]:
        """Give the papers that a product of the category needs, each as its alternatives."""
        of_category: list[list[str]] = self.category_papers.get(category_code, [])
        return [[kind] for kind in self.paper_kinds] + of_category


class ProductCategory(Base):
    """A category of farm produce that an application names."""

    __tablename__ = "product_category"

    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    name_zh: Mapped[str]
    name_en: Mapped[str]
