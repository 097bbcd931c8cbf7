"""What a cooperative divides at the end of a year: its surplus, or what a common fund earned."""

from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.ledger import TransferId
from kernel.money import Fen
from registry.accounts.models import UserId
from registry.documents.models import DocumentId
from registry.households.models.households import HouseholdId
from registry.households.models.shares import ShareAssetId
from registry.organisations.models import OrganisationId

SurplusRunId = NewType("SurplusRunId", UUID)
SurplusShareId = NewType("SurplusShareId", UUID)


class SurplusKind(StrEnum):
    """By what is divided."""

    VOLUME_RETURN = "volume_return"
    """The cooperative's surplus: at least 60 % by volume traded, the rest by capital."""
    FUND_DIVIDEND = "fund_dividend"
    """What a public fund brings its households: a floor on the fund, and its part of the profit."""


class SurplusStatus(StrEnum):
    """How far a run has come."""

    DRAFT = "draft"
    APPROVED = "approved"
    CANCELLED = "cancelled"


class SurplusRun(Base):
    """One division, as the members resolved it; an approved one is never changed.

    `surplus_fen` is the distributable surplus (after losses and reserves), or the profit that a
    fund shares in; `total_fen` is all that is divided. A volume return has `by_volume_fen`; a
    dividend its assets, `fund_bp` (whole percents of the fund in them), `floor_fen` (`floor_bp`
    of the fund) and `preferred_bp`, the part kept for preferred households. One by shares has its
    `share_asset_id` and the `shares` that were held, each of which brings `total_fen / shares`.
    """

    __tablename__ = "surplus_run"
    __table_args__ = (
        CheckConstraint("approved_by <> created_by", name="apart"),
        CheckConstraint(
            "kind <> 'volume_return' OR by_volume_fen * 10 >= surplus_fen * 6", name="by_volume"
        ),
        CheckConstraint("surplus_fen >= 0 AND total_fen > 0", name="amounts"),
        CheckConstraint("(status = 'approved') = (transfer_id IS NOT NULL)", name="approval"),
        UniqueConstraint("number", name="uq_surplus_run_number"),
        Index(
            "uq_surplus_run_year",
            "cooperative_id",
            "year",
            unique=True,
            postgresql_where=text("kind = 'volume_return' AND status <> 'cancelled'"),
        ),
        Index(
            "uq_surplus_run_share_asset",
            "share_asset_id",
            "year",
            unique=True,
            postgresql_where=text("status <> 'cancelled'"),
        ),
        CheckConstraint("(share_asset_id IS NULL) = (shares IS NULL)", name="shares"),
    )

    id: Mapped[SurplusRunId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    cooperative_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    year: Mapped[int]
    kind: Mapped[SurplusKind]
    status: Mapped[SurplusStatus]
    surplus_fen: Mapped[Fen]
    by_volume_fen: Mapped[Fen]
    own_assets_fen: Mapped[Fen]
    fund_fen: Mapped[Fen]
    fund_bp: Mapped[int]
    floor_bp: Mapped[int]
    floor_fen: Mapped[Fen]
    preferred_bp: Mapped[int]
    total_fen: Mapped[Fen]
    share_asset_id: Mapped[ShareAssetId | None] = mapped_column(Uuid, ForeignKey("share_asset.id"))
    shares: Mapped[int | None]
    source: Mapped[str]
    document_id: Mapped[DocumentId] = mapped_column(Uuid, ForeignKey("document.id"))
    created_by: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    created_at: Mapped[datetime]
    approved_by: Mapped[UserId | None] = mapped_column(Uuid, ForeignKey("app_user.id"))
    approved_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    transfer_id: Mapped[TransferId | None] = mapped_column(Uuid, ForeignKey("ledger_transfer.id"))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class SurplusShare(Base):
    """What of a run belongs to one household; none means the members who are not on the register.

    `first_fen` is its part by volume (or as a preferred household), `second_fen` its part by
    capital (or as one of all households, or by the `shares` it held).
    """

    __tablename__ = "surplus_share"
    __table_args__ = (
        CheckConstraint("amount_fen = first_fen + second_fen", name="amount"),
        CheckConstraint("first_fen >= 0 AND second_fen >= 0 AND amount_fen > 0", name="parts"),
        UniqueConstraint("run_id", "household_id", name="uq_surplus_share_household"),
    )

    id: Mapped[SurplusShareId] = mapped_column(Uuid, primary_key=True)
    run_id: Mapped[SurplusRunId] = mapped_column(Uuid, ForeignKey("surplus_run.id"))
    household_id: Mapped[HouseholdId | None] = mapped_column(
        Uuid, ForeignKey("household.id"), index=True
    )
    volume_fen: Mapped[Fen]
    first_fen: Mapped[Fen]
    second_fen: Mapped[Fen]
    amount_fen: Mapped[Fen]
    shares: Mapped[int | None]
