"""Which places were looked through after a year's end, so that each is once."""

from datetime import datetime
from typing import NewType
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base

YearReviewId = NewType("YearReviewId", UUID)


class YearReview(Base):
    """The units of one place (not of places inside it) were looked through for a year."""

    __tablename__ = "supervision_review"
    __table_args__ = (
        UniqueConstraint("region_code", "year", name="uq_supervision_review_region_code"),
    )

    id: Mapped[YearReviewId] = mapped_column(Uuid, primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    year: Mapped[int]
    at: Mapped[datetime]
