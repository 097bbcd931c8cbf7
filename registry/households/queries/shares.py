"""Which assets stand as shares, who holds them on a day, and who comes first for more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, case, exists, func, select, true, union_all
from sqlalchemy.orm import aliased

from kernel.actor import Actor, Sight
from kernel.database import db
from kernel.paging import Page, page
from kernel.rows import locked, one
from registry.households.models.households import Household, HouseholdId, HouseholdState
from registry.households.models.shares import (
    ShareAsset,
    ShareAssetId,
    ShareHolding,
    ShareMove,
    ShareMoveKind,
)
from registry.households.queries.households import inside
from registry.households.queries.members import HELPED, has_disabled_member
from registry.organisations.models import Organisation
from registry.organisations.queries import visible as visible_organisations

_giver, _taker = aliased(Household), aliased(Household)


@dataclass(frozen=True)
class Holder:
    """What somebody holds of an asset: a household by its code, or the village's collective.

    A household that is no longer on the register is to give its shares back.
    """

    household_id: HouseholdId | None
    household_code: str | None
    household_state: HouseholdState | None
    shares: int


@dataclass(frozen=True)
class MoveView:
    """A move of shares with its households by code."""

    move: ShareMove
    giver_code: str | None
    taker_code: str | None


def visible(actor: Actor) -> ColumnElement[bool]:
    """Say, of `ShareAsset`, that the actor sees it: its place's office, or who runs it."""
    if actor.sight is Sight.ALL:
        return true()
    if actor.sight is Sight.REGION:
        return inside(ShareAsset.village_code, actor.region_prefix)
    return ShareAsset.operator_id.in_(select(Organisation.id).where(visible_organisations(actor)))


def list_assets(
    actor: Actor, *, region_prefix: str, limit: int, cursor: str | None
) -> Page[ShareAsset]:
    """List the assets in the actor's sight that stand as shares, by village."""
    return page(
        select(ShareAsset).where(visible(actor), inside(ShareAsset.village_code, region_prefix)),
        keys=[(ShareAsset.village_code, False), (ShareAsset.id, False)],
        limit=limit,
        cursor=cursor,
        filters={"region": region_prefix},
    )


def get_asset(actor: Actor, asset_id: ShareAssetId) -> ShareAsset:
    """Give an asset in the actor's sight, or NotFound."""
    return one(select(ShareAsset).where(ShareAsset.id == asset_id, visible(actor)))


def lock_asset(actor: Actor, asset_id: ShareAssetId) -> ShareAsset:
    """Give an asset in the actor's sight, locked, or NotFound; its holdings move under it."""
    return locked(select(ShareAsset).where(ShareAsset.id == asset_id, visible(actor)))


def find_holding(
    actor: Actor, asset_id: ShareAssetId, household_id: HouseholdId | None
) -> ShareHolding | None:
    """Find what a holder has of an asset that the caller locked."""
    del actor
    return db.session.scalar(
        select(ShareHolding).where(
            ShareHolding.asset_id == asset_id,
            ShareHolding.household_id.is_not_distinct_from(household_id),
        )
    )


def count_passed_over(actor: Actor, asset: ShareAsset, taker: Household) -> int:
    """Count who of the village comes before a taker for asset income and holds none of it.

    Households with a disabled member come first, then those that nobody of can work.
    """
    del actor  # the asset was found in sight
    rank = case((has_disabled_member(), 1), (Household.able_labour == 0, 2), else_=3)
    own = select(rank).where(Household.id == taker.id).scalar_subquery()
    holds = exists(
        select(ShareHolding.id).where(
            ShareHolding.asset_id == asset.id,
            ShareHolding.household_id == Household.id,
            ShareHolding.shares > 0,
        )
    )
    counted = select(func.count()).where(
        Household.village_code == asset.village_code,
        Household.state.in_(HELPED),
        rank < own,
        ~holds,
    )
    return int(db.session.scalar(counted) or 0)


def list_moves(
    actor: Actor, asset_id: ShareAssetId, *, limit: int, cursor: str | None
) -> Page[MoveView]:
    """List the moves of the shares of an asset in the actor's sight, the newest first."""
    asset = get_asset(actor, asset_id)
    found = page(
        select(ShareMove, _giver.code, _taker.code)
        .outerjoin(_giver, _giver.id == ShareMove.giver_id)
        .outerjoin(_taker, _taker.id == ShareMove.taker_id)
        .where(ShareMove.asset_id == asset.id),
        keys=[(ShareMove.id, True)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"asset": asset.id},
    )
    return Page([MoveView(*row) for row in found.items], found.next_cursor)


def list_holders(
    actor: Actor, asset_id: ShareAssetId, *, on: date, limit: int, cursor: str | None
) -> Page[Holder]:
    """List who held shares of an asset in the actor's sight on a day, households by code."""
    asset = get_asset(actor, asset_id)
    held = _held(asset, on=on).subquery()
    code = func.coalesce(Household.code, "")
    found = page(
        select(held.c.holder_id, Household.code, Household.state, held.c.shares).outerjoin(
            Household, Household.id == held.c.holder_id
        ),
        keys=[(code, False)],
        limit=limit,
        cursor=cursor,
        scalars=False,
        filters={"asset": asset.id, "on": on},
    )
    return Page([Holder(*row) for row in found.items], found.next_cursor)


def list_all_holders(actor: Actor, asset_id: ShareAssetId, *, on: date) -> Sequence[Holder]:
    """List all who held shares of an asset on a day: the collective first, households by code."""
    asset = get_asset(actor, asset_id)
    held = _held(asset, on=on).subquery()
    rows = db.session.execute(
        select(held.c.holder_id, Household.code, Household.state, held.c.shares)
        .outerjoin(Household, Household.id == held.c.holder_id)
        .order_by(func.coalesce(Household.code, ""))
    )
    return [Holder(*row) for row in rows]


def _held(asset: ShareAsset, *, on: date) -> Select[tuple[HouseholdId | None, int]]:
    """Add up the moves of an asset up to a day, by holder; the pool is none."""
    of_it = (ShareMove.asset_id == asset.id, ShareMove.moved_on <= on)
    moved = union_all(
        select(ShareMove.taker_id.label("holder_id"), ShareMove.shares).where(
            *of_it, ShareMove.kind != ShareMoveKind.WITHDRAWAL
        ),
        select(ShareMove.giver_id, -ShareMove.shares).where(
            *of_it, ShareMove.kind != ShareMoveKind.ISSUE
        ),
    ).subquery()
    total = func.sum(moved.c.shares)
    return (
        select(moved.c.holder_id, total.label("shares"))
        .group_by(moved.c.holder_id)
        .having(total > 0)
    )
