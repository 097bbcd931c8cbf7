"""What a cooperative owes the households it is linked to: versions of its split rules."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.households.models.links import BenefitWay
from registry.organisations.models import OrganisationId

SplitRuleId = NewType("SplitRuleId", UUID)


class SplitBasis(StrEnum):
    """What a household's produce is worth to it: never below the promised farm price."""

    FARM_PRICE = "farm_price"
    PREMIUM = "premium"
    """The farm price and so much more of it."""
    PERCENTAGE = "percentage"
    """So much of what the produce was sold for, at least the farm price."""


class SplitRule(Base):
    """One version of what households linked in one way get, from a day on; never changed.

    `rate_bp` (basis points) is the premium on the farm price, or the part of the sale.
    """

    __tablename__ = "split_rule"
    __table_args__ = (
        UniqueConstraint("supplier_id", "way", "version", name="uq_split_rule_version"),
        CheckConstraint(
            "rate_bp BETWEEN 0 AND 10000 AND (basis = 'farm_price') = (rate_bp = 0)", name="rate"
        ),
        CheckConstraint("version > 0", name="version"),
    )

    id: Mapped[SplitRuleId] = mapped_column(Uuid, primary_key=True)
    supplier_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    way: Mapped[BenefitWay]
    version: Mapped[int]
    basis: Mapped[SplitBasis]
    rate_bp: Mapped[int]
    from_on: Mapped[date]
    source: Mapped[str]
    document_id: Mapped[DocumentId | None] = mapped_column(Uuid, ForeignKey("document.id"))
    recorded_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    recorded_at: Mapped[datetime]
