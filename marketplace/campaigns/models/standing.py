"""Standing orders with what became of each week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.crypto import EncryptedText
from kernel.database import Base
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.models.listings import ListingId, PayMode
from procurement.policies.models import OrderKind
from procurement.quotas.models import Fund
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

StandingOrderId = NewType("StandingOrderId", UUID)
StandingWeekId = NewType("StandingWeekId", UUID)


class StandingStatus(StrEnum):
    """Whether a standing order brings orders about."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class StandingOrder(Base):
    """What a unit eats every week, for how many; the author answers for the orders.

    Of `menu` each part names a listing, the grams per head and the days of the week (1 to 7).
    `next_week_on` is the Monday of the week that is ordered next, at `due_at`: `lead_days`
    before it.
    """

    __tablename__ = "standing_order"
    __table_args__ = (
        CheckConstraint("heads > 0", name="heads"),
        CheckConstraint("lead_days BETWEEN 0 AND 27", name="lead"),
        CheckConstraint("(status = 'active') = (due_at IS NOT NULL)", name="due"),
        CheckConstraint("extract(isodow FROM next_week_on) = 1", name="week"),
        CheckConstraint("kind IN ('reserved_share', 'priority')", name="kind"),
        Index("ix_standing_order_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    id: Mapped[StandingOrderId] = mapped_column(Uuid, primary_key=True)
    buyer_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    author_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    bound_unit_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    kind: Mapped[OrderKind]
    fund: Mapped[Fund]
    pay_mode: Mapped[PayMode]
    heads: Mapped[int]
    menu: Mapped[list[Any]]
    lead_days: Mapped[int]
    delivery_address: Mapped[str]
    delivery_contact: Mapped[str | None] = mapped_column(
        EncryptedText("standing_order.delivery_contact")
    )
    delivery_note: Mapped[str | None]
    status: Mapped[StandingStatus]
    next_week_on: Mapped[date]
    due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class StandingOutcome(StrEnum):
    """What became of a week: ordered, refused, or nobody eats in it."""

    PLACED = "placed"
    REFUSED = "refused"
    SKIPPED = "skipped"


class StandingWeek(Base):
    """What became of one week of a standing order; rows are only added.

    `checkout_id` is shared by the week's orders, one with each supplier. `heads` and `days` are
    for how many and on how many days it was ordered; `refusal` says in both languages why not.
    """

    __tablename__ = "standing_week"
    __table_args__ = (
        UniqueConstraint("standing_order_id", "week_on", name="uq_standing_week_week"),
        CheckConstraint("extract(isodow FROM week_on) = 1", name="week"),
        CheckConstraint("heads > 0 AND days BETWEEN 0 AND 7", name="heads"),
        CheckConstraint(
            "(outcome = 'placed') = (checkout_id IS NOT NULL)"
            " AND (outcome = 'placed') = (total_fen IS NOT NULL)"
            " AND (outcome = 'refused') = (refusal IS NOT NULL)"
            " AND (outcome = 'refused') = (refusal_code IS NOT NULL)",
            name="outcome",
        ),
    )

    id: Mapped[StandingWeekId] = mapped_column(Uuid, primary_key=True)
    standing_order_id: Mapped[StandingOrderId] = mapped_column(
        Uuid, ForeignKey("standing_order.id")
    )
    week_on: Mapped[date]
    outcome: Mapped[StandingOutcome]
    heads: Mapped[int]
    days: Mapped[int]
    checkout_id: Mapped[UUID | None] = mapped_column(Uuid)
    total_fen: Mapped[Fen | None]
    refusal_code: Mapped[str | None]
    refusal: Mapped[str | None]
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Dish:
    """What of a listing everybody eats on which days of the week, Monday being 1."""

    listing_id: ListingId
    grams_per_head: int
    weekdays: Sequence[int]


@dataclass(frozen=True, slots=True)
class Measure:
    """In what a listing is sold: its unit and step, and what one piece of it weighs."""

    title: str
    unit: Unit
    step: Decimal
    unit_weight_kg: Decimal | None
    unit_price_fen: Fen
