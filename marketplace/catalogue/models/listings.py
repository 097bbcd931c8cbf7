"""What there is of a listing: a certified product at a price, and how it is found."""

import unicodedata
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from certification.certificates.models.certificates import CertificateId
from kernel.database import Base
from kernel.money import Fen
from kernel.quantity import Unit
from registry.organisations.models import OrganisationId
from registry.regions.models import OriginKind

ListingId = NewType("ListingId", UUID)


MAX_GRAMS = 2000


def plain(words: str) -> str:
    """Bring text into the form in which it is searched: NFKC, case folded, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", words).casefold().split())


def grams_of(words: str) -> list[str]:
    """Give the characters and neighbouring pairs of each word: what the search index holds.

    Chinese writes no spaces, so a pair is the shortest thing that tells words apart; the single
    characters serve searches of one character.
    """
    found = {
        gram
        for word in plain(words).split()
        for gram in (*word, *(word[i : i + 2] for i in range(len(word) - 1)))
    }
    return sorted(found)[:MAX_GRAMS]


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
    SUPPLIER = "supplier"
    """Its supplier was merged or abolished; it never comes back."""


class Listing(Base):
    """A certified product offered at a price per unit, in steps.

    The certificate's unchanging words (number, category, origin) are copied so that one index
    serves the search. `available_quantity` is for show: the gate stands on the lots.
    `tiers` are `{min_quantity, unit_price_fen}` in rising quantity, quantities as strings.
    """

    __tablename__ = "listing"
    __table_args__ = (
        CheckConstraint("step > 0", name="step"),
        CheckConstraint("unit_price_fen > 0", name="price"),
        CheckConstraint("available_quantity >= 0", name="available"),
        CheckConstraint("(status = 'blocked') = (blocked_for IS NOT NULL)", name="blocked_for"),
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
    search_text: Mapped[str]
    grams: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once
