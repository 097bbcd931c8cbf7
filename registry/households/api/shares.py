"""Doors to the register of shares."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kernel import clock
from kernel.calendar import shanghai_day
from kernel.http import Blueprint, current_actor, endpoint
from kernel.paging import Page, page_schema
from registry.accounts.models import REVIEWERS, Role
from registry.households.commands import shares as commands
from registry.households.commands.shares import NewShareAsset, NewShareMove
from registry.households.models.shares import ShareAsset, ShareAssetId
from registry.households.queries import shares as queries
from registry.households.queries.shares import Holder, MoveView
from registry.households.schemas.members import RegionPageQuery
from registry.households.schemas.shares import (
    HolderOut,
    HoldersQuery,
    ShareAssetIn,
    ShareAssetOut,
    ShareMoveIn,
    ShareMoveOut,
    ShareMovesQuery,
)
from registry.regions.rules import subtree_prefix

KEEPS_SHARES = frozenset({Role.VILLAGE_CADRE, Role.COUNTY_REVIEWER})
READS_SHARES = REVIEWERS | {
    Role.VILLAGE_CADRE,
    Role.MONITOR,
    Role.AUDITOR,
    Role.COOP_CLERK,
    Role.COOP_MANAGER,
}
ASSET = "/share-assets/<uuid:share_asset_id>"

share_assets = Blueprint("share_assets", __name__, url_prefix="/api/v1")


@share_assets.post("/share-assets")
@endpoint(
    share_assets, allow=KEEPS_SHARES, accepts=ShareAssetIn(), returns=ShareAssetOut(), status=201
)
def convert(body: NewShareAsset) -> ShareAsset:
    """Let an asset of the own region stand as shares."""
    return commands.convert_asset(body, by=current_actor(), now=clock.now())


@share_assets.get("/share-assets")
@endpoint(
    share_assets,
    allow=READS_SHARES,
    accepts=RegionPageQuery(),
    location="query",
    returns=page_schema(ShareAssetOut),
)
def list_assets(query: dict[str, Any]) -> Page[ShareAsset]:
    """List the assets in sight that stand as shares, by village."""
    prefix = subtree_prefix(query.pop("region"))
    return queries.list_assets(current_actor(), region_prefix=prefix, **query)


@share_assets.get(ASSET)
@endpoint(share_assets, allow=READS_SHARES, returns=ShareAssetOut())
def get(share_asset_id: UUID) -> ShareAsset:
    """Get an asset with how many of its shares are held."""
    return queries.get_asset(current_actor(), ShareAssetId(share_asset_id))


@share_assets.post(f"{ASSET}/moves")
@endpoint(
    share_assets,
    allow=KEEPS_SHARES,
    accepts=ShareMoveIn(),
    returns=ShareMoveOut(),
    status=201,
    idempotent=True,
)
def move(body: NewShareMove, share_asset_id: UUID) -> MoveView:
    """Issue shares, hand them on, or take them back."""
    asset_id = ShareAssetId(share_asset_id)
    return commands.move_shares(asset_id, body, by=current_actor(), now=clock.now())


@share_assets.get(f"{ASSET}/moves")
@endpoint(
    share_assets,
    allow=READS_SHARES,
    accepts=ShareMovesQuery(),
    location="query",
    returns=page_schema(ShareMoveOut),
)
def list_moves(query: dict[str, Any], share_asset_id: UUID) -> Page[MoveView]:
    """List every move of an asset's shares, the newest first."""
    return queries.list_moves(current_actor(), ShareAssetId(share_asset_id), **query)


@share_assets.get(f"{ASSET}/holders")
@endpoint(
    share_assets,
    allow=READS_SHARES,
    accepts=HoldersQuery(),
    location="query",
    returns=page_schema(HolderOut),
)
def list_holders(query: dict[str, Any], share_asset_id: UUID) -> Page[Holder]:
    """List who held shares of an asset on a day, the collective first, households by code."""
    on = query.pop("on") or shanghai_day(clock.now())
    return queries.list_holders(current_actor(), ShareAssetId(share_asset_id), on=on, **query)
