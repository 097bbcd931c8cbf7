"""What a listing looks like."""

from datetime import datetime
from typing import NewType
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from marketplace.catalogue.models.listings import ListingId
from registry.accounts.models import UserId

PictureId = NewType("PictureId", UUID)
MAX_PICTURES = 10


class ListingPicture(Base):
    """A picture of a listing and a small one of it, both drawn anew; the first is its cover."""

    __tablename__ = "listing_picture"
    __table_args__ = (
        UniqueConstraint("listing_id", "sha256", name="uq_listing_picture_listing_sha256"),
        UniqueConstraint("listing_id", "position", name="uq_listing_picture_listing_position"),
        CheckConstraint("position BETWEEN 1 AND 10", name="position"),
    )

    id: Mapped[PictureId] = mapped_column(Uuid, primary_key=True)
    listing_id: Mapped[ListingId] = mapped_column(Uuid, ForeignKey("listing.id"))
    position: Mapped[int]
    media_type: Mapped[str]
    sha256: Mapped[str]
    thumbnail_sha256: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    created_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    created_at: Mapped[datetime]
