"""Plots that cooperatives farm for buyers: what is agreed, who grows it, and its milestones."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.models.listings import ListingId
from registry.accounts.models import UserId
from registry.households.models.households import HouseholdId
from registry.organisations.models import OrganisationId

FarmingCommissionId = NewType("FarmingCommissionId", UUID)
FarmingMilestoneId = NewType("FarmingMilestoneId", UUID)


class CommissionStatus(StrEnum):
    """Where a commission stands: offered, farmed for a buyer, or how that ended."""

    OFFERED = "offered"
    WITHDRAWN = "withdrawn"
    ADOPTED = "adopted"
    HARVESTED = "harvested"
    FAILING = "failing"
    SUBSTITUTED = "substituted"
    FAILED = "failed"
    LAPSED = "lapsed"


class FailureRule(StrEnum):
    """What the terms say of a harvest that fails: money back, or like goods where wanted."""

    REFUND = "refund"
    SUBSTITUTE = "substitute"


class MilestoneStatus(StrEnum):
    """Where a milestone stands."""

    OPEN = "open"
    EVIDENCED = "evidenced"
    ACCEPTED = "accepted"


class FarmingCommission(Base):
    """A plot (or animals) farmed for whoever adopts it, and its yield in the listing's unit.

    Of `total_fen` the buyer pays `prepaid_fen` before the season, each milestone's part once it
    is accepted, and the rest once the harvest is taken in. `order_id` is the buyer's order.
    """

    __tablename__ = "farming_commission"
    __table_args__ = (
        CheckConstraint("quantity > 0 AND area_mu > 0", name="yield"),
        CheckConstraint("prepaid_fen > 0 AND prepaid_fen < total_fen", name="prepaid"),
        CheckConstraint(
            "(status IN ('offered', 'withdrawn')) = (order_id IS NULL)"
            " AND num_nulls(order_id, buyer_id, bound_unit_id, adopted_at) IN (0, 4)",
            name="adopted",
        ),
        CheckConstraint(
            "(status IN ('withdrawn', 'failed', 'lapsed')) = (closed_at IS NOT NULL)",
            name="closed",
        ),
        CheckConstraint(
            "status NOT IN ('failing', 'substituted', 'failed') OR failure IS NOT NULL",
            name="failure",
        ),
        CheckConstraint(
            "status NOT IN ('failing', 'substituted') OR on_failure = 'substitute'",
            name="failure_rule",
        ),
        UniqueConstraint("number", name="uq_farming_commission_number"),
        Index("uq_farming_commission_order", "order_id", unique=True),
    )

    id: Mapped[FarmingCommissionId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    supplier_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    listing_id: Mapped[ListingId] = mapped_column(Uuid, ForeignKey("listing.id"))
    title: Mapped[str]
    village_code: Mapped[str]
    area_mu: Mapped[Decimal]
    unit: Mapped[Unit]
    quantity: Mapped[Decimal]
    unit_price_fen: Mapped[Fen]
    total_fen: Mapped[Fen]
    prepaid_fen: Mapped[Fen]
    harvest_by_on: Mapped[date]
    on_failure: Mapped[FailureRule]
    status: Mapped[CommissionStatus]
    order_id: Mapped[UUID | None] = mapped_column(Uuid)
    buyer_id: Mapped[OrganisationId | None] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    bound_unit_id: Mapped[OrganisationId | None] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    failure: Mapped[str | None]
    created_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    created_at: Mapped[datetime]
    adopted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class FarmingGrower(Base):
    """A household that farms a part of the plot: its expected yield, at its farm price a unit."""

    __tablename__ = "farming_grower"
    __table_args__ = (
        UniqueConstraint("commission_id", "household_id", name="uq_farming_grower_household"),
        CheckConstraint("quantity > 0 AND farm_price_fen > 0", name="yield"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    commission_id: Mapped[FarmingCommissionId] = mapped_column(
        Uuid, ForeignKey("farming_commission.id")
    )
    household_id: Mapped[HouseholdId] = mapped_column(Uuid, ForeignKey("household.id"))
    quantity: Mapped[Decimal]
    farm_price_fen: Mapped[Fen]


class FarmingMilestone(Base):
    """Work by a day, and its part of the price: shown by its grower, accepted, then paid."""

    __tablename__ = "farming_milestone"
    __table_args__ = (
        UniqueConstraint("commission_id", "position", name="uq_farming_milestone_position"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("(status = 'open') = (shown_at IS NULL)", name="shown"),
        CheckConstraint("(status = 'accepted') = (accepted_at IS NOT NULL)", name="accepted"),
        CheckConstraint("accepted_by <> shown_by", name="hands"),
    )

    id: Mapped[FarmingMilestoneId] = mapped_column(Uuid, primary_key=True)
    commission_id: Mapped[FarmingCommissionId] = mapped_column(
        Uuid, ForeignKey("farming_commission.id")
    )
    position: Mapped[int]
    title: Mapped[str]
    due_on: Mapped[date]
    amount_fen: Mapped[Fen]
    status: Mapped[MilestoneStatus]
    evidence: Mapped[str | None]
    document_ids: Mapped[list[Any]]
    shown_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    shown_at: Mapped[datetime | None]
    returned: Mapped[str | None]
    accepted_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    accepted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once
