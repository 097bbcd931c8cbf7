"""Dividends by shares: P-7's 79,000 yuan over the holders of an asset, to the fen, once a year."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from kernel import ledger
from kernel.actor import Actor
from kernel.database import db
from kernel.errors import Refusal
from kernel.money import Fen
from marketplace.attribution.commands.dividends import NewShareDividend, draw_up_share_dividend
from marketplace.attribution.commands.surpluses import approve_run
from marketplace.attribution.queries.promises import PROMISES
from marketplace.attribution.queries.surpluses import list_surplus_shares
from registry.accounts.models import Role
from registry.households.commands.shares import (
    NewShareAsset,
    NewShareMove,
    convert_asset,
    move_shares,
)
from registry.households.models.households import HouseholdId
from registry.households.models.shares import ShareAsset, ShareAssetId, ShareMoveKind
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.builders.settlement import NOW, Market, market
from tests.promises import broken

YUAN = 100


@pytest.fixture
def there(db_session: Session) -> Market:
    del db_session
    return market()


def _cadre(there: Market) -> Actor:
    village = there.households[0].village_code
    return registry.person(Role.VILLAGE_CADRE, kind=OrganisationKind.AUTHORITY, region_code=village)


def _convert(there: Market, *, value: Fen, shares: int, by: Actor) -> ShareAsset:
    village = there.households[0].village_code
    new = NewShareAsset(village, "茶叶加工厂", there.cooperative.id, value, shares, 500, "方案")
    return convert_asset(new, by=by, now=NOW)


def _asset(there: Market, *shares: int) -> ShareAssetId:
    """Give an asset whose shares these households hold, and the collective 10 of them."""
    village = there.households[0].village_code
    by = registry.person(Role.VILLAGE_CADRE, kind=OrganisationKind.AUTHORITY, region_code=village)
    new = NewShareAsset(
        village, "茶叶加工厂", there.cooperative.id, Fen(100_000_000), 138, 500, "方案"
    )
    asset = convert_asset(new, by=by, now=NOW)
    takers = [HouseholdId(one.id) for one in there.households]
    for taker, held in zip([None, *takers], [10, *shares], strict=True):
        issue = NewShareMove(ShareMoveKind.ISSUE, held, "四议两公开决议", taker_id=taker)
        move_shares(asset.id, issue, by=by, now=NOW)
    return asset.id


def test_a_dividend_by_shares_adds_up_and_is_divided_once_a_year(there: Market) -> None:
    paper = registry.document(there.cooperative, there.clerk, "resolution")
    asset_id = _asset(there, 100, 20, 8)
    own, profit = Fen(2_420_000 * YUAN), Fen(100_000 * YUAN)
    new = NewShareDividend(asset_id, 2026, profit, own, "分红方案", paper.id)
    run = draw_up_share_dividend(new, by=there.by("clerk"), now=NOW)
    assert (run.total_fen, run.fund_bp, run.floor_fen, run.shares) == (
        7_900_000,
        2_900,
        5_000_000,
        138,
    )
    page = list_surplus_shares(there.by("clerk"), run.id, limit=10, cursor=None)
    parts = {one.household_code: one.share for one in page.items}
    amounts = [parts[one.code].amount_fen for one in there.households]
    assert amounts == [5_724_638, 1_144_927, 457_971]
    assert (parts[None].shares, parts[None].amount_fen) == (10, 572_464)
    assert sum(one.amount_fen for one in parts.values()) == run.total_fen
    with pytest.raises(Exception, match="uq_surplus_run_share_asset"), db.session.begin_nested():
        draw_up_share_dividend(new, by=there.by("clerk"), now=NOW)
    approve_run(run.id, expected_version=None, by=there.by("manager"), now=NOW)
    owed = [ledger.account("household_payable", one.id) for one in there.households]
    assert [ledger.balance(one) for one in owed] == amounts
    assert broken(PROMISES) == []


def test_a_dividend_by_shares_needs_holders_who_are_linked(there: Market) -> None:
    paper = registry.document(there.cooperative, there.clerk, "resolution")
    by = _cadre(there)
    asset = _convert(there, value=Fen(1_000), shares=10, by=by)
    said = NewShareDividend(asset.id, 2026, Fen(1_000), Fen(1_000), "分红方案", paper.id)
    with pytest.raises(Refusal, match="invalid"):
        draw_up_share_dividend(said, by=there.by("clerk"), now=NOW)
    stranger = registry.household(asset.village_code)
    issue = NewShareMove(ShareMoveKind.ISSUE, 1, "决议", taker_id=HouseholdId(stranger.id))
    move_shares(asset.id, issue, by=by, now=NOW)
    with pytest.raises(Refusal, match="household_not_linked"):
        draw_up_share_dividend(said, by=there.by("clerk"), now=NOW)
    asset.operator_id = registry.organisation().id
    with pytest.raises(Refusal, match="not_found"):
        draw_up_share_dividend(said, by=there.by("clerk"), now=NOW)
