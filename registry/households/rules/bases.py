"""What a base of consumption assistance needs, and when a province has enough of them."""

from __future__ import annotations

from datetime import date

from registry.errors.households import PeriodBackwards
from registry.errors.pairings import BaseClosed
from registry.errors.regions import RegionUnfit
from registry.households.models.bases import AssistanceBase
from registry.regions.models import Region, RegionLevel

BASES_OF_A_CITY = 1
"""At least so many in each city of a province (粤农扶组〔2020〕1号, item 11)."""


def check_city(region: Region) -> None:
    """Refuse a base anywhere but in a city."""
    if region.level is not RegionLevel.CITY:
        raise RegionUnfit(pointer="/city_code", wanted=RegionLevel.CITY, level=region.level)


def check_province(region: Region) -> None:
    """Refuse to report on anything but a province."""
    if region.level is not RegionLevel.PROVINCE:
        raise RegionUnfit(pointer="/province", wanted=RegionLevel.PROVINCE, level=region.level)


def check_closing(base: AssistanceBase, *, until_on: date) -> None:
    """Refuse to close a base twice, or on or before its first day."""
    if base.until_on is not None:
        raise BaseClosed(until_on=base.until_on)
    if until_on <= base.since_on:
        raise PeriodBackwards(pointer="/until_on", from_on=base.since_on, until_on=until_on)
