"""When a standing order is due, for which days, and how much of everything it wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

from kernel.calendar import is_working_day, start_of_day
from kernel.errors import WrongState
from kernel.quantity import GRAMS
from marketplace.campaigns.models import Dish, Measure, StandingOrder, StandingStatus
from marketplace.catalogue.models.listings import ListingId
from marketplace.errors.campaigns import KindNotStanding, PieceWeightMissing
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
