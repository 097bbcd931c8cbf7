"""What region codes say, and where places may be added."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from kernel.actor import ANYONE, SYSTEM, Actor, Sight
from kernel.errors import NotAllowed
from registry.errors.regions import RegionUnfit
from registry.regions.commands.regions import DATA
from registry.regions.models import Region, RegionLevel
from registry.regions.rules import (
    ancestor_codes,
    check_new_village,
    check_reach,
    level_of,
    subtree_prefix,
)

TOWN = Region(code="440203103", name="龙归镇", level=RegionLevel.TOWN)
COUNTY_OFFICE = Actor(
    user_id=SYSTEM.user_id, sight=Sight.REGION, region_code="440203", region_prefix="440203"
)


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("000000", ""),
        ("440000", "44"),
        ("440200", "4402"),
        ("440203", "440203"),
        ("441900", "4419"),
        ("440203103", "440203103"),
        ("440203103201", "440203103201"),
        ("440203103200", "440203103200"),
        ("440203103000", "440203103"),
        ("440203000000", "440203"),
        ("440200000000", "4402"),
        ("500101", "500101"),
    ],
)
def test_a_subtree_begins_with_the_digits_before_its_empty_groups(code: str, prefix: str) -> None:
    assert subtree_prefix(code) == prefix


def test_ancestors_are_named_from_the_place_itself_up_to_the_province() -> None:
    assert ancestor_codes("440203103201") == (
        "440203103201",
        "440203103",
        "440203",
        "440200",
        "440000",
    )
    assert ancestor_codes("441900129") == ("441900129", "441900", "440000")
    assert ancestor_codes("440000") == ("440000",)
    assert ancestor_codes("000000") == ("000000",)


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("000000", RegionLevel.NATION),
        ("440000", RegionLevel.PROVINCE),
        ("440200", RegionLevel.CITY),
        ("440203", RegionLevel.COUNTY),
        ("440203103", RegionLevel.TOWN),
        ("440203103201", RegionLevel.VILLAGE),
    ],
)
def test_the_level_stands_in_the_code(code: str, level: RegionLevel) -> None:
    assert level_of(code) is level


def test_a_village_is_added_under_a_town_of_the_own_region() -> None:
    check_new_village("440203103201", town=TOWN, by=COUNTY_OFFICE)


def test_a_town_is_not_a_village() -> None:
    with pytest.raises(RegionUnfit) as refusal:
        check_new_village("440203103", town=TOWN, by=COUNTY_OFFICE)
    assert refusal.value.figures == {"wanted": RegionLevel.VILLAGE, "level": RegionLevel.TOWN}
    assert refusal.value.pointer == "/code"


def test_a_village_does_not_lie_under_a_county() -> None:
    county = Region(code="440203", name="武江区", level=RegionLevel.COUNTY)
    with pytest.raises(RegionUnfit) as refusal:
        check_new_village("440203103201", town=county, by=COUNTY_OFFICE)
    assert refusal.value.figures == {"wanted": RegionLevel.TOWN, "level": RegionLevel.COUNTY}


def test_an_office_reaches_its_own_region_only() -> None:
    check_reach("440203103201", by=COUNTY_OFFICE)
    check_reach("360732", by=SYSTEM)
    with pytest.raises(NotAllowed):
        check_reach("440204", by=COUNTY_OFFICE)
    with pytest.raises(NotAllowed):
        check_reach("440203", by=ANYONE)


def test_every_code_of_the_list_tells_its_level_and_has_its_parent() -> None:
    with (DATA / "regions.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    assert len(rows) == 42_291
    counts: dict[str, int] = {}
    for code, row in rows.items():
        assert level_of(code) == row["level"]
        assert row["parent_code"] in rows or code == "000000"
        assert row["successor_code"] in rows or not row["successor_code"]
        if not row["valid_until_on"]:
            counts[row["level"]] = counts.get(row["level"], 0) + 1
    assert counts == {
        "nation": 1,
        "province": 34,
        "city": 333,
        "county": 2_847,
        "town": 38_750,
    }


def test_the_832_list_has_832_members_in_22_provinces() -> None:
    with (DATA / "designations.csv").open(encoding="utf-8", newline="") as file:
        members = [row for row in csv.DictReader(file) if row["kind"] == "national_832"]
    assert len(members) == 832
    counts: dict[str, int] = {}
    for row in members:
        counts[row["region_code"][:2]] = counts.get(row["region_code"][:2], 0) + 1
    assert len(counts) == 22
    assert counts == {
        "13": 45, "14": 36, "15": 31, "22": 8, "23": 20, "34": 20, "36": 24, "41": 38,
        "42": 28, "43": 40, "45": 33, "46": 5, "50": 14, "51": 66, "52": 66, "53": 88,
        "54": 74, "61": 56, "62": 58, "63": 42, "64": 8, "65": 32,
    }  # fmt: skip


SHARED_LIST = Path(__file__).parents[4] / "shared" / "data" / "national_832.csv"


if SHARED_LIST.exists():

    def test_the_832_list_is_the_one_of_the_documents() -> None:
        with SHARED_LIST.open(encoding="utf-8", newline="") as file:
            listed = list(csv.DictReader(file))
        with (DATA / "regions.csv").open(encoding="utf-8", newline="") as file:
            regions = {row["code"]: row for row in csv.DictReader(file)}
        with (DATA / "designations.csv").open(encoding="utf-8", newline="") as file:
            members = {
                (row["name_at_listing"], row["region_code"])
                for row in csv.DictReader(file)
                if row["kind"] == "national_832"
            }
        assert len(listed) == 832
        assert len({row["province"] for row in listed}) == 22
        uncoded = {"冷湖行委": "632803", "大柴旦行委": "632800"}
        for row in listed:
            code = row["region_code"] or uncoded[row["name_at_listing"]]
            code = regions[code]["successor_code"] or code
            assert not regions[code]["valid_until_on"]
            name = "湄潭县" if row["name_at_listing"] == "湄潭" else row["name_at_listing"]
            assert (name, code) in members
