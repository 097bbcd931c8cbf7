"""T-S6 and T-S7 (汕尾发〔2016〕10号, item 13): who bears how much of the fund."""

from __future__ import annotations

import pytest

from kernel.money import Fen, split

PEOPLE = 100_000
PER_HEAD = Fen(20_000 * 100)
RATIO = (6, 3, 1)
YI = 10_000 * 10_000 * 100


def test_t_s6_a_hundred_thousand_people_at_twenty_thousand_yuan_make_two_billion() -> None:
    assert PEOPLE * PER_HEAD == 20 * YI


def test_t_s7_the_province_the_pairing_city_and_the_home_city_bear_6_3_1() -> None:
    parts = split(Fen(20 * YI), RATIO)
    assert parts == [12 * YI, 6 * YI, 2 * YI]
    assert sum(parts) == 20 * YI


def test_t_s7_per_head() -> None:
    assert split(PER_HEAD, RATIO) == [12_000_00, 6_000_00, 2_000_00]


@pytest.mark.parametrize(
    ("total", "parts"),
    [
        (1, [1, 0, 0]),
        (5, [3, 2, 0]),
        (7, [4, 2, 1]),
        (15, [9, 5, 1]),
        (2_000_001, [1_200_001, 600_000, 200_000]),
        (2_000_009, [1_200_005, 600_003, 200_001]),
    ],
)
def test_t_s7_a_total_that_ten_does_not_divide_still_adds_up(total: int, parts: list[int]) -> None:
    assert split(Fen(total), RATIO) == parts
    assert sum(parts) == total


def test_t_s7_a_tie_goes_to_the_province() -> None:
    assert split(Fen(1), (5, 5)) == [1, 0]
    assert split(Fen(5), (6, 3, 1))[0] == 3
