"""Where the year ends at the pace so far, how far it should be, and how late one may order."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from kernel.calendar import shanghai_day
from kernel.money import Fen
from procurement.completion.models import LeadTimeRule
from procurement.completion.rules.figures import Figures, completion_rate
from procurement.policies.rules.words import Words

MONTHS = range(1, 13)


class Basis(StrEnum):
    """What a forecast or a plan goes by."""

    SEASON = "season"
    """The shape of last year's payments of the same units, month by month."""
    PACE = "pace"
    """Every day alike."""
    OVER = "over"
    """The year is over; this is what was counted."""


BASIS_WORDS = {
    Basis.SEASON: Words(
        "按上一年各月付款的比例推算", "by the share each month had of last year's payments"
    ),
    Basis.PACE: Words("按天平均推算", "by days, every day alike"),
    Basis.OVER: Words("年度已结束，为实际计入金额", "the year is over; what was counted"),
}


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where the year ends, and what that goes by."""

    counted_fen: Fen
    rate: Decimal | None
    reaches: bool
    basis: Basis

    @property
    def why(self) -> Words:
        """Say what it goes by."""
        return BASIS_WORDS[self.basis]


@dataclass(frozen=True, slots=True)
class Season:
    """How much of a year is gone, as a fraction of whole numbers."""

    gone: int
    whole: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class LastOrder:
    """The last day to order so that delivery, acceptance and payment fall in the year.

    `lead_days` runs from the order to the payment; observed on `observations` payments, or the
    rule's default where there are fewer than it asks for.
    """

    year: int
    last_order_on: date
    lead_days: int
    is_observed: bool
    observations: int
    rule: LeadTimeRule


def season_at(as_of: datetime, *, year: int, last_year: Sequence[int]) -> Season:
    """Say how much of a year is gone: by last year's months (fen) where they say so, else by days.

    Shanghai days, the day of `as_of` among those gone; inside a month every day is alike. Last
    year says nothing if nothing was paid in it, or nothing in the months that are gone now.
    """
    first, after = date(year, 1, 1), date(year + 1, 1, 1)
    days = (after - first).days
    day = shanghai_day(as_of)
    gone = max(0, min(days, (day - first).days + 1))
    if gone in {0, days}:
        return Season(gone, days, Basis.OVER if day >= after else Basis.PACE)
    length = monthrange(year, day.month)[1]
    months = [max(0, one) for one in last_year] or [0] * len(MONTHS)
    so_far = sum(months[: day.month - 1]) * length + months[day.month - 1] * day.day
    if so_far <= 0:
        return Season(gone, days, Basis.PACE)
    return Season(so_far, sum(months) * length, Basis.SEASON)


def forecast(
    figures: Figures, *, year: int, as_of: datetime, last_year: Sequence[int] = ()
) -> Forecast | None:
    """Carry what was counted so far on to the end of the year: counted × whole ÷ gone.

    Half a fen goes up. None before any payment and before the year begins; after its end the
    forecast is what was counted. No rate where there is none now.
    """
    season = season_at(as_of, year=year, last_year=last_year)
    if figures.paid_fen <= 0 or season.gone <= 0:
        return None
    expected = Fen((figures.counted_fen * season.whole * 2 + season.gone) // (season.gone * 2))
    rate = None if figures.rate_note else completion_rate(expected, figures.reserved_fen)
    return Forecast(expected, rate, expected >= figures.reserved_fen, season.basis)


def planned(reserved: Fen, season: Season) -> Fen:
    """Give what should be counted by now for the promise to be kept at the year's end (fen)."""
    return Fen((reserved * season.gone * 2 + season.whole) // (season.whole * 2))


def last_order(
    rule: LeadTimeRule, *, year: int, observed_days: int | None, observations: int
) -> LastOrder:
    """Count back from 31 December: what is ordered on the day is paid for by then."""
    is_observed = observed_days is not None and observations >= rule.least_observations
    default = rule.delivery_days + rule.acceptance_days + rule.payment_days
    lead = observed_days if is_observed and observed_days is not None else default
    return LastOrder(
        year=year,
        last_order_on=date(year, 12, 31) - timedelta(days=lead),
        lead_days=lead,
        is_observed=is_observed,
        observations=observations,
        rule=rule,
    )
