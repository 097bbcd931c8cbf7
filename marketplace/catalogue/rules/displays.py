"""Who may ask to be shown, when, and which way a wish may go."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from kernel.actor import Actor
from kernel.errors import Invalid, SamePerson, WrongState
from marketplace.catalogue.models.displays import (
    LONGEST_DAYS,
    SEATS,
    DisplaySlot,
    SlotStatus,
)
from marketplace.catalogue.models.listings import Listing, ListingStatus
from marketplace.errors.catalogue import DisplayFull, ListingNotListed
from registry.errors.regions import RegionUnfit
from registry.regions.models import RegionLevel
from registry.regions.rules import level_of

TRANSITIONS: Mapping[SlotStatus, frozenset[SlotStatus]] = MappingProxyType(
    {
        SlotStatus.ASKED: frozenset({SlotStatus.GIVEN, SlotStatus.DECLINED, SlotStatus.WITHDRAWN}),
        SlotStatus.GIVEN: frozenset({SlotStatus.WITHDRAWN}),
        SlotStatus.DECLINED: frozenset(),
        SlotStatus.WITHDRAWN: frozenset(),
    }
)
PAGES = frozenset({RegionLevel.NATION, RegionLevel.PROVINCE, RegionLevel.CITY, RegionLevel.COUNTY})
"""What has a page of its own: the nation's is the front page."""
AHEAD = timedelta(days=366)


def check_place(place_code: str) -> None:
    """Refuse a place without a page (RegionUnfit)."""
    level = level_of(place_code)
    if level not in PAGES:
        raise RegionUnfit(pointer="/place_code", wanted=RegionLevel.COUNTY, level=level)


def check_days(since_on: date, until_on: date, *, today: date) -> None:
    """Refuse days that are over, out of order, too many, or too far away (Invalid)."""
    if since_on < today or since_on > today + AHEAD:
        reason = "起始日期须为今天起一年内 / begins within a year from today"
        raise Invalid(reason=reason, pointer="/since_on")
    if not since_on < until_on <= since_on + timedelta(days=LONGEST_DAYS):
        reason = f"展示 1 至 {LONGEST_DAYS} 天 / shown for 1 to {LONGEST_DAYS} days"
        raise Invalid(reason=reason, pointer="/until_on")


def check_on_sale(listing: Listing) -> None:
    """Refuse goods that are not on sale (ListingNotListed)."""
    if listing.status is not ListingStatus.LISTED:
        raise ListingNotListed(title=listing.title, status=listing.status)


def check_move(slot: DisplaySlot, to: SlotStatus, *, today: date) -> None:
    """Refuse a way that is not drawn, and any once the days are over (WrongState)."""
    if to not in TRANSITIONS[slot.status] or slot.until_on <= today:
        raise WrongState(state=slot.status, wanted=to)


def check_giver(slot: DisplaySlot, *, by: Actor) -> None:
    """Refuse that who asked decides (SamePerson)."""
    if slot.asked_by == by.user_id:
        raise SamePerson


def free_seat(taken: Collection[int]) -> int:
    """Give the first seat that nobody has in these days (DisplayFull)."""
    free = [seat for seat in range(1, SEATS + 1) if seat not in taken]
    if not free:
        raise DisplayFull(most=SEATS)
    return free[0]
