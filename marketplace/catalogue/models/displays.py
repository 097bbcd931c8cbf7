"""What there is of public-interest display: slots in which goods are shown for nothing."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from marketplace.catalogue.models.listings import ListingId
from registry.accounts.models import UserId
from registry.organisations.models import OrganisationId

SlotId = NewType("SlotId", UUID)
SEATS = 8
"""So many listings are shown at a place at a time: a configured default and no rule of law."""
LONGEST_DAYS = 31
"""How long a listing is shown before somebody else has a turn, likewise."""


class SlotStatus(StrEnum):
    """Where a wish to be shown stands; that a slot's days are over is a question of the date."""

    ASKED = "asked"
    GIVEN = "given"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class DisplaySlot(Base):
    """A listing is shown first at a place for `[since_on, until_on)`, and nobody pays for it.

    `place_code` is a region's page; the nation's is the front page. `seat` is given with the slot:
    no two slots of a place have one seat at a time, and there are so many seats.
    """

    __tablename__ = "display_slot"
    __table_args__ = (
        CheckConstraint("since_on < until_on AND until_on <= since_on + 31", name="period"),
        CheckConstraint(
            "(status <> 'given' OR seat IS NOT NULL) AND seat BETWEEN 1 AND 8", name="seat"
        ),
        CheckConstraint(
            "num_nulls(decided_by, decided_at) IN (0, 2) AND CASE status WHEN 'asked' THEN"
            " decided_at IS NULL ELSE status = 'withdrawn' OR decided_at IS NOT NULL END",
            name="decided",
        ),
        CheckConstraint("decided_by <> asked_by", name="author"),
        CheckConstraint(
            "num_nulls(withdrawal, withdrawn_by, withdrawn_at)"
            " = CASE status WHEN 'withdrawn' THEN 0 ELSE 3 END",
            name="withdrawn",
        ),
        ExcludeConstraint(
            (text("place_code"), "="),
            (text("seat"), "="),
            (text("daterange(since_on, until_on)"), "&&"),
            name="ex_display_slot_seat",
            where=text("status = 'given'"),
        ),
        ExcludeConstraint(
            (text("place_code"), "="),
            (text("listing_id"), "="),
            (text("daterange(since_on, until_on)"), "&&"),
            name="ex_display_slot_listing",
            where=text("status IN ('asked', 'given')"),
        ),
        Index("ix_display_slot_place", "place_code", "id"),
        Index("ix_display_slot_supplier", "supplier_id", "id"),
        Index("ix_display_slot_listing_id", "listing_id"),
    )

    id: Mapped[SlotId] = mapped_column(Uuid, primary_key=True)
    listing_id: Mapped[ListingId] = mapped_column(Uuid, ForeignKey("listing.id"))
    supplier_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    place_code: Mapped[str] = mapped_column(ForeignKey("region.code"))
    since_on: Mapped[date]
    until_on: Mapped[date]
    reason: Mapped[str]
    status: Mapped[SlotStatus]
    seat: Mapped[int | None]
    asked_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    asked_at: Mapped[datetime]
    opinion: Mapped[str | None]
    decided_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    withdrawal: Mapped[str | None]
    withdrawn_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once
