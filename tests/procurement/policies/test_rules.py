"""Which policy holds, why, and what it lets count."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from typing import Any

import pytest

from kernel.errors import Invalid
from kernel.identity import new_id
from kernel.money import Fen
from procurement.errors.policies import (
    NoPolicyInForce,
    PolicyRegionFixed,
    PolicyVersionTaken,
    WaiverLevelLow,
    WaiverNotLower,
)
from procurement.policies.models import (
    Denominator,
    OrderKind,
    PolicyId,
    SharePolicy,
    Situation,
    Waiver,
    WaiverLevel,
    Withheld,
)
from procurement.policies.rules import resolutions
from procurement.policies.rules.floors import NotCounted, floor_of, promise_of, why_not_counted
from procurement.policies.rules.resolutions import (
    Loss,
    Question,
    Resolution,
    UnitFacts,
    reach_of,
)
from procurement.policies.rules.versions import check_region_kept, check_version_named, check_years
from procurement.policies.rules.waivers import check_level, check_lower
from registry.organisations.models import OrganisationKind
from registry.regions.models import OriginKind

ALL = [one.value for one in Situation]


def resolve(
    policies: list[SharePolicy],
    *,
    region_code: str,
    year: int,
    situation: Situation | None,
    **facts: Any,
) -> Resolution:
    return resolutions.resolve(
        policies, region_code=region_code, year=year, facts=UnitFacts(situation, **facts)
    )


def policy(code: str, region_code: str = "000000", **fields: Any) -> SharePolicy:
    values: dict[str, Any] = {
        "version": 1,
        "buyer_kinds": [],
        "year_from": 2021,
        "year_until": None,
        "carried_from": None,
        "situations": ALL,
        "denominator": Denominator.CANTEEN_FOOD_TOTAL,
        "floor_bp": 1000,
        "counting_origin_kinds": [OriginKind.NATIONAL_832],
        "counting_order_kinds": [OrderKind.RESERVED_SHARE],
        "filing_deadlines": {},
        "source": "test",
        "note_zh": "",
        "note_en": "",
    }
    return SharePolicy(
        id=PolicyId(new_id()), code=code, region_code=region_code, **(values | fields)
    )


NATION = policy("nation")
PROVINCE = policy("province", "440000", year_from=2022, year_until=2024, floor_bp=3000)


def holding(year: int, *, policies: list[SharePolicy], region: str = "440203") -> str | None:
    found = resolve(policies, region_code=region, year=year, situation=Situation.OWN)
    return found.policy.code if found.policy else None


@pytest.mark.parametrize(
    ("year", "code"),
    [
        (2020, None),
        (2021, "nation"),
        (2022, "province"),
        (2023, "province"),
        (2024, "nation"),
        (2099, "nation"),
    ],
)
def test_the_nearest_policy_in_force_holds(year: int, code: str | None) -> None:
    assert holding(year, policies=[NATION, PROVINCE]) == code
    assert holding(year, policies=[PROVINCE, NATION]) == code


def test_another_place_is_not_in_the_running() -> None:
    found = resolve([NATION, PROVINCE], region_code="360732", year=2022, situation=None)
    assert found.policy is NATION
    assert found.losing == ()


def test_a_town_and_a_village_are_inside_their_province() -> None:
    for region in ("440000", "440200", "440203", "440203103", "440203103801"):
        assert holding(2022, policies=[NATION, PROVINCE], region=region) == "province"
    assert holding(2022, policies=[NATION, PROVINCE], region="000000") == "nation"
    assert reach_of("440203103")[0] == "440203103"
    assert reach_of("000000") == ("000000",)


def test_a_newer_row_of_the_same_place_replaces_an_open_one() -> None:
    newer = policy("nation-2026", year_from=2026, floor_bp=1500)
    assert holding(2025, policies=[NATION, newer]) == "nation"
    found = resolve([NATION, newer], region_code="440203", year=2026, situation=None)
    assert found.policy is newer
    assert [(one.policy.code, one.why.en) for one in found.losing] == [
        ("nation", "replaced from 2026 on")
    ]


def test_losing_candidates_say_why() -> None:
    county = policy("county", "440203", situations=[Situation.NONE])
    later = policy("later", "440200", year_from=2030)
    found = resolve(
        [NATION, PROVINCE, county, later], region_code="440203", year=2024, situation=Situation.OWN
    )
    assert found.policy is NATION
    assert {one.policy.code: one.why.zh for one in found.losing} == {
        "province": "适用至 2023 年",
        "county": "不适用于单位情形 own",
        "later": "自 2030 年起适用",
    }
    near = resolve([NATION, PROVINCE], region_code="440203", year=2022, situation=Situation.OWN)
    assert [one.why.en for one in near.losing] == ["outdone by the nearer policy of 440000"]


def test_without_a_situation_any_policy_is_in_the_running() -> None:
    county = policy("county", "440203", situations=[Situation.NONE])
    found = resolve([NATION, county], region_code="440203", year=2024, situation=None)
    assert found.policy is county


def test_no_policy_in_force_is_neither_zero_nor_all() -> None:
    found = resolve([NATION], region_code="440203", year=2020, situation=None)
    assert not found.in_force
    assert (found.policy, found.carried, found.deadline_on) == (None, False, None)
    assert found.why.zh == "没有覆盖 440203 地区 2020 年的政策；这不等于 0% 或 100%。"
    assert "neither 0 % nor 100 %" in found.why.en


@pytest.mark.parametrize(("year", "carried"), [(2025, False), (2026, True), (2027, True)])
def test_a_year_that_the_document_does_not_name_is_carried_on_openly(
    year: int, *, carried: bool
) -> None:
    found = resolve(
        [policy("p", carried_from=2026)], region_code="440203", year=year, situation=None
    )
    assert found.carried is carried
    assert ("沿用" in found.why.zh) is carried
    assert ("carried on" in found.why.en) is carried


def test_the_filing_day_comes_from_the_nearest_policy_that_names_one() -> None:
    nation = policy("nation", filing_deadlines={"2022": "2022-03-31", "2023": "2023-03-24"})
    province = policy("province", "440000", filing_deadlines={"2022": "2022-02-28"})
    days = {
        year: resolve(
            [nation, province], region_code="440203", year=year, situation=None
        ).deadline_on
        for year in (2022, 2023, 2024)
    }
    assert days == {2022: date(2022, 2, 28), 2023: date(2023, 3, 24), 2024: None}


@pytest.mark.parametrize(
    ("denominator", "floor", "promise"),
    [
        (Denominator.CANTEEN_FOOD_TOTAL, 100, 7),
        (Denominator.FARM_PRODUCE_TOTAL, 30, 7),
        (Denominator.UNION_TOTAL, 20, 5),
        (Denominator.CANTEEN_AND_UNION_TOTAL, 120, 12),
    ],
)
def test_floor_and_promise_look_at_the_same_funds(
    denominator: Denominator, floor: int, promise: int
) -> None:
    rule = policy("p", denominator=denominator)
    totals = {"canteen_total": Fen(1000), "union_total": Fen(200), "farm_total": Fen(300)}
    assert floor_of(rule, **totals) == floor
    assert floor_of(rule, **totals, floor_bp=500) == floor // 2
    assert promise_of(rule, canteen_reserved=Fen(7), union_reserved=Fen(5)) == promise


@pytest.mark.parametrize(("total", "floor"), [(104, 10), (105, 11), (0, 0)])
def test_half_a_fen_of_the_floor_goes_up(total: int, floor: int) -> None:
    assert floor_of(NATION, canteen_total=Fen(total), union_total=Fen(0)) == floor


@pytest.mark.parametrize("order_kind", OrderKind)
@pytest.mark.parametrize("origin_kind", OriginKind)
def test_only_what_the_policy_names_counts(origin_kind: OriginKind, order_kind: OrderKind) -> None:
    reason = why_not_counted(NATION, origin_kind=origin_kind, order_kind=order_kind)
    if origin_kind is not OriginKind.NATIONAL_832:
        assert reason is NotCounted.ORIGIN_KIND
    elif order_kind is not OrderKind.RESERVED_SHARE:
        assert reason is NotCounted.ORDER_KIND
    else:
        assert reason is None


def test_a_purchase_instead_of_donation_counts_where_the_policy_says_so() -> None:
    kind = OrderKind.PURCHASE_INSTEAD_OF_DONATION
    generous = policy("p", counting_order_kinds=[kind])
    assert why_not_counted(generous, origin_kind=OriginKind.NATIONAL_832, order_kind=kind) is None


def test_nothing_counts_where_no_policy_is_in_force() -> None:
    reason = why_not_counted(
        None, origin_kind=OriginKind.NATIONAL_832, order_kind=OrderKind.RESERVED_SHARE
    )
    assert reason is NotCounted.NO_POLICY


def losses(found: Resolution) -> dict[str, Loss]:
    return {f"{one.policy.code}/{one.policy.version}": one.reason for one in found.losing}


def test_a_version_takes_the_place_of_the_former_in_the_years_it_names() -> None:
    second = policy("nation", version=2, year_from=2025, year_until=2026, floor_bp=1200)
    third = policy("nation", version=3, year_from=2026, floor_bp=1500)
    versions = [NATION, second, third]
    found = {
        year: resolve(versions, region_code="440203", year=year, situation=None)
        for year in (2024, 2025, 2026)
    }
    assert {year: one.policy and one.policy.version for year, one in found.items()} == {
        2024: 1,
        2025: 2,
        2026: 3,
    }
    assert losses(found[2025]) == {"nation/1": Loss.SUPERSEDED, "nation/3": Loss.YEAR_BEFORE}
    assert losses(found[2026]) == {"nation/1": Loss.SUPERSEDED, "nation/2": Loss.YEAR_AFTER}


def test_a_version_for_others_does_not_bring_the_former_back() -> None:
    second = policy("nation", version=2, situations=[Situation.NONE])
    found = resolve([NATION, second], region_code="440203", year=2024, situation=Situation.OWN)
    assert not found.in_force
    assert losses(found) == {"nation/1": Loss.SUPERSEDED, "nation/2": Loss.SITUATION}


def test_a_rule_for_some_units_holds_only_where_they_say_so() -> None:
    central = policy("central", central=True)
    subsidised = policy("subsidised", subsidised=True)
    local = policy("local", central=False)
    everything = [NATION, central, subsidised]
    plain = resolve(everything, region_code="440203", year=2024, situation=None)
    assert (plain.policy, losses(plain)) == (
        NATION,
        {"central/1": Loss.CONDITION, "subsidised/1": Loss.CONDITION},
    )
    asked = resolve(everything, region_code="440203", year=2024, situation=None, subsidised=True)
    assert asked.policy is subsidised
    assert losses(asked)["nation/1"] is Loss.GENERAL
    other = resolve([NATION, local], region_code="440203", year=2024, situation=None, central=True)
    assert other.policy is NATION


def test_a_rule_for_kinds_of_units_asks_for_the_kind() -> None:
    kind = OrganisationKind.BUDGET_UNIT
    county = policy("county", "440203", buyer_kinds=[kind])
    both = [NATION, county]
    assert resolve(both, region_code="440203", year=2024, situation=None).policy is county
    for asked, held in ((kind, county), (OrganisationKind.TRADE_UNION, NATION)):
        found = resolve(both, region_code="440203", year=2024, situation=None, kind=asked)
        assert found.policy is held


@pytest.mark.parametrize("withheld", Withheld)
def test_a_row_that_does_not_say_where_or_when_never_holds(withheld: Withheld) -> None:
    found = resolve(
        [policy("p", withheld=withheld)], region_code="440203", year=2024, situation=None
    )
    assert losses(found) == {"p/1": Loss.WITHHELD}
    assert "adopts it" in found.losing[0].why.en


def test_a_waiver_lowers_what_is_owed() -> None:
    found = resolutions.resolve(
        [NATION],
        region_code="440203",
        year=2024,
        facts=UnitFacts(),
        waiver=Waiver(floor_bp=400),
    )
    assert (found.owed_bp, found.policy and found.policy.floor_bp) == (400, 1000)
    none = resolutions.resolve([], region_code="440203", year=2024, facts=UnitFacts())
    assert none.owed_bp is None


@pytest.mark.parametrize(
    ("floor_bp", "level", "fits"),
    [
        (900, WaiverLevel.MOF_TREASURY, True),
        (900, WaiverLevel.PROVINCE_FINANCE, False),
        (1000, WaiverLevel.PROVINCE_FINANCE, True),
        (1000, WaiverLevel.CITY_FINANCE, False),
    ],
)
def test_the_lower_the_share_the_higher_its_approval(
    floor_bp: int, level: WaiverLevel, *, fits: bool
) -> None:
    with nullcontext() if fits else pytest.raises(WaiverLevelLow):
        check_level(level, floor_bp=floor_bp, policy=PROVINCE, nation=NATION)


def test_a_waiver_lowers_something() -> None:
    with pytest.raises(WaiverNotLower):
        check_lower(1000, policy=NATION, region_code="440203", year=2024)
    with pytest.raises(NoPolicyInForce):
        check_lower(1000, policy=None, region_code="440203", year=2020)
    check_lower(999, policy=NATION, region_code="440203", year=2024)


def test_versions_name_the_newest_and_keep_their_region() -> None:
    check_version_named(None, former=None)
    check_version_named(1, former=NATION)
    for named, former in ((None, NATION), (2, NATION), (1, None)):
        with pytest.raises(PolicyVersionTaken):
            check_version_named(named, former=former)
    check_region_kept("000000", former=NATION)
    with pytest.raises(PolicyRegionFixed):
        check_region_kept("440000", former=NATION)
    check_years(year_from=2024, year_until=2025)
    with pytest.raises(Invalid):
        check_years(year_from=2024, year_until=2024)


def test_a_question_finds_its_year_and_day() -> None:
    today = date(2026, 3, 2)
    assert Question(year=2025).day(today=today) == (2025, date(2025, 12, 31))
    assert Question(year=2026).day(today=today) == (2026, today)
    assert Question(on=date(2024, 5, 1)).day(today=today) == (2024, date(2024, 5, 1))
    assert Question().day(today=today) == (2026, today)
