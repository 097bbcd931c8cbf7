"""Versions of policies, rules for some units, and waivers."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date

import pytest

from kernel.errors import Invalid
from procurement.errors.policies import (
    NoPolicyInForce,
    PolicyRegionFixed,
    PolicyVersionTaken,
    WaiverLevelLow,
    WaiverNotLower,
)
from procurement.policies.models import (
    Situation,
    Waiver,
    WaiverLevel,
    Withheld,
)
from procurement.policies.rules import resolutions
from procurement.policies.rules.resolutions import (
    Loss,
    Question,
    UnitFacts,
)
from procurement.policies.rules.versions import check_region_kept, check_version_named, check_years
from procurement.policies.rules.waivers import check_level, check_lower
from registry.organisations.models import OrganisationKind
from tests.procurement.policies.rows import NATION, PROVINCE, losses, policy, resolve


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
