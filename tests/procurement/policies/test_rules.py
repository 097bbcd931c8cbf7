"""Which policy holds, why, and what it lets count."""

from __future__ import annotations

from datetime import date

import pytest

from kernel.money import Fen
from procurement.policies.models import (
    Denominator,
    OrderKind,
    Purchase,
    SharePolicy,
    Situation,
)
from procurement.policies.rules.floors import NotCounted, floor_of, promise_of, why_not_counted
from procurement.policies.rules.resolutions import (
    reach_of,
)
from registry.regions.models import OriginKind
from tests.procurement.policies.rows import NATION, PROVINCE, policy, resolve


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
    assert "neither 0% nor 100%" in found.why.en


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
    reason = why_not_counted(
        NATION, origin_kind=origin_kind, order_kind=order_kind, purchase=Purchase.CANTEEN
    )
    if origin_kind is not OriginKind.NATIONAL_832:
        assert reason is NotCounted.ORIGIN_KIND
    elif order_kind is not OrderKind.RESERVED_SHARE:
        assert reason is NotCounted.ORDER_KIND
    else:
        assert reason is None


def test_a_purchase_instead_of_donation_counts_where_the_policy_says_so() -> None:
    kind = OrderKind.PURCHASE_INSTEAD_OF_DONATION
    generous = policy("p", counting_order_kinds=[kind])
    reason = why_not_counted(
        generous,
        origin_kind=OriginKind.NATIONAL_832,
        order_kind=kind,
        purchase=Purchase.CANTEEN,
    )
    assert reason is None


@pytest.mark.parametrize("purchase", Purchase)
def test_only_those_purchases_count_that_the_policy_names(purchase: Purchase) -> None:
    strict = policy("p", counting_purchases=[Purchase.CANTEEN, Purchase.CONTRACTOR])
    reason = why_not_counted(
        strict,
        origin_kind=OriginKind.NATIONAL_832,
        order_kind=OrderKind.RESERVED_SHARE,
        purchase=purchase,
    )
    named = purchase in {Purchase.CANTEEN, Purchase.CONTRACTOR}
    assert reason is (None if named else NotCounted.PURCHASE)


def test_nothing_counts_where_no_policy_is_in_force() -> None:
    reason = why_not_counted(
        None,
        origin_kind=OriginKind.NATIONAL_832,
        order_kind=OrderKind.RESERVED_SHARE,
        purchase=Purchase.CANTEEN,
    )
    assert reason is NotCounted.NO_POLICY
