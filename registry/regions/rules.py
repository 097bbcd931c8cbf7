"""What a region's code says by itself, and what a list of places means by its rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from kernel.actor import Actor, Sight
from kernel.errors import NotAllowed
from registry.errors.regions import RegionUnfit
from registry.regions.models import Region, RegionLevel

GROUPS = (2, 4, 6, 9, 12)
"""How many digits name the province, city, county, town and village."""
NATION = "000000"
COUNTY_DIGITS = 6
ENDINGS = re.compile("(自治县|自治旗|自治州|地区|特区|林区|行委|新区|县|市|区|旗|镇|乡|村)$")
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


class Standing(StrEnum):
    """What the register makes of a row of a list of places."""

    TAKEN = "taken"
    SUCCEEDED = "succeeded"
    """The code was abolished; what took its place is meant."""
    NAME_DIFFERS = "name_differs"
    """The code is of a place with another name: renamed since, or a wrong code."""
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    """The code was abolished and went into several, or nobody knows where."""


def judge_member(
    name: str, *, region: Region | None, live: Sequence[Region]
) -> tuple[Standing, str | None]:
    """Say what a row means: its standing, and the code in force that it stands for.

    `live` is what the code resolves to on the day: itself while it is in force.
    """
    if region is None:
        return Standing.UNKNOWN, None
    if len(live) != 1:
        return Standing.AMBIGUOUS, None
    stem, own = _stem(name), _stem(region.name)
    if not (stem.startswith(own) or own.startswith(stem)):
        return Standing.NAME_DIFFERS, live[0].code
    standing = Standing.TAKEN if live[0].code == region.code else Standing.SUCCEEDED
    return standing, live[0].code


def blocks(standing: Standing, *, names_confirmed: bool) -> bool:
    """Say whether a row keeps the whole list from being taken."""
    if standing is Standing.NAME_DIFFERS:
        return not names_confirmed
    return standing in {Standing.UNKNOWN, Standing.AMBIGUOUS}


def _stem(name: str) -> str:
    """Give a name without what its kind of place adds to it; 赣县 keeps its only character."""
    return ENDINGS.sub("", name) or name


def _group_start(length: int) -> int:
    return max((end for end in GROUPS if end < length), default=0)


def child_length(prefix: str) -> int:
    """Give how many digits name the regions directly inside the one with this prefix."""
    return next((length for length in (2, 4, 6, 9, 12) if length > len(prefix)), len(prefix))
