"""Shanghai days and years, and working days with their make-up days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)
SATURDAY = 5
NO_OVERRIDES: Mapping[date, bool] = {}


def shanghai_day(instant: datetime) -> date:
    """Cut an instant into the day it falls on in Shanghai."""
    return instant.astimezone(SHANGHAI).date()


def shanghai_year(instant: datetime) -> int:
    """Cut an instant into the year it falls in in Shanghai."""
    return shanghai_day(instant).year


def start_of_day(day: date) -> datetime:
    """Give the instant (UTC) at which a Shanghai day begins."""
    return datetime.combine(day, time(), tzinfo=SHANGHAI).astimezone(UTC)


def year_bounds(year: int) -> tuple[datetime, datetime]:
    """Give the half-open period [from, until) of a Shanghai year, in UTC."""
    return start_of_day(date(year, 1, 1)), start_of_day(date(year + 1, 1, 1))


def is_working_day(day: date, overrides: Mapping[date, bool] = NO_OVERRIDES) -> bool:
    """Say whether offices work: the override, else the State Council's calendar, else Mon-Fri.

    The packaged calendar ends with the last published year; beyond it only weekends and
    the overrides (rows of `calendar_day`) are known.
    """
    if day in overrides:
        return overrides[day]
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < SATURDAY


def closing_day(
    opens_on: date, *, working_days: int, overrides: Mapping[date, bool] = NO_OVERRIDES
) -> date:
    """Give the first day on which a notice may be decided on.

    The posting day does not count; the notice runs the given number of working days after it,
    whole, so the period is half-open: [opens_on, closing day).
    """
    day, left = opens_on, working_days
    while left > 0:
        day += ONE_DAY
        left -= is_working_day(day, overrides)
    return day + ONE_DAY
