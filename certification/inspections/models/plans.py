"""Draw plans: what is drawn from, how much of which stratum, and what the draw is made of."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.crypto import EncryptedText
from kernel.database import Base
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

PlanId = NewType("PlanId", UUID)


class PlanStatus(StrEnum):
    """Where a plan stands; with the reveal anyone can recompute the draw."""

    ANNOUNCED = "announced"
    DRAWN = "drawn"
    REVEALED = "revealed"
    CALLED_OFF = "called_off"


class Stratification(StrEnum):
    """By what the frame is parted; a stratum's code is the category, the county, or `all`."""

    NONE = "none"
    CATEGORY = "category"
    COUNTY = "county"


class DrawPlan(Base):
    """A draw among the certificates of a region in force at the beginning of `as_of_on`.

    `commitment` is the SHA-256 of `secret`, published before the day on which `public_source`
    publishes the value that is mixed in; the secret is published when no task is hidden any more.
    `frame` is the text that was drawn from, lines `number,stratum`, by number.
    """

    __tablename__ = "draw_plan"
    __table_args__ = (
        UniqueConstraint("number", name="uq_draw_plan_number"),
        CheckConstraint("commitment ~ '^[0-9a-f]{64}$'", name="commitment"),
        CheckConstraint("frame_sha256 ~ '^[0-9a-f]{64}$'", name="frame_sha256"),
        CheckConstraint("as_of_on <= public_value_on", name="as_of"),
        CheckConstraint(
            "(status IN ('drawn', 'revealed')) = (drawn_at IS NOT NULL)"
            " AND (drawn_at IS NULL) = (public_value IS NULL)"
            " AND (drawn_at IS NULL) = (frame IS NULL)"
            " AND (drawn_at IS NULL) = (frame_sha256 IS NULL)"
            " AND (drawn_at IS NULL) = (drawn_by_id IS NULL)",
            name="drawn",
        ),
        CheckConstraint("(status = 'revealed') = (revealed_at IS NOT NULL)", name="revealed"),
        CheckConstraint("drawn_by_id <> author_id", name="author"),
        Index("ix_draw_plan_organisation_id", "organisation_id"),
    )

    id: Mapped[PlanId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    title: Mapped[str]
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    category_code: Mapped[str | None] = mapped_column(ForeignKey("product_category.code"))
    as_of_on: Mapped[date]
    stratification: Mapped[Stratification]
    public_source: Mapped[str]
    public_value_on: Mapped[date]
    commitment: Mapped[str]
    secret: Mapped[str] = mapped_column(EncryptedText("draw_plan.secret"))
    public_value: Mapped[str | None]
    frame: Mapped[str | None] = mapped_column(deferred=True)
    frame_sha256: Mapped[str | None]
    frame_size: Mapped[int | None]
    status: Mapped[PlanStatus]
    organisation_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    author_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    drawn_by_id: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    announced_at: Mapped[datetime]
    drawn_at: Mapped[datetime | None]
    revealed_at: Mapped[datetime | None]


class DrawStratum(Base):
    """How many certificates of a stratum are drawn, and out of how many."""

    __tablename__ = "draw_stratum"
    __table_args__ = (
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("frame_size >= 0", name="frame_size"),
    )

    plan_id: Mapped[PlanId] = mapped_column(Uuid, ForeignKey("draw_plan.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    frame_size: Mapped[int | None]
