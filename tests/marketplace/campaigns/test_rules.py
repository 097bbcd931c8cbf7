"""How much a menu wants, on which days, and when it is ordered."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from kernel.calendar import shanghai_day
from kernel.errors import WrongState
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.campaigns.models.standing import (
    Dish,
    Measure,
    StandingOrder,
    StandingStatus,
)
from marketplace.campaigns.rules import purchases as rules
from marketplace.catalogue.models.listings import ListingId
from marketplace.errors.campaigns import KindNotStanding, PieceWeightMissing
from procurement.policies.models import OrderKind

MONDAY = date(2026, 6, 8)
LONG_AGO = date(2026, 1, 1)


def measure(unit: Unit = Unit.KG, step: str = "1", weight: str | None = None) -> Measure:
    return Measure(
        "演示米", unit, Decimal(step), None if weight is None else Decimal(weight), Fen(3_000)
    )


@pytest.mark.parametrize(
    ("grams", "heads", "days", "sold", "quantity"),
    [
        (100, 21, 5, measure(), "11"),
        (100, 20, 5, measure(), "10"),
        (100, 21, 5, measure(step="0.5"), "10.5"),
        (100, 21, 5, measure(step="25"), "25"),
        (100, 21, 5, measure(Unit.JIN), "21"),
        (1, 1, 1, measure(Unit.TONNE, "0.001"), "0.001"),
        (60, 101, 1, measure(Unit.PIECE, weight="0.05"), "122"),
        (60, 100, 1, measure(Unit.PIECE, weight="0.06"), "100"),
        (100, 21, 0, measure(), "0"),
    ],
)
def test_grams_times_heads_times_days_are_rounded_up_to_the_step(
    grams: int, heads: int, days: int, sold: Measure, quantity: str
) -> None:
    assert rules.wanted(grams, heads=heads, days=days, measure=sold) == Decimal(quantity)


def test_pieces_of_unknown_weight_are_not_guessed() -> None:
    with pytest.raises(PieceWeightMissing):
        rules.wanted(60, heads=1, days=1, measure=measure(Unit.PIECE))


def test_holidays_are_skipped_and_make_up_days_served() -> None:
    days = rules.served_days(MONDAY, (5, 1, 1, 6), after=LONG_AGO, overrides={})
    assert days == [MONDAY, date(2026, 6, 12)]
    moved = {MONDAY: False, date(2026, 6, 13): True}
    days = rules.served_days(MONDAY, (1, 5, 6), after=LONG_AGO, overrides=moved)
    assert days == [date(2026, 6, 12), date(2026, 6, 13)]
    golden_week = date(2025, 10, 6)
    assert rules.served_days(golden_week, (1, 2, 3), after=LONG_AGO, overrides={}) == []


def test_days_that_have_come_are_no_more_ordered_for() -> None:
    days = rules.served_days(MONDAY, (1, 2, 3), after=date(2026, 6, 9), overrides={})
    assert days == [date(2026, 6, 10)]


def test_the_first_monday_after_a_day() -> None:
    assert rules.week_after(date(2026, 6, 1)) == MONDAY
    assert rules.week_after(date(2026, 6, 7)) == MONDAY
    assert rules.week_after(MONDAY) == date(2026, 6, 15)


def test_a_week_is_due_some_days_before_it_yet_in_its_own_year() -> None:
    assert rules.due(MONDAY, lead_days=3) == datetime(2026, 6, 4, 16, tzinfo=UTC)
    assert shanghai_day(rules.due(MONDAY, lead_days=0)) == MONDAY
    assert shanghai_day(rules.due(date(2026, 1, 5), lead_days=9)) == date(2026, 1, 1)
    assert shanghai_day(rules.due(date(2025, 12, 29), lead_days=3)) == date(2025, 12, 26)


def test_only_what_needs_no_more_words_is_ordered_every_week() -> None:
    for kind in OrderKind:
        if kind in rules.KINDS:
            rules.check_kind(kind)
        else:
            with pytest.raises(KindNotStanding):
                rules.check_kind(kind)


@pytest.mark.parametrize("state", StandingStatus)
@pytest.mark.parametrize("to", StandingStatus)
def test_only_drawn_ways_are_open(state: StandingStatus, to: StandingStatus) -> None:
    standing = StandingOrder(status=state)
    if to in rules.TRANSITIONS[state]:
        rules.check_move(standing, to)
    else:
        with pytest.raises(WrongState):
            rules.check_move(standing, to)
    if state is StandingStatus.ENDED:
        with pytest.raises(WrongState):
            rules.check_changing(standing)
    else:
        rules.check_changing(standing)


def test_a_menu_is_kept_and_read_again() -> None:
    dish = Dish(ListingId(UUID(int=1)), 100, (5, 1, 5))
    kept = rules.kept_menu([dish])
    assert rules.menu_of(kept) == [Dish(ListingId(UUID(int=1)), 100, [1, 5])]
