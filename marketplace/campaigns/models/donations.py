"""Campaigns with prices and wishes."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.crypto import EncryptedText
from kernel.database import Base
from kernel.money import Fen
from marketplace.campaigns.models.standing import Measure
from marketplace.catalogue.models.listings import ListingId
from procurement.quotas.models import Fund
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

DonationCampaignId = NewType("DonationCampaignId", UUID)


class CampaignStatus(StrEnum):
    """Where a campaign stands; whether its window is open follows from its instants."""

    OPEN = "open"
    GATHERED = "gathered"
    CANCELLED = "cancelled"


class DonationCampaign(Base):
    """Members of a union buy instead of donating, for villages or households named by code.

    Wishes are taken in `[opens_at, closes_at)`; gathered, they are the orders of `checkout_id`.
    """

    __tablename__ = "donation_campaign"
    __table_args__ = (
        CheckConstraint("opens_at < closes_at", name="window"),
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed"),
        CheckConstraint("(status = 'gathered') = (checkout_id IS NOT NULL)", name="gathered"),
    )

    id: Mapped[DonationCampaignId] = mapped_column(Uuid, primary_key=True)
    title: Mapped[str]
    buyer_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    author_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    bound_unit_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    fund: Mapped[Fund]
    dedication: Mapped[dict[str, Any]]
    delivery_address: Mapped[str]
    delivery_contact: Mapped[str | None] = mapped_column(
        EncryptedText("donation_campaign.delivery_contact")
    )
    delivery_note: Mapped[str | None]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    status: Mapped[CampaignStatus]
    checkout_id: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class CampaignPrice(Base):
    """What a campaign asks for a product, not below what the market pays, and who says so."""

    __tablename__ = "campaign_price"
    __table_args__ = (
        UniqueConstraint("campaign_id", "listing_id", name="uq_campaign_price_listing"),
        CheckConstraint("market_fen > 0 AND unit_price_fen >= market_fen", name="market"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    campaign_id: Mapped[DonationCampaignId] = mapped_column(
        Uuid, ForeignKey("donation_campaign.id")
    )
    listing_id: Mapped[ListingId] = mapped_column(Uuid, ForeignKey("listing.id"))
    unit_price_fen: Mapped[Fen]
    market_fen: Mapped[Fen]
    market_source: Mapped[str]


class CampaignWish(Base):
    """How much of a product a participant of a branch wants; participants are known by code."""

    __tablename__ = "campaign_wish"
    __table_args__ = (
        UniqueConstraint(
            "campaign_id", "participant_code", "listing_id", name="uq_campaign_wish_participant"
        ),
        CheckConstraint("quantity >= 0", name="quantity"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    campaign_id: Mapped[DonationCampaignId] = mapped_column(
        Uuid, ForeignKey("donation_campaign.id")
    )
    listing_id: Mapped[ListingId] = mapped_column(Uuid, ForeignKey("listing.id"))
    branch: Mapped[str]
    participant_code: Mapped[str]
    quantity: Mapped[Decimal]
    written_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    written_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class HandOut:
    """What a participant gets of a product."""

    wish: CampaignWish
    goods: Measure
