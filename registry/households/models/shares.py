"""Assets converted into shares (折股量化), who holds them, and every move of them."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base
from kernel.money import Fen
from registry.accounts.models import UserId
from registry.households.models.households import HouseholdId
from registry.organisations.models import OrganisationId
from registry.regions.models import Region

ShareAssetId = NewType("ShareAssetId", UUID)
ShareMoveId = NewType("ShareMoveId", UUID)


class ShareMoveKind(StrEnum):
    """How shares move: out of the pool, from one holder to another, back into the pool."""

    ISSUE = "issue"
    TRANSFER = "transfer"
    WITHDRAWAL = "withdrawal"


class ShareAsset(Base):
    """An asset of a village, run by an organisation, whose value stands as so many equal shares.

    `issued` of the `shares` are held by somebody, the rest waits in the pool. `floor_bp` is the
    dividend a year that the operator promised on the value, whatever the profit.
    """

    __tablename__ = "share_asset"
    __table_args__ = (
        CheckConstraint("value_fen > 0", name="value_fen"),
        CheckConstraint("shares > 0", name="shares"),
        CheckConstraint("issued BETWEEN 0 AND shares", name="issued"),
        CheckConstraint("floor_bp BETWEEN 0 AND 10000", name="floor_bp"),
        UniqueConstraint("number", name="uq_share_asset_number"),
        Index("ix_share_asset_place", "village_code", "id"),
        Index("ix_share_asset_operator_id", "operator_id"),
    )

    id: Mapped[ShareAssetId] = mapped_column(Uuid, primary_key=True)
    number: Mapped[str]
    village_code: Mapped[str] = mapped_column(ForeignKey(Region.code))
    name: Mapped[str]
    operator_id: Mapped[OrganisationId] = mapped_column(Uuid, ForeignKey("organisation.id"))
    value_fen: Mapped[Fen]
    shares: Mapped[int]
    issued: Mapped[int]
    floor_bp: Mapped[int]
    source: Mapped[str]
    created_by_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it once


class ShareHolding(Base):
    """How many shares of an asset a household holds; none is the village's collective."""

    __tablename__ = "share_holding"
    __table_args__ = (
        CheckConstraint("shares >= 0", name="shares"),
        UniqueConstraint(
            "asset_id",
            "household_id",
            name="uq_share_holding_holder",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_share_holding_household_id", "household_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    asset_id: Mapped[ShareAssetId] = mapped_column(Uuid, ForeignKey("share_asset.id"))
    household_id: Mapped[HouseholdId | None] = mapped_column(Uuid, ForeignKey("household.id"))
    shares: Mapped[int]


class ShareMove(Base):
    """One move of shares, never changed; a holder that is no household is the collective.

    An issue comes from the pool, a withdrawal goes back to it.
    """

    __tablename__ = "share_move"
    __table_args__ = (
        CheckConstraint("shares > 0", name="shares"),
        CheckConstraint("kind <> 'issue' OR giver_id IS NULL", name="giver"),
        CheckConstraint("kind <> 'withdrawal' OR taker_id IS NULL", name="taker"),
        CheckConstraint("kind <> 'transfer' OR giver_id IS DISTINCT FROM taker_id", name="parties"),
        Index("ix_share_move_asset_id", "asset_id", "id"),
    )

    id: Mapped[ShareMoveId] = mapped_column(Uuid, primary_key=True)
    asset_id: Mapped[ShareAssetId] = mapped_column(Uuid, ForeignKey("share_asset.id"))
    kind: Mapped[ShareMoveKind]
    giver_id: Mapped[HouseholdId | None] = mapped_column(Uuid, ForeignKey("household.id"))
    taker_id: Mapped[HouseholdId | None] = mapped_column(Uuid, ForeignKey("household.id"))
    shares: Mapped[int]
    reason: Mapped[str]
    passed_over: Mapped[int]
    """Households that come before the taker in the order of asset income and hold none."""
    moved_on: Mapped[date]
    by_id: Mapped[UserId] = mapped_column(Uuid, ForeignKey("app_user.id"))
    at: Mapped[datetime]
