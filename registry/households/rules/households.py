"""What a household and its village need to be true."""

from __future__ import annotations

from datetime import date

from registry.errors.households import (
    HouseholdNotListed,
    LabourAboveMembers,
    LeaderLeft,
    PeriodBackwards,
)
from registry.errors.regions import RegionUnfit
from registry.households.models.households import Household, HouseholdState, VillageLeader
from registry.regions.models import Region, RegionLevel

HELPED = frozenset({HouseholdState.LISTED, HouseholdState.OBSERVED})
"""On the register: listed, or still helped while its risk is watched."""


def check_village(region: Region) -> None:
    """Refuse a household anywhere but in a village."""
    if region.level is not RegionLevel.VILLAGE:
        raise RegionUnfit(pointer="/village_code", wanted=RegionLevel.VILLAGE, level=region.level)


def check_labour(*, members: int, able_labour: int) -> None:
    """Refuse more able workers than members."""
    if able_labour > members:
        raise LabourAboveMembers(pointer="/able_labour", members=members, able_labour=able_labour)


def check_helped(household: Household) -> None:
    """Refuse help for a household that is not, or no longer, on the register."""
    if household.state not in HELPED:
        raise HouseholdNotListed(state=household.state)


def check_leader_end(leader: VillageLeader, *, until_on: date) -> None:
    """Refuse a second end of a leader's time, and one on or before its first day."""
    if leader.until_on is not None:
        raise LeaderLeft(until_on=leader.until_on)
    if until_on <= leader.since_on:
        raise PeriodBackwards(pointer="/until_on", from_on=leader.since_on, until_on=until_on)
