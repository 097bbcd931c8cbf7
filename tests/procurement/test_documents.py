"""The arithmetic of the policy documents (domain.md §2, T-Z1 to T-Z4), figures from the text."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest

from kernel.money import Fen, share, split

TEN_THOUSAND_YUAN = 10_000_00
VILLAGES = 477
VILLAGE_YEARLY = Fen(50 * TEN_THOUSAND_YUAN)
FUNDERS = {
    "city": Fen(7_400 * TEN_THOUSAND_YUAN),
    "districts": Fen(33_000 * TEN_THOUSAND_YUAN),
    "state enterprises": Fen(7_300 * TEN_THOUSAND_YUAN),
}


def test_t_z1_the_plan_is_47700_ten_thousand_yuan() -> None:
    """477 villages × 500,000 yuan × 2 years (穗办〔2018〕31号 三(二))."""
    assert VILLAGES * VILLAGE_YEARLY * 2 == 47_700 * TEN_THOUSAND_YUAN


def test_t_z2_the_funders_add_up_to_the_plan() -> None:
    """7,400 + 33,000 + 7,300 (10,000 yuan) equal T-Z1."""
    assert sum(FUNDERS.values()) == 47_700 * TEN_THOUSAND_YUAN


def test_t_z3_villages_by_funder_add_up_to_477_without_a_fraction() -> None:
    """1,000,000 yuan a village over two years: 74 + 330 + 73."""
    shares = {name: divmod(amount, VILLAGE_YEARLY * 2) for name, amount in FUNDERS.items()}
    assert shares == {"city": (74, 0), "districts": (330, 0), "state enterprises": (73, 0)}
    assert sum(villages for villages, _ in shares.values()) == VILLAGES


def test_t_z3_the_plan_splits_back_to_its_funders() -> None:
    whole = Fen(47_700 * TEN_THOUSAND_YUAN)
    assert split(whole, [74, 330, 73]) == list(FUNDERS.values())


@pytest.mark.parametrize("base", [19_331, 19_332])
def test_t_z4_both_income_lines_follow_from_one_provincial_figure(base: int) -> None:
    """8,699 is 45 % and 11,599 is 60 % of the same figure, in whole yuan, half up."""
    yuan = Decimal(1)
    lines = [
        (Decimal(base) * percent / 100).quantize(yuan, rounding=ROUND_HALF_UP)
        for percent in (45, 60)
    ]
    assert lines == [8_699, 11_599]


@pytest.mark.parametrize("base", [19_330, 19_333])
def test_t_z4_no_neighbouring_base_gives_both(base: int) -> None:
    lines = [share(Fen(base), basis_points) for basis_points in (4_500, 6_000)]
    assert lines != [8_699, 11_599]


def test_t_z4_basis_points_give_the_same_lines_as_percent() -> None:
    assert [share(Fen(19_332), basis_points) for basis_points in (4_500, 6_000)] == [8_699, 11_599]
