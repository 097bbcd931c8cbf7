"""How units stand, how they are ranked, which period a circular has, and what is paid late."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from kernel.calendar import start_of_day
from kernel.money import Fen
from procurement.completion.rules.figures import Figures
from procurement.errors.supervision import PeriodNotOver, PeriodUnfit
from procurement.supervision.models.circulars import CircularStatus, Drawn, PeriodKind
from procurement.supervision.models.standings import Movement, Standing, UnitStanding, WatchedUnit
from procurement.supervision.models.terms import PaymentTerm
from procurement.supervision.rules.circulars import (
    Period,
    asked_of,
    check_over,
    child_region,
    digest_of,
)
from procurement.supervision.rules.payments import delays_of, late_payment
from procurement.supervision.rules.standings import planned_fen, rank, standing_of
from procurement.supervision.schemas.papers import print_circular, write_workbook
from procurement.supervision.schemas.words import rate, share, yuan
from registry.organisations.models import OrganisationId

MIDYEAR = datetime(2026, 7, 2, 4, tzinfo=UTC)
UNIT = OrganisationId(UUID(int=7))
ORDER = UUID(int=8)


def unit(**changes: Any) -> WatchedUnit:
    known = {"activated": True, "filed": True, "returned": False, "confirmed": True} | changes
    return WatchedUnit(UNIT, "演示小学", "A" * 18, "440203", **known)


def figures(reserved: int, counted: int = 0, ordered: int | None = None) -> Figures:
    return Figures(
        reserved_fen=Fen(reserved),
        ordered_fen=Fen(counted if ordered is None else ordered),
        accepted_fen=Fen(counted),
        paid_fen=Fen(counted),
        counted_fen=Fen(counted),
        owed_fen=Fen(max(0, reserved - counted)),
        paid_elsewhere_fen=Fen(0),
        rate=None,
        rate_note=None,
        not_counted=(),
    )


def stands(one: WatchedUnit, found: Figures | None, as_of: datetime = MIDYEAR) -> Standing:
    return standing_of(one, found, year=2026, as_of=as_of, behind_bp=1000).standing


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        ({"activated": False}, Standing.NOT_ACTIVATED),
        ({"confirmed": False, "filed": False}, Standing.NOT_FILED),
        ({"confirmed": False, "returned": True}, Standing.RETURNED),
        ({"confirmed": False}, Standing.UNCONFIRMED),
    ],
)
def test_a_unit_stands_at_the_first_step_it_has_not_taken(
    known: dict[str, bool], wanted: Standing
) -> None:
    assert stands(unit(**known), None) is wanted


def test_a_promise_of_nothing_is_no_duty_and_one_unkept_has_its_names() -> None:
    assert stands(unit(), figures(0)) is Standing.NO_DUTY
    assert stands(unit(), figures(100_00)) is Standing.BOUGHT_NOTHING
    assert stands(unit(), figures(100_00, 0, ordered=1)) is Standing.BEHIND
    assert stands(unit(), figures(100_00, 100_00)) is Standing.ON_TRACK


def test_who_is_behind_is_behind_by_more_than_the_margin() -> None:
    plan = planned_fen(Fen(365_00), year=2026, as_of=MIDYEAR)
    assert plan == 183_00
    edge = plan * 9 // 10
    assert stands(unit(), figures(365_00, edge)) is Standing.ON_TRACK
    assert stands(unit(), figures(365_00, edge - 1)) is Standing.BEHIND


def test_with_the_year_s_last_instant_nobody_is_behind_any_more() -> None:
    last = start_of_day(date(2027, 1, 1)) - timedelta(microseconds=1)
    assert stands(unit(), figures(100_00, 99_99), last) is Standing.UNMET
    assert stands(unit(), figures(100_00, 100_00), last) is Standing.ON_TRACK
    before = last - timedelta(microseconds=1)
    assert stands(unit(), figures(100_00, 99_99), before) is Standing.ON_TRACK


def standing(counted: int, reserved: int, code: str) -> UnitStanding:
    one = WatchedUnit(UNIT, code, code, "440203", True, True, False, True)  # noqa: FBT003
    return standing_of(one, figures(reserved, counted), year=2026, as_of=MIDYEAR, behind_bp=0)


def test_equals_share_a_place_and_who_promised_nothing_has_none() -> None:
    found = rank(
        [
            standing(1, 3, "D"),
            standing(2, 4, "C"),
            standing(50, 100, "B"),
            standing(9, 10, "A"),
            standing(0, 0, "E"),
        ]
    )
    assert [(one.unit.name, one.place) for one in found] == [
        ("A", 1), ("B", 2), ("C", 2), ("D", 4), ("E", None),
    ]  # fmt: skip


def test_rates_closer_than_any_rounding_are_no_tie() -> None:
    near = [standing(333_333_333, 1_000_000_000, "A"), standing(1, 3, "B")]
    assert [(one.unit.name, one.place) for one in rank(near)] == [("B", 1), ("A", 2)]


@pytest.mark.parametrize(
    ("kind", "number", "ends_on"),
    [
        (PeriodKind.MONTH, 2, date(2026, 3, 1)),
        (PeriodKind.MONTH, 12, date(2027, 1, 1)),
        (PeriodKind.QUARTER, 3, date(2026, 10, 1)),
        (PeriodKind.YEAR, 1, date(2027, 1, 1)),
    ],
)
def test_a_period_ends_at_midnight_in_shanghai(
    kind: PeriodKind, number: int, ends_on: date
) -> None:
    period = Period(kind, 2026, number)
    assert period.ends_on == ends_on
    over = start_of_day(ends_on)
    check_over(period, now=over)
    with pytest.raises(PeriodNotOver):
        check_over(period, now=over - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("kind", "number"), [(PeriodKind.MONTH, 13), (PeriodKind.QUARTER, 5), (PeriodKind.YEAR, 2)]
)
def test_a_year_has_no_thirteenth_month(kind: PeriodKind, number: int) -> None:
    with pytest.raises(PeriodUnfit):
        check_over(Period(kind, 2026, number), now=MIDYEAR)


def test_places_lie_in_the_region_directly_below() -> None:
    assert child_region("440203100", within="440000") == "440200"
    assert child_region("440203", within="440200") == "440203"
    assert child_region("441900129", within="441900") == "441900"
    assert child_region("440000", within="440000") == "440000"


def test_rates_are_said_from_amounts_and_in_words_without_a_promise() -> None:
    assert rate({"counted_fen": 59_999_02, "reserved_fen": 45_763_35}) == "131.11%"
    assert rate({"counted_fen": 8_253_86, "reserved_fen": 7_875_75}) == "104.80%"
    assert rate({"counted_fen": 5, "reserved_fen": 0}) == "无预留任务"
    assert rate({"counted_fen": 0, "reserved_fen": 0, "standing": "not_filed"}) == "未填报"
    assert (share(27_136, 27_186), share(2_089, 7_095), share(0, 0)) == ("99.82%", "29.44%", "—")
    assert (yuan(6_184_000), yuan(-5)) == ("61,840.00", "-0.05")


TERM = PaymentTerm(
    code="sme-802",
    standard_days=30,
    longest_days=60,
    late_interest_bp=5,
    source="第802号",
    in_force_from_on=date(2025, 6, 1),
)


def moved(day: date, accepted: int = 0, paid: int = 0) -> Movement:
    return Movement(ORDER, UNIT, day, Fen(accepted), Fen(paid))


def test_the_thirtieth_day_is_in_time_and_the_next_is_not() -> None:
    accepted = [moved(date(2026, 3, 2), 10_000_00)]
    assert late_payment(accepted, terms=[TERM], on=date(2026, 4, 1)) is None
    late = late_payment(accepted, terms=[TERM], on=date(2026, 4, 2))
    assert late is not None
    assert (late.overdue_fen, late.due_on, late.days) == (10_000_00, date(2026, 4, 1), 1)
    assert late.interest_fen == 500


def test_past_the_sixtieth_day_it_is_late_whatever_was_agreed() -> None:
    rows = [moved(date(2026, 3, 2), 70_00), moved(date(2026, 3, 3), 30_00)]
    last = late_payment(rows, terms=[TERM], on=date(2026, 5, 1))
    over = late_payment(rows, terms=[TERM], on=date(2026, 5, 2))
    assert last is not None
    assert over is not None
    assert (last.overdue_fen, last.beyond_fen, last.days) == (100_00, 0, 30)
    assert (over.overdue_fen, over.beyond_fen, over.days) == (100_00, 70_00, 31)
    assert [one.beyond_fen for one in delays_of([over, over])] == [140_00]


def test_the_days_that_were_agreed_hold_and_the_sixtieth_is_the_last_all_the_same() -> None:
    rows = [replace(moved(date(2026, 3, 2), 10_000_00), term_days=45)]
    assert late_payment(rows, terms=[TERM], on=date(2026, 4, 16)) is None
    late = late_payment(rows, terms=[TERM], on=date(2026, 5, 1))
    over = late_payment(rows, terms=[TERM], on=date(2026, 5, 2))
    assert late is not None
    assert over is not None
    assert (late.due_on, late.days, late.beyond_fen) == (date(2026, 4, 16), 15, 0)
    assert (over.days, over.beyond_fen) == (16, 10_000_00)


def test_money_pays_the_oldest_acceptance_first_and_returns_take_the_youngest_away() -> None:
    rows = [
        moved(date(2026, 1, 5), 100_00),
        moved(date(2026, 2, 5), 100_00),
        moved(date(2026, 2, 6), -40_00),
        moved(date(2026, 2, 20), 0, 100_00),
    ]
    late = late_payment(rows, terms=[TERM], on=date(2026, 3, 10))
    assert late is not None
    assert (late.overdue_fen, late.due_on, late.days) == (60_00, date(2026, 3, 7), 3)
    assert late.interest_fen == 9


def test_before_the_regulation_nothing_was_late_by_it() -> None:
    assert late_payment([moved(date(2019, 1, 5), 1)], terms=[TERM], on=date(2026, 1, 1)) is None


@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.integers(-500, 500), st.integers(0, 500)), min_size=1
    ),
    st.integers(0, 400),
)
def test_no_more_is_late_than_was_accepted_and_is_not_paid(
    days: list[tuple[int, int, int]], after: int
) -> None:
    begins = date(2026, 1, 1)
    rows = [moved(begins + timedelta(days=day), taken, paid) for day, taken, paid in days]
    late = late_payment(rows, terms=[TERM], on=begins + timedelta(days=after))
    if late is not None:
        taken = sum(max(0, one.accepted_fen) for one in rows)
        paid = sum(one.paid_fen for one in rows)
        assert 0 < late.overdue_fen <= max(0, taken - paid)
        assert late.interest_fen >= 0


def test_units_are_named_by_what_they_owe_the_largest_first() -> None:
    on = date(2026, 6, 1)
    first = late_payment([moved(date(2026, 1, 5), 100_00)], terms=[TERM], on=on)
    other = Movement(
        UUID(int=9), OrganisationId(UUID(int=1)), date(2026, 1, 6), Fen(500_00), Fen(0)
    )
    second = late_payment([other], terms=[TERM], on=on)
    assert first is not None
    assert second is not None
    found = delays_of([first, second, first])
    assert [(one.overdue_fen, one.orders) for one in found] == [(500_00, 1), (200_00, 2)]


def test_a_circular_of_before_a_field_prints_a_dash_and_is_still_the_same() -> None:
    late = {
        "name": "一小",
        "overdue_fen": 70_00,
        "interest_fen": 5,
        "orders": 1,
        "longest_days": 40,
    }
    frozen = {
        "region": {"code": "440203", "name": "武江区"},
        "period": {"kind": "month", "year": 2026, "number": 3},
        "figures": [
            {"code": code, "zh": code, "value": 0}
            for code in ("units", "activated", "filed", "reserved_fen", "counted_fen", "paid_fen",
                         "owed_fen")
        ],
        "regions": [], "units": [], "delays": [late], "questions": {},
    }  # fmt: skip
    circular = Drawn(None, CircularStatus.DRAFT, MIDYEAR, frozen, digest_of(frozen))
    assert print_circular(circular).startswith(b"%PDF-")
    book = CalamineWorkbook.from_filelike(BytesIO(write_workbook(circular)))
    assert book.get_sheet_by_name("逾期未付").to_python()[1][:3] == ["一小", "70.00", "—"]
    again = {**frozen, "delays": [late | {"beyond_fen": 10_00}]}
    assert digest_of(asked_of(again, frozen=frozen)) == circular.digest
    assert asked_of(again, frozen={**frozen, "delays": []}) == again
