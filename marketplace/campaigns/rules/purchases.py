"""When a standing order is due and what it wants; what a campaign asks, and when it closes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kernel.calendar import is_working_day, start_of_day
from kernel.errors import WrongState
from kernel.money import Fen
from kernel.quantity import GRAMS
from marketplace.campaigns.models.donations import (
    CampaignPrice,
    CampaignStatus,
    DonationCampaign,
)
from marketplace.campaigns.models.standing import (
    Dish,
    Measure,
    StandingOrder,
    StandingStatus,
)
from marketplace.catalogue.models.listings import ListingId
from marketplace.errors.campaigns import (
    BelowMarket,
    KindNotStanding,
    MenuListingUnknown,
    PieceWeightMissing,
    PriceMoved,
    ProductTwice,
    WindowOpen,
    WindowShut,
)
from procurement.policies.models import OrderKind

WEEK = timedelta(days=7)
KINDS = frozenset({OrderKind.RESERVED_SHARE, OrderKind.PRIORITY})

TRANSITIONS: Mapping[StandingStatus, frozenset[StandingStatus]] = MappingProxyType(
    {
        StandingStatus.ACTIVE: frozenset({StandingStatus.PAUSED, StandingStatus.ENDED}),
        StandingStatus.PAUSED: frozenset({StandingStatus.ACTIVE, StandingStatus.ENDED}),
        StandingStatus.ENDED: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A product of a campaign, and what the market pays for it by which source."""

    listing_id: ListingId
    market_fen: Fen
    market_source: str


def check_kind(kind: OrderKind) -> None:
    """Refuse a kind that has more to say than what is eaten every week (KindNotStanding)."""
    if kind not in KINDS:
        raise KindNotStanding(kind=kind, pointer="/kind")


def check_move(standing: StandingOrder, to: StandingStatus) -> None:
    """Refuse a way that is not drawn (WrongState)."""
    if to not in TRANSITIONS[standing.status]:
        raise WrongState(state=standing.status, wanted=to)


def check_changing(standing: StandingOrder) -> None:
    """Refuse to change what has ended (WrongState)."""
    if standing.status is StandingStatus.ENDED:
        raise WrongState(state=standing.status, wanted=StandingStatus.ACTIVE)


def week_after(day: date) -> date:
    """Give the first Monday after a day."""
    return day + WEEK - timedelta(days=day.weekday())


def due(week_on: date, *, lead_days: int) -> datetime:
    """Give the instant a week is ordered at: some days before, yet in the year of its Monday.

    Orders are bound to the running year, and January is not eaten out of December's money.
    """
    return start_of_day(max(week_on - timedelta(days=lead_days), date(week_on.year, 1, 1)))


def served_days(
    week_on: date, weekdays: Sequence[int], *, after: date, overrides: Mapping[date, bool]
) -> list[date]:
    """Give the working days of a week on which something is eaten, of those still to come."""
    days = (week_on + timedelta(days=weekday - 1) for weekday in sorted(set(weekdays)))
    return [day for day in days if day > after and is_working_day(day, overrides)]


def wanted(grams_per_head: int, *, heads: int, days: int, measure: Measure) -> Decimal:
    """Give how much of a listing so many eat on so many days, rounded up to its step.

    Refuses PieceWeightMissing: what is sold by the piece is found by what one weighs.
    """
    grams = Decimal(grams_per_head * heads * days)
    whole, rest = divmod(grams, measure.step * grams_of(measure))
    return (whole + (1 if rest else 0)) * measure.step


def grams_of(measure: Measure) -> Decimal:
    """Give what one unit of a listing weighs in grams (PieceWeightMissing)."""
    if measure.unit in GRAMS:
        return GRAMS[measure.unit]
    if measure.unit_weight_kg is None:
        raise PieceWeightMissing(title=measure.title)
    return measure.unit_weight_kg * 1000


def check_prices(prices: Sequence[Asked], *, goods: Mapping[ListingId, Measure]) -> None:
    """Refuse products that do not exist, come twice, or are asked for below the market.

    Refuses MenuListingUnknown, ProductTwice, BelowMarket, of the first at fault.
    """
    seen = set()
    for position, one in enumerate(prices):
        pointer = f"/prices/{position}"
        if one.listing_id not in goods:
            raise MenuListingUnknown(pointer=f"{pointer}/listing_id")
        if one.listing_id in seen:
            raise ProductTwice(pointer=f"{pointer}/listing_id")
        seen.add(one.listing_id)
        asked = goods[one.listing_id].unit_price_fen
        if asked < one.market_fen:
            raise BelowMarket(asked_fen=asked, market_fen=one.market_fen, pointer=pointer)


def check_window(campaign: DonationCampaign, *, now: datetime) -> None:
    """Refuse a wish to a campaign that ended, or outside its window (WrongState, WindowShut)."""
    check_open(campaign)
    if not campaign.opens_at <= now < campaign.closes_at:
        raise WindowShut(opens_at=campaign.opens_at, closes_at=campaign.closes_at)


def check_gathering(campaign: DonationCampaign, *, now: datetime) -> None:
    """Refuse to gather what ended, or while wishes are still taken (WrongState, WindowOpen)."""
    check_open(campaign)
    if now < campaign.closes_at:
        raise WindowOpen(closes_at=campaign.closes_at)


def check_open(campaign: DonationCampaign) -> None:
    """Refuse to go on with what was gathered or called off (WrongState)."""
    if campaign.status is not CampaignStatus.OPEN:
        raise WrongState(state=campaign.status, wanted=CampaignStatus.OPEN)


def check_paid(price: Fen, *, of: CampaignPrice) -> None:
    """Refuse a price above the list, or below the market (PriceMoved)."""
    if not of.market_fen <= price <= of.unit_price_fen:
        raise PriceMoved(listed_fen=of.unit_price_fen, market_fen=of.market_fen, price_fen=price)


def menu_of(kept: Sequence[Mapping[str, Any]]) -> list[Dish]:
    """Read a menu as it is kept."""
    return [Dish(**{**one, "listing_id": ListingId(UUID(one["listing_id"]))}) for one in kept]


def kept_menu(menu: Sequence[Dish]) -> list[dict[str, Any]]:
    """Give a menu as it is kept: each day of the week once."""
    return [
        {
            "listing_id": str(dish.listing_id),
            "grams_per_head": dish.grams_per_head,
            "weekdays": sorted(set(dish.weekdays)),
        }
        for dish in menu
    ]
