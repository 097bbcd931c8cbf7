"""What a region's code says by itself, and which places may be added to the list."""

from __future__ import annotations

from kernel.actor import Actor, Sight
from kernel.errors import NotAllowed
from registry.errors.regions import RegionUnfit
from registry.regions.models import Region, RegionLevel

GROUPS = (2, 4, 6, 9, 12)
"""How many digits name the province, city, county, town and village."""
NATION = "000000"
LEVELS = {
    0: RegionLevel.NATION,
    2: RegionLevel.PROVINCE,
    4: RegionLevel.CITY,
    6: RegionLevel.COUNTY,
    9: RegionLevel.TOWN,
    12: RegionLevel.VILLAGE,
}


def subtree_prefix(code: str) -> str:
    """Give the beginning that all codes inside the region share; empty for the nation."""
    length = len(code)
    while length and not code[_group_start(length) : length].strip("0"):
        length = _group_start(length)
    return code[:length]


def ancestor_codes(code: str) -> tuple[str, ...]:
    """Give the codes of the regions it lies in: itself first, the province last.

    Codes that the list does not carry may be among them (a municipality has no cities).
    """
    prefix = subtree_prefix(code)
    codes = (prefix[:length].ljust(6, "0") for length in reversed(GROUPS) if length <= len(prefix))
    return tuple(dict.fromkeys(codes)) or (NATION,)


def level_of(code: str) -> RegionLevel:
    """Tell the level by the code alone."""
    return LEVELS[len(subtree_prefix(code))]


def check_new_village(village_code: str, *, town: Region, by: Actor) -> None:
    """Refuse a place that is no village of the town, or lies outside the actor's region."""
    if level_of(village_code) is not RegionLevel.VILLAGE:
        raise RegionUnfit(pointer="/code", wanted=RegionLevel.VILLAGE, level=level_of(village_code))
    if town.level is not RegionLevel.TOWN:
        raise RegionUnfit(pointer="/code", wanted=RegionLevel.TOWN, level=town.level)
    check_reach(village_code, by=by)


def check_reach(code: str, *, by: Actor) -> None:
    """Refuse to change a place outside the actor's own region."""
    if by.sight is not Sight.ALL and not (
        by.sight is Sight.REGION and code.startswith(by.region_prefix)
    ):
        raise NotAllowed


def _group_start(length: int) -> int:
    return max((end for end in GROUPS if end < length), default=0)
