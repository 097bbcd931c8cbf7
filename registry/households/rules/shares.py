"""Which moves of shares there are, and what each needs."""

from __future__ import annotations

from collections.abc import Mapping

from registry.errors.pairings import OperatorUnknown, ShareMoveUnfit, SharesExhausted, SharesShort
from registry.errors.regions import RegionUnfit
from registry.households.models.households import HouseholdId
from registry.households.models.shares import ShareAsset, ShareMoveKind
from registry.organisations.models import SELLERS, Organisation
from registry.regions.models import Region, RegionLevel

Holdings = Mapping[HouseholdId | None, int]


def check_asset(*, village: Region, operator: Organisation | None) -> None:
    """Refuse a place that is no village, and an operator that produces nothing."""
    if village.level is not RegionLevel.VILLAGE:
        raise RegionUnfit(pointer="/village_code", wanted=RegionLevel.VILLAGE, level=village.level)
    if operator is None or operator.kind not in SELLERS:
        raise OperatorUnknown(pointer="/operator_id")


def check_parties(
    kind: ShareMoveKind, *, giver_id: HouseholdId | None, taker_id: HouseholdId | None
) -> None:
    """Refuse an issue with a giver, a withdrawal with a taker, a transfer to the giver itself."""
    wrong = {
        ShareMoveKind.ISSUE: giver_id is not None,
        ShareMoveKind.WITHDRAWAL: taker_id is not None,
        ShareMoveKind.TRANSFER: giver_id == taker_id,
    }
    if wrong[kind]:
        raise ShareMoveUnfit(kind=kind, pointer="/kind")


def check_left(asset: ShareAsset, *, wanted: int) -> None:
    """Refuse to issue more than waits in the pool (`ck_share_asset_issued`)."""
    if wanted > (free := asset.shares - asset.issued):
        raise SharesExhausted(free=free, wanted=wanted)


def check_held(held: int, *, wanted: int) -> None:
    """Refuse to take more from a holder than it has (`ck_share_holding_shares`)."""
    if wanted > held:
        raise SharesShort(held=held, wanted=wanted)
