"""The examples of `docs/rules/attribution.md`, figure by figure."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from kernel.money import Fen
from marketplace.attribution.models.postings import PartyKind
from marketplace.attribution.rules.shares import (
    Contribution,
    OpenShare,
    Party,
    Portion,
    attributable,
    attribute,
    household_pool,
    household_values,
    reverse,
)

FIRST, SECOND, THIRD, COOPERATIVE, POSTING = (UUID(int=key) for key in range(1, 6))


def grown(household: UUID, quantity: int, price: int) -> Contribution:
    return Contribution(household, Decimal(quantity), Fen(price))


def lot_a(accepted: int) -> Portion:
    contributions = (grown(FIRST, 30, 1_800), grown(SECOND, 40, 1_800))
    return Portion(Fraction(accepted), Decimal(80), contributions)


def lot_b(accepted: int) -> Portion:
    contributions = (grown(FIRST, 10, 2_000), grown(THIRD, 25, 2_000))
    return Portion(Fraction(accepted), Decimal(40), contributions)


def thirds(price: int) -> Portion:
    contributions = tuple(grown(household, 10, price) for household in (FIRST, SECOND, THIRD))
    return Portion(Fraction(10), Decimal(30), contributions)


def split_of(
    amount: int, portions: list[Portion], standing: dict[Party, Fen] | None = None
) -> list[int]:
    """Give the parts of the three households and the cooperative."""
    shares = attribute(
        Fen(amount),
        values=household_values(portions),
        cooperative_id=COOPERATIVE,
        standing=standing or {},
    )
    return [shares.get(party, 0) for party in parties()]


def parties() -> list[Party]:
    households = [Party(PartyKind.HOUSEHOLD, one) for one in (FIRST, SECOND, THIRD)]
    return [*households, Party(PartyKind.COOPERATIVE, COOPERATIVE)]


def having(amounts: list[int]) -> dict[Party, Fen]:
    return {party: Fen(amount) for party, amount in zip(parties(), amounts, strict=True)}


def taken_from(amounts: list[int], refund: int) -> list[int]:
    shares = [OpenShare(POSTING, party, Fen(left)) for party, left in having(amounts).items()]
    return list(map(int, reverse(Fen(refund), open_shares=shares)))


def test_example_1_one_sale_from_two_lots() -> None:
    assert split_of(300_000, [lot_a(80), lot_b(20)]) == [64_000, 72_000, 25_000, 139_000]


def test_example_2_a_third_each() -> None:
    assert split_of(1_000, [thirds(100)]) == [334, 333, 333, 0]


def test_example_3_sold_below_the_farm_price() -> None:
    assert household_pool(household_values([thirds(120)])) == 1_200
    assert split_of(1_000, [thirds(120)]) == [334, 333, 333, 0]


def test_example_4_paid_in_two_parts() -> None:
    portions = [lot_a(80), lot_b(20)]
    first = split_of(100_000, portions)
    assert first == [39_752, 44_720, 15_528, 0]
    assert split_of(200_000, portions, having(first)) == [24_248, 27_280, 9_472, 139_000]


def test_example_5_ten_kilograms_turned_away() -> None:
    earned = attributable(money=Fen(300_000), accepted=Fen(270_000))
    assert earned == 270_000
    assert split_of(earned, [lot_a(80), lot_b(10)]) == [59_000, 72_000, 12_500, 126_500]
    assert attributable(money=Fen(270_000), accepted=Fen(270_000)) == earned


def test_example_6_a_refund() -> None:
    assert taken_from([64_000, 72_000, 25_000, 139_000], 30_000) == [6_400, 7_200, 2_500, 13_900]
    assert taken_from([57_600, 64_800, 22_500, 125_100], 1) == [0, 0, 0, 1]


def test_example_7_all_money_goes_back() -> None:
    shares = [64_000, 72_000, 25_000, 139_000]
    for refund in (1, 99_999, 123_456, 76_544):
        taken = taken_from(shares, refund)
        shares = [left - part for left, part in zip(shares, taken, strict=True)]
    assert shares == [0, 0, 0, 0]


def test_example_8_refunded_then_paid_again() -> None:
    contributions = (grown(FIRST, 10, 6), grown(SECOND, 20, 6), grown(THIRD, 10, 6))
    portions = [Portion(Fraction(40), Decimal(40), contributions)]
    shares = split_of(400, portions)
    assert shares == [60, 120, 60, 160]
    taken = taken_from(shares, 100)
    assert taken == [15, 30, 15, 40]
    left = [share - part for share, part in zip(shares, taken, strict=True)]
    assert split_of(100, portions, having(left)) == [15, 30, 15, 40]


def test_money_that_was_refunded_beyond_what_lies_there_earns_nothing() -> None:
    assert attributable(money=Fen(-5), accepted=Fen(10)) == 0
