"""Draw up a dividend: of a public fund over its households, of an asset over its shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.errors import Invalid, NotFound
from kernel.money import Fen
from marketplace.attribution.commands.surpluses import Resolution, own_cooperative, write_run
from marketplace.attribution.models.surpluses import SurplusKind, SurplusRun
from marketplace.attribution.rules import surpluses as rules
from marketplace.attribution.rules.surpluses import Fund
from marketplace.errors.lots import HouseholdNotLinked
from registry.documents.models import DocumentId
from registry.households.models.households import HouseholdId
from registry.households.models.shares import ShareAssetId
from registry.households.queries.links import list_linked_households
from registry.households.queries.shares import list_all_holders, lock_asset
from registry.organisations.models import OrganisationId


@dataclass(frozen=True)
class NewFundDividend:
    """The profit of an undertaking that a public fund has a part in, and whose the fund is."""

    year: int
    profit_fen: Fen
    own_assets_fen: Fen
    fund_fen: Fen
    floor_bp: int
    source: str
    document_id: DocumentId
    household_ids: Sequence[HouseholdId]
    preferred_ids: Sequence[HouseholdId] = field(default=())
    preferred_bp: int = 0


@dataclass(frozen=True)
class NewShareDividend:
    """The profit of an undertaking in which an asset works that stands as shares."""

    share_asset_id: ShareAssetId
    year: int
    profit_fen: Fen
    own_assets_fen: Fen
    source: str
    document_id: DocumentId


def draw_up_dividend(new: NewFundDividend, *, by: Actor, now: datetime) -> SurplusRun:
    """Divide what a fund brings over its households, each linked to the cooperative.

    Refuses HouseholdNotLinked, Invalid (names, nothing to divide), NotFound (paper).
    """
    cooperative_id = own_cooperative(by, new.year, now=now)
    rules.check_preferred(new.household_ids, new.preferred_ids)
    stranger = _find_stranger(new.household_ids, cooperative_id, by=by, now=now)
    if stranger is not None:
        raise HouseholdNotLinked(pointer=f"/household_ids/{new.household_ids.index(stranger)}")
    fund = Fund(new.own_assets_fen, new.fund_fen, new.floor_bp)
    figures = _figures(fund, profit=new.profit_fen)
    figures["preferred_bp"] = new.preferred_bp if new.preferred_ids else 0
    parts = rules.divide_fund(
        _total(fund, profit=new.profit_fen),
        households=new.household_ids,
        preferred=new.preferred_ids,
        preferred_bp=new.preferred_bp,
    )
    resolution = Resolution(new.year, new.source, new.document_id)
    return write_run(SurplusKind.FUND_DIVIDEND, resolution, figures, parts=parts, by=by, now=now)


def draw_up_share_dividend(new: NewShareDividend, *, by: Actor, now: datetime) -> SurplusRun:
    """Divide what an asset brings over those who hold its shares today, each by its shares.

    Its value is the fund, with the floor that was promised on it; households are linked to the
    cooperative that runs it. Refuses NotFound (asset, paper), HouseholdNotLinked, SurplusDivided,
    Invalid (nobody holds shares, nothing to divide).
    """
    cooperative_id = own_cooperative(by, new.year, now=now)
    asset = lock_asset(by, new.share_asset_id)
    if asset.operator_id != cooperative_id:
        raise NotFound
    holders = list_all_holders(by, asset.id, on=shanghai_day(now))
    if not holders:
        reason = "尚无持股人 / nobody holds shares of it"
        raise Invalid(reason=reason, pointer="/share_asset_id")
    households = [one.household_id for one in holders if one.household_id is not None]
    if _find_stranger(households, cooperative_id, by=by, now=now) is not None:
        raise HouseholdNotLinked(pointer="/share_asset_id")
    fund = Fund(new.own_assets_fen, asset.value_fen, asset.floor_bp)
    figures = _figures(fund, profit=new.profit_fen)
    figures |= {"share_asset_id": asset.id, "shares": asset.issued}
    parts = rules.divide_by_shares(
        _total(fund, profit=new.profit_fen),
        holdings=[(one.household_id, one.shares) for one in holders],
    )
    resolution = Resolution(new.year, new.source, new.document_id)
    return write_run(SurplusKind.FUND_DIVIDEND, resolution, figures, parts=parts, by=by, now=now)


def _total(fund: Fund, *, profit: Fen) -> Fen:
    total = rules.fund_total(profit, fund)
    if total <= 0:
        raise Invalid(reason="没有可分配的金额 / there is nothing to divide", pointer="/profit_fen")
    return total


def _figures(fund: Fund, *, profit: Fen) -> dict[str, Any]:
    return {
        "surplus_fen": profit,
        "own_assets_fen": fund.own_assets_fen,
        "fund_fen": fund.fund_fen,
        "fund_bp": fund.fund_bp,
        "floor_bp": fund.floor_bp,
        "floor_fen": fund.floor_fen,
    }


def _find_stranger(
    household_ids: Sequence[HouseholdId],
    cooperative_id: OrganisationId,
    *,
    by: Actor,
    now: datetime,
) -> HouseholdId | None:
    """Find the first of the households that is not linked to the cooperative today."""
    linked = list_linked_households(
        by,
        organisation_id=cooperative_id,
        household_ids=household_ids,
        on=shanghai_day(now),
    )
    known = {one.id for one in linked}
    return next((one for one in household_ids if one not in known), None)
