"""Assets become shares: issued, handed on, taken back; never more than there are, and in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from kernel.actor import Actor
from kernel.calendar import shanghai_day
from kernel.database import db
from kernel.errors import Refusal
from kernel.money import Fen
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.households.commands import shares
from registry.households.commands.households import write_change
from registry.households.commands.members import NewMember, add_member
from registry.households.commands.shares import (
    NewShareAsset,
    NewShareMove,
    convert_asset,
    move_shares,
)
from registry.households.models.households import Household, HouseholdId, HouseholdState
from registry.households.models.members import Health, Labour, Relation
from registry.households.models.shares import ShareAsset, ShareAssetId, ShareMoveKind
from registry.households.queries.shares import get_asset, list_assets, list_holders, list_moves
from registry.households.rules.members import sex_of
from registry.organisations.models import Organisation, OrganisationId, OrganisationKind
from registry.wiring import INVARIANTS
from tests.builders import registry as build
from tests.conftest import Client
from tests.promises import broken
from tests.racing import race, rival
from tests.registry.conftest import NOW

ISSUE, TRANSFER, WITHDRAWAL = ShareMoveKind
TOMORROW = NOW + timedelta(days=1)
OFFICE = OrganisationKind.AUTHORITY


@dataclass(frozen=True)
class Register:
    """An asset of 100 shares with who may keep its register, and three households of its village.

    The first has a disabled member, nobody of the second can work, the third is like most.
    """

    asset_id: ShareAssetId
    operator_id: OrganisationId
    cadre: Actor
    disabled: HouseholdId
    unable: HouseholdId
    able: HouseholdId

    def move(
        self,
        kind: ShareMoveKind,
        count: int,
        *,
        giver: HouseholdId | None = None,
        taker: HouseholdId | None = None,
        day: int = 0,
    ) -> int:
        """Let shares move; gives how many households were passed over."""
        new = NewShareMove(kind, count, "四议两公开决议", giver, taker)
        now = NOW + timedelta(days=day)
        return move_shares(self.asset_id, new, by=self.cadre, now=now).move.passed_over

    def held(self, on: date) -> dict[str | None, int]:
        """Give what every holder had on a day, by household code."""
        ask = partial(list_holders, self.cadre, self.asset_id, on=on, limit=9)
        return {one.household_code: one.shares for one in ask(cursor=None).items}


def _register() -> Register:
    build.village()
    operator = build.organisation()
    cadre = build.person(Role.COUNTY_REVIEWER, kind=OFFICE)
    first, second, third = (build.household() for _ in range(3))
    second.able_labour = 0
    write_change(second, by=cadre, now=NOW)
    disabled, unable, able = (HouseholdId(one.id) for one in (first, second, third))
    number = build.id_number(build.VILLAGE)
    joined_on = date(2026, 1, 1)
    member = NewMember(
        "何示二", number, Relation.OTHER, sex_of(number), Health.DISABLED, Labour.ABLE, joined_on,
        disability_grade=2,
    )  # fmt: skip
    add_member(disabled, member, by=cadre, now=NOW)
    new = NewShareAsset(build.VILLAGE, "茶叶加工厂", operator.id, Fen(1_000_000), 100, 500, "方案")
    asset = convert_asset(new, by=cadre, now=NOW)
    return Register(asset.id, operator.id, cadre, disabled, unable, able)


@pytest.fixture
def register(db_session: Session) -> Register:
    del db_session
    return _register()


def _asset(register: Register) -> ShareAsset:
    return get_asset(register.cadre, register.asset_id)


def test_shares_go_to_households_with_disabled_members_first_and_others_are_told(
    register: Register,
) -> None:
    assert register.move(ISSUE, 10, taker=register.able) == 2
    assert register.move(ISSUE, 10, taker=register.unable) == 1
    assert register.move(ISSUE, 10, taker=register.disabled) == 0
    assert register.move(ISSUE, 10, taker=register.able) == 0
    assert register.move(ISSUE, 60) == 0
    assert _asset(register).issued == 100
    assert broken(INVARIANTS) == []


def test_shares_move_between_holders_and_back_and_every_day_is_remembered(
    register: Register,
) -> None:
    codes = {one.id: one.code for one in db.session.query(Household)}
    poor, left = codes[register.unable], codes[register.able]
    register.move(ISSUE, 30, taker=register.able)
    register.move(ISSUE, 5)
    register.move(TRANSFER, 20, giver=register.able, taker=register.unable, day=1)
    register.move(WITHDRAWAL, 10, giver=register.able, day=1)
    register.move(TRANSFER, 5, taker=register.disabled, day=2)
    today = shanghai_day(NOW)
    assert register.held(today - timedelta(days=1)) == {}
    assert register.held(today) == {None: 5, left: 30}
    assert register.held(today + timedelta(days=1)) == {None: 5, poor: 20}
    assert register.held(today + timedelta(days=2)) == {poor: 20, codes[register.disabled]: 5}
    assert _asset(register).issued == 25
    page = list_moves(register.cadre, register.asset_id, limit=9, cursor=None)
    assert [(one.move.kind, one.giver_code, one.taker_code) for one in page.items[1:3]] == [
        (WITHDRAWAL, left, None),
        (TRANSFER, left, poor),
    ]
    assert broken(INVARIANTS) == []


@pytest.mark.parametrize(
    ("move", "giver", "taker", "code"),
    [
        ((ISSUE, 101), None, "able", "shares_exhausted"),
        ((ISSUE, 1), "able", None, "share_move_unfit"),
        ((ISSUE, 1), None, "gone", "household_not_listed"),
        ((ISSUE, 1), None, "elsewhere", "share_move_unfit"),
        ((TRANSFER, 1), "able", "able", "share_move_unfit"),
        ((TRANSFER, 1), "able", "unable", "shares_short"),
        ((TRANSFER, 11), "disabled", "able", "shares_short"),
        ((WITHDRAWAL, 1), "able", "unable", "share_move_unfit"),
        ((WITHDRAWAL, 1), None, None, "shares_short"),
    ],
)
def test_a_move_that_cannot_be_changes_nothing(
    register: Register, move: tuple[ShareMoveKind, int], giver: str, taker: str, code: str
) -> None:
    register.move(ISSUE, 10, taker=register.disabled)
    build.village("440203103802", "演示新村")
    gone = build.household()
    gone.state = HouseholdState.EXITED
    known = {
        "gone": HouseholdId(gone.id),
        "elsewhere": HouseholdId(build.household("440203103802").id),
        **{name: getattr(register, name) for name in ("able", "unable", "disabled")},
    }
    with pytest.raises(Refusal, match=code):
        register.move(*move, giver=known.get(giver), taker=known.get(taker))
    assert (_asset(register).issued, len(register.held(shanghai_day(NOW)))) == (10, 1)


def test_an_asset_needs_a_village_of_the_own_region_and_somebody_who_runs_it(
    register: Register,
) -> None:
    unit = build.organisation(OrganisationKind.BUDGET_UNIT)
    far = build.village("360732100201", "演示远村").code
    for village, operator, code in (
        (build.VILLAGE, unit.id, "operator_unknown"),
        (build.LONGGUI, register.operator_id, "region_unfit"),
        (far, register.operator_id, "forbidden"),
        ("440203999999", register.operator_id, "region_unknown"),
    ):
        new = NewShareAsset(village, "冷库", OrganisationId(operator), Fen(1), 1, 0, "方案")
        with pytest.raises(Refusal, match=code):
            convert_asset(new, by=register.cadre, now=NOW)


def test_who_runs_an_asset_sees_its_register_and_strangers_do_not(
    client: Client, register: Register
) -> None:
    register.move(ISSUE, 10, taker=register.able)
    for organisation_id, found in ((register.operator_id, 1), (build.organisation().id, 0)):
        user = build.user(db.session.get_one(Organisation, organisation_id), [Role.COOP_CLERK])
        assets = list_assets(build.actor_of(user), region_prefix="", limit=9, cursor=None)
        assert len(assets.items) == found
        path = f"/api/v1/share-assets/{register.asset_id}"
        for one in ("", "/holders", "/moves"):
            answer = client.get(f"{path}{one}", token=build.token_of(user))
            assert answer.status_code == (200 if found else 404)


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "control: not locked"])
def test_the_last_shares_of_a_pool_are_issued_once(
    fresh: Flask, monkeypatch: pytest.MonkeyPatch, *, locked: bool
) -> None:
    with fresh.app_context():
        register = run(_register)
        acts = [
            partial(register.move, ISSUE, 100, taker=one)
            for one in (register.able, register.unable)
        ]
        if locked:
            assert sorted(race(fresh, acts)) == ["done", "shares_exhausted"]
        else:
            monkeypatch.setattr(shares, "lock_asset", get_asset)
            told = rival(fresh, *acts)
            assert told == "StaleDataError"
        assert run(lambda: sum(register.held(shanghai_day(NOW)).values())) == 100
        assert run(partial(broken, INVARIANTS)) == []
