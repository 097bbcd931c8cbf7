"""Money, quantities, days and keys behave as they are written down."""

from __future__ import annotations

import itertools
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage

from kernel.calendar import (
    closing_day,
    is_working_day,
    shanghai_day,
    shanghai_year,
    start_of_day,
    year_bounds,
)
from kernel.errors import Invalid, UnitMismatch
from kernel.fields import Upload, is_id_number
from kernel.identity import new_id
from kernel.money import MAX_FEN, Fen, line_amount, share, split, yuan
from kernel.quantity import Quantity, Unit, convert, is_whole_only

AMOUNTS = st.integers(0, MAX_FEN)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any)


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [("1.000", 250, 250), ("0.001", 500, 1), ("0.001", 499, 0), ("2.500", 333, 833), ("3", 1, 3)],
)
def test_a_line_is_rounded_once_halves_up(quantity: str, price: int, amount: int) -> None:
    assert line_amount(Decimal(quantity), Fen(price)) == amount


@given(AMOUNTS, WEIGHTS)
def test_a_split_loses_and_makes_no_fen(amount: int, weights: list[int]) -> None:
    parts = split(Fen(amount), weights)
    whole = sum(weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert amount * weight // whole <= part <= amount * weight // whole + 1
        assert part == 0 or weight > 0


@given(st.integers(0, 10**6), st.lists(st.integers(0, 1000), min_size=2, max_size=8).filter(any))
def test_a_larger_weight_never_gets_less(amount: int, weights: list[int]) -> None:
    parts = split(Fen(amount), weights)
    ordered = sorted(zip(weights, parts, strict=True))
    for (lighter, less), (heavier, more) in itertools.pairwise(ordered):
        if heavier > lighter:
            assert more >= less


def test_ties_go_to_the_earlier_weight() -> None:
    assert split(Fen(10), [1, 1, 1]) == [4, 3, 3]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [-1]])
def test_a_split_over_nothing_is_a_defect(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(Fen(5), weights)


def test_a_share_is_in_basis_points_halves_up() -> None:
    assert share(Fen(1_000_000), 3000) == 300_000
    assert share(Fen(5), 1000) == 1
    assert share(Fen(4), 1000) == 0


def test_yuan_is_for_people() -> None:
    assert yuan(Fen(123_450)) == "1,234.50"
    assert yuan(Fen(-5)) == "-0.05"


def test_a_jin_is_half_a_kilogram() -> None:
    assert convert(Decimal(3), from_unit=Unit.JIN, to_unit=Unit.KG) == Decimal("1.500")
    assert convert(Decimal("1.5"), from_unit=Unit.KG, to_unit=Unit.JIN) == Decimal(3)
    assert convert(Decimal(7), from_unit=Unit.BOX, to_unit=Unit.BOX) == Decimal(7)
    with pytest.raises(UnitMismatch):
        convert(Decimal(1), from_unit=Unit.BOX, to_unit=Unit.KG)
    with pytest.raises(Invalid):
        convert(Decimal("0.001"), from_unit=Unit.JIN, to_unit=Unit.KG)


def test_counted_units_refuse_fractions() -> None:
    assert is_whole_only(Unit.BOX)
    assert not is_whole_only(Unit.KG)
    assert Quantity(Decimal(2), Unit.BOX).value == 2
    for value, unit in (("1.5", Unit.BOX), ("1.0001", Unit.KG), ("NaN", Unit.KG)):
        with pytest.raises(Invalid):
            Quantity(Decimal(value), unit)


def test_days_and_years_are_cut_in_shanghai() -> None:
    last = datetime(2026, 12, 31, 15, 59, 59, 900_000, tzinfo=UTC)
    first = datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert (shanghai_day(last), shanghai_year(last)) == (date(2026, 12, 31), 2026)
    assert (shanghai_day(first), shanghai_year(first)) == (date(2027, 1, 1), 2027)
    assert start_of_day(date(2027, 1, 1)) == first
    assert year_bounds(2026) == (datetime(2025, 12, 31, 16, tzinfo=UTC), first)


def test_make_up_days_are_worked_and_holidays_are_not() -> None:
    assert is_working_day(date(2026, 2, 14))  # a Saturday worked for the Spring Festival
    assert not is_working_day(date(2026, 2, 17))
    assert is_working_day(date(2026, 11, 23))
    assert not is_working_day(date(2026, 11, 22))


def test_beyond_the_published_calendar_weekends_and_overrides_count() -> None:
    assert is_working_day(date(2031, 11, 24))
    assert not is_working_day(date(2031, 11, 22))
    assert not is_working_day(date(2031, 11, 24), {date(2031, 11, 24): False})


def test_a_notice_closes_after_whole_working_days() -> None:
    assert closing_day(date(2026, 11, 22), working_days=5) == date(2026, 11, 28)
    assert closing_day(date(2026, 11, 27), working_days=5) == date(2026, 12, 5)
    assert closing_day(date(2026, 9, 30), working_days=1) == date(2026, 10, 9)
    strike = {date(2026, 11, 23): False}
    assert closing_day(date(2026, 11, 22), working_days=1, overrides=strike) == date(2026, 11, 25)


def test_keys_are_version_seven_and_sorted_by_time() -> None:
    first = new_id()
    time.sleep(0.002)
    second = new_id()
    assert first < second
    assert (first.version, first.variant) == (7, "specified in RFC 4122")
    assert len({new_id() for _ in range(1000)}) == 1000


def test_keys_of_one_process_sort_as_they_were_made_by_any_thread() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(set(made))
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda _: [new_id() for _ in range(2_000)], range(4)))
    assert all(part == sorted(part) for part in parts)
    assert len({one for part in parts for one in part}) == 8_000


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("11010519491231002X", True),
        ("110105194912310021", False),
        ("11010519491331002X", False),
        ("1101051949123100", False),
        ("１10105194912310２X", False),
    ],
)
def test_an_identity_number_checks_itself(number: str, right: bool) -> None:  # noqa: FBT001
    assert is_id_number(number) is right


def test_an_uploaded_file_is_read_again_where_a_unit_of_work_is_run_again() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(b"a list")
        file.seek(0)
        sent = FileStorage(file, filename="list.csv")
        assert [Upload().deserialize(sent) for _ in range(2)] == [b"a list"] * 2
        assert file.closed
