"""Where the year ends, what should be by now, and the last day to order."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.identity import new_id
from kernel.money import Fen
from procurement.completion.models import LeadTimeRule, Sum
from procurement.completion.rules.figures import Figures, figures_of
from procurement.completion.rules.pace import (
    Basis,
    Forecast,
    Season,
    forecast,
    last_order,
    planned,
    season_at,
)
from procurement.policies.models import OrderKind, PolicyId, Purchase, SharePolicy
from registry.regions.models import OriginKind

RULE = SharePolicy(
    id=PolicyId(new_id()),
    counting_origin_kinds=[OriginKind.NATIONAL_832],
    counting_order_kinds=[OrderKind.RESERVED_SHARE],
    counting_purchases=list(Purchase),
)
NOON = datetime(2026, 7, 2, 4, tzinfo=UTC)
"""The 183rd day of 2026 in Shanghai."""
LEAD = LeadTimeRule(
    delivery_days=15,
    acceptance_days=3,
    payment_days=30,
    quantile_bp=9_000,
    least_observations=10,
)


def figures(counted: int, reserved: int, *, uncounted: int = 0) -> Figures:
    zero, share = Fen(0), OrderKind.RESERVED_SHARE
    whose = Purchase.CANTEEN
    rows = [
        Sum(None, RULE.id, kind, share, whose, Fen(floor), zero, zero, Fen(paid), zero)
        for kind, floor, paid in (
            (OriginKind.NATIONAL_832, reserved, counted),
            (OriginKind.OTHER, 0, uncounted),
        )
    ]
    return figures_of(rows, policies={RULE.id: RULE})


def test_the_forecast_carries_the_pace_on() -> None:
    """183 of 365 days are gone: 183 fen become 365."""
    found = forecast(figures(183, 365), year=2026, as_of=NOON)
    assert found == Forecast(Fen(365), Decimal("1.0000"), reaches=True, basis=Basis.PACE)
    short = forecast(figures(183, 366, uncounted=17), year=2026, as_of=NOON)
    assert short == Forecast(Fen(365), Decimal("0.9973"), reaches=False, basis=Basis.PACE)
    assert short.why.zh == "按天平均推算"


def test_the_forecast_rounds_half_a_fen_up() -> None:
    """On the second of January 2 days of 365 are gone: 1 fen becomes 182.5."""
    second = datetime(2026, 1, 2, 4, tzinfo=UTC)
    found = forecast(figures(1, 0), year=2026, as_of=second)
    assert found == Forecast(Fen(183), None, reaches=True, basis=Basis.PACE)


@pytest.mark.parametrize(
    ("as_of", "expected", "basis"),
    [
        (datetime(2025, 12, 31, 15, 59, tzinfo=UTC), None, None),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), 365_00, Basis.PACE),
        (datetime(2026, 12, 31, 15, 59, tzinfo=UTC), 100, Basis.PACE),
        (datetime(2027, 5, 1, tzinfo=UTC), 100, Basis.OVER),
    ],
    ids=["before the year", "its first day in Shanghai", "its last day", "after it"],
)
def test_the_forecast_knows_shanghai_s_days(
    as_of: datetime, expected: int | None, basis: Basis | None
) -> None:
    found = forecast(figures(100, 1), year=2026, as_of=as_of)
    assert (found and found.counted_fen) == expected
    assert (found and found.basis) == basis


def test_a_leap_year_has_its_day() -> None:
    first = datetime(2028, 1, 1, 4, tzinfo=UTC)
    found = forecast(figures(1, 1), year=2028, as_of=first)
    assert found is not None
    assert found.counted_fen == 366


def test_before_any_payment_there_is_no_forecast() -> None:
    assert forecast(figures(0, 9), year=2026, as_of=NOON) is None
    paid = forecast(figures(0, 9, uncounted=1), year=2026, as_of=NOON)
    assert paid == Forecast(Fen(0), Decimal("0.0000"), reaches=False, basis=Basis.PACE)


def test_last_year_s_shape_is_the_season() -> None:
    """Nine tenths of last year were paid in the fourth quarter; 2 of July's 31 days are gone."""
    last_year = [0, 0, 20, 0, 0, 0, 62, 0, 0, 300, 300, 318]
    assert season_at(NOON, year=2026, last_year=last_year) == Season(
        20 * 31 + 62 * 2, 1_000 * 31, Basis.SEASON
    )
    found = forecast(figures(24, 1_000), year=2026, as_of=NOON, last_year=last_year)
    assert found == Forecast(Fen(1_000), Decimal("1.0000"), reaches=True, basis=Basis.SEASON)
    assert found.why.en == "by the share each month had of last year's payments"


@pytest.mark.parametrize(
    "last_year",
    [[], [0] * 12, [-5] * 12, [0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 9]],
    ids=["no last year", "nothing paid", "refunds alone", "nothing paid by this day"],
)
def test_a_last_year_that_says_nothing_leaves_the_pace(last_year: list[int]) -> None:
    found = forecast(figures(183, 1), year=2026, as_of=NOON, last_year=last_year)
    assert found is not None
    assert (found.counted_fen, found.basis) == (365, Basis.PACE)


@given(
    last_year=st.lists(st.integers(-1_000, 10**12), min_size=12, max_size=12),
    day=st.integers(1, 365),
    reserved=st.integers(0, 10**13),
)
def test_the_plan_grows_from_nothing_to_the_whole(
    last_year: list[int], day: int, reserved: int
) -> None:
    def due(of: int) -> int:
        at = datetime(2025, 12, 31, 16, tzinfo=UTC).timestamp() + of * 86_400 - 1
        season = season_at(datetime.fromtimestamp(at, tz=UTC), year=2026, last_year=last_year)
        return planned(Fen(reserved), season)

    assert due(365) == reserved
    assert 0 <= due(day) <= reserved
    if sum(max(0, one) for one in last_year[:1]) > 0:  # a season from its first day on
        assert due(day) <= due(min(365, day + 1))


def test_what_is_observed_takes_the_place_of_the_default() -> None:
    default = last_order(LEAD, year=2026, observed_days=None, observations=0)
    assert (default.last_order_on, default.lead_days, default.is_observed) == (
        date(2026, 11, 13),
        48,
        False,
    )
    too_few = last_order(LEAD, year=2026, observed_days=20, observations=9)
    assert (too_few.last_order_on, too_few.is_observed) == (date(2026, 11, 13), False)
    seen = last_order(LEAD, year=2026, observed_days=20, observations=10)
    assert (seen.last_order_on, seen.lead_days, seen.is_observed) == (
        date(2026, 12, 11),
        20,
        True,
    )
    same_day = last_order(LEAD, year=2026, observed_days=0, observations=10)
    assert same_day.last_order_on == date(2026, 12, 31)
