"""What a household and a benefit link need to be true."""

from __future__ import annotations

from registry.errors.households import LabourAboveMembers
from registry.errors.regions import RegionUnfit
from registry.regions.models import Region, RegionLevel


def check_village(region: Region) -> None:
    """Refuse a household anywhere but in a village."""
    if region.level is not RegionLevel.VILLAGE:
        raise RegionUnfit(pointer="/village_code", wanted=RegionLevel.VILLAGE, level=region.level)


def check_labour(*, members: int, able_labour: int) -> None:
    """Refuse more able workers than members."""
    if able_labour > members:
        raise LabourAboveMembers(pointer="/able_labour", members=members, able_labour=able_labour)
