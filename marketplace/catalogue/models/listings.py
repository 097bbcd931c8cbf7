"""What there is of a listing: a certified product at a price, and how it is found."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from certification.certificates.models.certificates import CertificateId
from kernel.database import Base
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.catalogue.models.freight import FreightPlanId
from registry.organisations.models import OrganisationId
from registry.regions.models import OriginKind

ListingId = NewType("ListingId", UUID)


class ListingStatus(StrEnum):
    """Where a listing stands; blocked is never the supplier's own doing."""

    DRAFT = "draft"
    LISTED = "listed"
    DELISTED = "delisted"
    BLOCKED = "blocked"


class BlockReason(StrEnum):
    """What a listing is blocked for."""

    CERTIFICATE = "certificate"
    """Its certificate is not in force; the listing comes back with it."""
    PAPERS = "papers"
    """A paper that its certificate rests on has lapsed; it comes back with another."""
    SUPPLIER = "supplier"
    """Its supplier was merged or abolished; it never comes back."""


class StorageBand(StrEnum):
    """How goods are kept on their way; what is cooled says between which degrees."""

    AMBIENT = "ambient"
    COOL = "cool"
    CHILLED = "chilled"
    FROZEN = "frozen"


class PayMode(StrEnum):
    """Which comes first; pay-first orders expire unpaid, goods-first orders never."""

    PAY_FIRST = "pay_first"
    GOODS_FIRST = "goods_first"


class Channel(StrEnum):
    """Where else a product is sold, or shown."""

    PLATFORM_832 = "platform_832"
    PROVINCIAL_PLATFORM = "provincial_platform"
    SOCIETY_NETWORK = "society_network"
    SUPPLY_COOPERATIVE = "supply_cooperative"
    ZONE = "zone"
    COUNTER = "counter"
    HALL = "hall"
    BROADCAST = "broadcast"
    LIVE_STREAM = "live_stream"
    ONLINE_SHOP = "online_shop"
    FAIR = "fair"


class Listing(Base):
    """A certified product offered at a price per unit, in steps.

    The certificate's unchanging words (number, category, origin) are copied so that one index
    serves the search. `available_quantity` is for show: the gate stands on the lots.
    `tiers` are `{min_quantity, unit_price_fen}` in rising quantity, quantities as strings.
    `season_months` are those in which it is delivered, none means all; `lead_days` and
    `latest_days` count from the day of the order to that of the delivery. `channels` are
    `{channel, external_id, unit_price_fen, is_open}`. `tags` repeat what it is filtered and
    counted by, `score` is the mean of the goods' marks, in hundredths.
    """

    __tablename__ = "listing"
    __table_args__ = (
        CheckConstraint("step > 0", name="step"),
        CheckConstraint("unit_price_fen > 0", name="price"),
        CheckConstraint("available_quantity >= 0", name="available"),
        CheckConstraint("(status = 'blocked') = (blocked_for IS NOT NULL)", name="blocked_for"),
        CheckConstraint("unit_weight_kg > 0", name="weight"),
        CheckConstraint("season_months <@ ARRAY[1,2,3,4,5,6,7,8,9,10,11,12]", name="season"),
        CheckConstraint("lead_days >= 0 AND latest_days >= lead_days", name="window"),
        CheckConstraint(
            "storage_min_c <= storage_max_c AND (storage_band IN ('ambient', 'cool')"
            " OR num_nulls(storage_min_c, storage_max_c) = 0)",
            name="storage",
        ),
        CheckConstraint(
            "cardinality(pay_modes) > 0 AND pay_modes <@ ARRAY['pay_first','goods_first']",
            name="pay_modes",
        ),
        CheckConstraint(
            "rating_count >= 0 AND goods_sum BETWEEN rating_count AND 5 * rating_count"
            " AND service_sum BETWEEN rating_count AND 5 * rating_count",
            name="ratings",
        ),
        # read far more often than written: no pending list that every search would walk
        Index(
            "ix_listing_grams",
            "grams",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
        Index(
            "ix_listing_price",
            "unit_price_fen",
            "id",
            postgresql_where=text("status = 'listed'"),
        ),
        Index("ix_listing_newest", "created_at", "id", postgresql_where=text("status = 'listed'")),
        Index(
            "ix_listing_category",
            "category_code",
            "created_at",
            "id",
            postgresql_where=text("status = 'listed'"),
        ),
        Index(
            "ix_listing_origin",
            "origin_region_code",
            postgresql_ops={"origin_region_code": "text_pattern_ops"},
            postgresql_where=text("status = 'listed'"),
        ),
        Index(
            "ix_listing_tags",
            "tags",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
            postgresql_where=text("status = 'listed'"),
        ),
        Index("ix_listing_score", "score", "id", postgresql_where=text("status = 'listed'")),
        Index(
            "ix_listing_available",
            "available_quantity",
            "id",
            postgresql_where=text("status = 'listed'"),
        ),
    )

    id: Mapped[ListingId] = mapped_column(Uuid, primary_key=True)
    supplier_id: Mapped[OrganisationId] = mapped_column(
        Uuid, ForeignKey("organisation.id"), index=True
    )
    certificate_id: Mapped[CertificateId] = mapped_column(
        Uuid, ForeignKey("certificate.id"), index=True
    )
    certificate_number: Mapped[str]
    category_code: Mapped[str]
    origin_region_code: Mapped[str]
    origin_kind: Mapped[OriginKind]
    title: Mapped[str]
    description: Mapped[str]
    unit: Mapped[Unit]
    step: Mapped[Decimal]
    unit_price_fen: Mapped[Fen]
    tiers: Mapped[list[Any]]
    status: Mapped[ListingStatus]
    blocked_for: Mapped[BlockReason | None]
    available_quantity: Mapped[Decimal]
    freight_plan_id: Mapped[FreightPlanId | None] = mapped_column(
        Uuid, ForeignKey("freight_plan.id"), index=True
    )
    unit_weight_kg: Mapped[Decimal | None]
    season_months: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default="{}")
    lead_days: Mapped[int] = mapped_column(server_default="0")
    latest_days: Mapped[int | None]
    storage_band: Mapped[StorageBand] = mapped_column(server_default="ambient")
    storage_min_c: Mapped[int | None]
    storage_max_c: Mapped[int | None]
    pay_modes: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default="{pay_first,goods_first}"
    )
    channels: Mapped[list[Any]] = mapped_column(server_default="[]")
    goods_sum: Mapped[int] = mapped_column(server_default="0")
    service_sum: Mapped[int] = mapped_column(server_default="0")
    rating_count: Mapped[int] = mapped_column(server_default="0")
    score: Mapped[int] = mapped_column(
        Computed("goods_sum * 100 / greatest(rating_count, 1)", persisted=True)
    )
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    search_text: Mapped[str]
    grams: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once
