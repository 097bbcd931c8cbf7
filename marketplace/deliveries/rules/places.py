"""Where an organisation may keep a place, and from when until when it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kernel.actor import Actor, Sight
from kernel.errors import Invalid, NotAllowed
from marketplace.deliveries.models.places import KeptPlace, PickUpPoint, PointId
from marketplace.errors.deliveries import PlaceEnded
from registry.errors.pairings import OperatorUnknown
from registry.errors.regions import RegionUnfit
from registry.organisations.models import Organisation
from registry.regions.models import RegionLevel
from registry.regions.rules import COUNTY_DIGITS, check_reach, level_of

WITHIN_COUNTY = (RegionLevel.COUNTY, RegionLevel.TOWN, RegionLevel.VILLAGE)


@dataclass(frozen=True)
class Stop:
    """Where a route comes to: a pick-up point, or all of a region."""

    point_id: PointId | None = None
    region_code: str | None = None


def check_level(region_code: str, *, levels: Sequence[RegionLevel]) -> None:
    """Refuse a place of another level (RegionUnfit)."""
    level = level_of(region_code)
    if level not in levels:
        raise RegionUnfit(pointer="/region_code", wanted=levels[0], level=level)


def check_home(region_code: str, *, by: Actor) -> None:
    """Refuse a place outside the county in which the actor's organisation stands (NotAllowed)."""
    home = by.region_prefix[:COUNTY_DIGITS]
    if not home or not region_code.startswith(home):
        raise NotAllowed


def check_store(region_code: str, *, by: Actor) -> None:
    """Refuse a cold store that a county registers outside itself (NotAllowed).

    A cooperative's own may stand wherever it stands.
    """
    check_level(region_code, levels=WITHIN_COUNTY)
    if by.sight is Sight.REGION:
        check_reach(region_code, by=by)


def check_operator(operator: Organisation | None, *, by: Actor) -> None:
    """Refuse others than the own organisation or, for an office, one of its region.

    An organisation that has ended runs nothing any more. Refuses OperatorUnknown.
    """
    if operator is not None and (
        operator.id == by.organisation_id
        or (by.sight is Sight.REGION and operator.region_code.startswith(by.region_prefix))
    ):
        return
    raise OperatorUnknown(pointer="/operator_id")


def check_stops(stops: Sequence[Stop]) -> None:
    """Refuse a stop that is neither point nor region, or both, or named twice (Invalid)."""
    for position, stop in enumerate(stops):
        pointer = f"/stops/{position}"
        if (stop.point_id is None) is (stop.region_code is None):
            reason = "停靠处须为自提点或地区之一 / a stop is either a point or a region"
            raise Invalid(reason=reason, pointer=pointer)
        if stop in stops[:position]:
            reason = "同一停靠处只能出现一次 / a stop is named once"
            raise Invalid(reason=reason, pointer=pointer)


def check_point_open(point: PickUpPoint | None, *, on: date, position: int) -> PickUpPoint:
    """Give a point that a route of that day may come to (Invalid)."""
    if point is None or not is_open(point, on=on):
        reason = "自提点不存在或已停用 / there is no such point in use"
        raise Invalid(reason=reason, pointer=f"/stops/{position}/point_id")
    return point


def is_open(place: KeptPlace, *, on: date) -> bool:
    """Say whether a place stands on a day."""
    return place.since_on <= on and (place.until_on is None or on < place.until_on)


def check_period(since_on: date, until_on: date | None) -> None:
    """Refuse a period that ends before it begins (Invalid)."""
    if until_on is not None and until_on <= since_on:
        raise Invalid(reason="终止须晚于起始 / ends before it begins", pointer="/until_on")


def check_ending(place: KeptPlace, *, until_on: date, today: date) -> None:
    """Refuse to end what has its end already, or on a day that is over (PlaceEnded, Invalid)."""
    if place.until_on is not None and place.until_on <= until_on:
        raise PlaceEnded(until_on=place.until_on)
    check_period(place.since_on, until_on)
    if until_on < today:
        raise Invalid(reason="终止日期已过 / the day is over", pointer="/until_on")
