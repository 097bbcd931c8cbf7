"""When a unit's share may be lower than the policy's, and who must have approved it."""

from __future__ import annotations

from datetime import date

from kernel.errors import Invalid, WrongState
from procurement.errors.policies import NoPolicyInForce, WaiverLevelLow, WaiverNotLower
from procurement.policies.models import SharePolicy, Waiver, WaiverLevel
from registry.regions.models import RegionLevel
from registry.regions.rules import level_of

LEVELS = tuple(WaiverLevel)
OF_REGION = {
    RegionLevel.COUNTY: WaiverLevel.COUNTY_FINANCE,
    RegionLevel.CITY: WaiverLevel.CITY_FINANCE,
    RegionLevel.PROVINCE: WaiverLevel.PROVINCE_FINANCE,
}


def check_days(*, since_on: date, until_on: date, today: date) -> None:
    """Want days that hold one, and an end that is still to come (Invalid)."""
    if until_on <= max(since_on, today):
        raise Invalid(
            pointer="/until_on",
            reason="须晚于起始日和今日 / the end lies after the start and today",
        )


def check_lower(floor_bp: int, *, policy: SharePolicy | None, region_code: str, year: int) -> None:
    """Want a policy in force that the waiver falls below (NoPolicyInForce, WaiverNotLower)."""
    if policy is None:
        raise NoPolicyInForce(region_code=region_code, year=year)
    if floor_bp >= policy.floor_bp:
        raise WaiverNotLower(pointer="/floor_bp", floor_bp=floor_bp, policy_bp=policy.floor_bp)


def check_level(
    level: WaiverLevel,
    *,
    floor_bp: int,
    policy: SharePolicy | None,
    nation: SharePolicy | None,
) -> None:
    """Want the level that may approve it (WaiverLevelLow).

    Below the nation's share only the treasury department of the ministry of finance (财库
    〔2021〕19号: 报财政部国库司); down to it, the finance level of the policy's own region.
    """
    wanted = WaiverLevel.MOF_TREASURY
    if policy is not None and nation is not None and floor_bp >= nation.floor_bp:
        wanted = OF_REGION.get(level_of(policy.region_code), WaiverLevel.MOF_TREASURY)
    if LEVELS.index(level) < LEVELS.index(wanted):
        raise WaiverLevelLow(pointer="/approved_by_level", level=level, wanted=wanted)


def check_running(waiver: Waiver, *, today: date) -> None:
    """Refuse to end what has ended (WrongState)."""
    if waiver.revoked_on is not None or waiver.until_on <= today:
        raise WrongState(state="ended", wanted="in_force")
