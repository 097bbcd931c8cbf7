"""Convert an asset into shares, and let shares move between the pool and their holders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kernel import audit
from kernel.actor import SYSTEM, Actor
from kernel.calendar import shanghai_day, shanghai_year
from kernel.database import db
from kernel.identity import new_id
from kernel.money import Fen
from kernel.numbers import next_number
from registry.accounts.models import UserId
from registry.documents.rules import check_clear_of_identity
from registry.errors.pairings import ShareMoveUnfit
from registry.households.models.households import Household, HouseholdId
from registry.households.models.shares import (
    ShareAsset,
    ShareAssetId,
    ShareHolding,
    ShareMove,
    ShareMoveId,
    ShareMoveKind,
)
from registry.households.queries.households import lock_household
from registry.households.queries.shares import (
    MoveView,
    count_passed_over,
    find_holding,
    lock_asset,
)
from registry.households.rules import shares as rules
from registry.households.rules.households import check_helped
from registry.organisations.models import OrganisationId
from registry.organisations.queries import find_live_organisation
from registry.regions.queries import get_live_region
from registry.regions.rules import check_reach


@dataclass(frozen=True)
class NewShareAsset:
    """An asset of a village that an organisation runs, and into how many shares it is cut."""

    village_code: str
    name: str
    operator_id: OrganisationId
    value_fen: Fen
    shares: int
    floor_bp: int
    source: str


@dataclass(frozen=True)
class NewShareMove:
    """So many shares from a giver to a taker; none is the collective, or the pool by the kind."""

    kind: ShareMoveKind
    shares: int
    reason: str
    giver_id: HouseholdId | None = None
    taker_id: HouseholdId | None = None


def convert_asset(new: NewShareAsset, *, by: Actor, now: datetime) -> ShareAsset:
    """Let an asset of the actor's region stand as shares, all of them in the pool.

    Refuses RegionUnknown, RegionUnfit, NotAllowed, OperatorUnknown, IdentityInText.
    """
    check_clear_of_identity(new.name, pointer="/name")
    check_clear_of_identity(new.source, pointer="/source")
    village = get_live_region(by, new.village_code, on=shanghai_day(now), pointer="/village_code")
    check_reach(village.code, by=by)
    operator = find_live_organisation(SYSTEM, new.operator_id)
    rules.check_asset(village=village, operator=operator)
    asset = ShareAsset(
        id=ShareAssetId(new_id()),
        number=next_number("BF-A", region_code=village.code[:6], year=shanghai_year(now)),
        village_code=village.code,
        name=new.name,
        operator_id=new.operator_id,
        value_fen=new.value_fen,
        shares=new.shares,
        issued=0,
        floor_bp=new.floor_bp,
        source=new.source,
        created_by_id=UserId(by.user_id),
        created_at=now,
    )
    db.session.add(asset)
    db.session.flush()
    audit.write(
        "convert_asset",
        subject=("share_asset", asset.id),
        by=by,
        now=now,
        after={"shares": new.shares, "value_fen": new.value_fen},
    )
    return asset


def move_shares(asset_id: ShareAssetId, new: NewShareMove, *, by: Actor, now: datetime) -> MoveView:
    """Issue shares, hand them on, or take them back, from today on.

    A taker lives in the asset's village and stands on the register: who has left poverty gives
    its shares to who has not. That others came first is told, never refused. Refuses NotFound,
    NotAllowed, ShareMoveUnfit, SharesExhausted, SharesShort, HouseholdNotListed, IdentityInText.
    """
    check_clear_of_identity(new.reason, pointer="/reason")
    asset = lock_asset(by, asset_id)
    check_reach(asset.village_code, by=by)
    rules.check_parties(new.kind, giver_id=new.giver_id, taker_id=new.taker_id)
    giver = None if new.giver_id is None else lock_household(SYSTEM, new.giver_id)
    taker = None if new.taker_id is None else _taker(new.taker_id, asset, new.kind, by=by)
    passed_over = 0 if taker is None else count_passed_over(by, asset, taker)
    _carry_over(asset, new)
    move = ShareMove(
        id=ShareMoveId(new_id()),
        asset_id=asset.id,
        kind=new.kind,
        giver_id=new.giver_id,
        taker_id=new.taker_id,
        shares=new.shares,
        reason=new.reason,
        passed_over=passed_over,
        moved_on=shanghai_day(now),
        by_id=UserId(by.user_id),
        at=now,
    )
    db.session.add(move)
    db.session.flush()
    audit.write(
        "move_shares",
        subject=("share_asset", asset.id),
        by=by,
        now=now,
        after={"kind": new.kind, "shares": new.shares, "move": move.id},
    )
    return MoveView(move, giver.code if giver else None, taker.code if taker else None)


def _taker(
    household_id: HouseholdId, asset: ShareAsset, kind: ShareMoveKind, *, by: Actor
) -> Household:
    taker = lock_household(by, household_id)
    if taker.village_code != asset.village_code:
        raise ShareMoveUnfit(kind=kind, pointer="/taker_id")
    check_helped(taker)
    return taker


def _carry_over(asset: ShareAsset, new: NewShareMove) -> None:
    """Let the shares leave the pool or their holder, and reach the pool or their taker."""
    if new.kind is ShareMoveKind.ISSUE:
        rules.check_left(asset, wanted=new.shares)
        asset.issued += new.shares
    else:
        holding = _holding(asset, new.giver_id)
        rules.check_held(holding.shares, wanted=new.shares)
        holding.shares -= new.shares
    if new.kind is ShareMoveKind.WITHDRAWAL:
        asset.issued -= new.shares
    else:
        _holding(asset, new.taker_id).shares += new.shares


def _holding(asset: ShareAsset, household_id: HouseholdId | None) -> ShareHolding:
    """Give what a holder has of a locked asset: a row of its own from the first time on."""
    holding = find_holding(SYSTEM, asset.id, household_id)
    if holding is None:
        holding = ShareHolding(id=new_id(), asset_id=asset.id, household_id=household_id, shares=0)
        db.session.add(holding)
    return holding
