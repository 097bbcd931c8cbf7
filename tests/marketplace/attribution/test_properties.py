"""What must hold for every line: exact sums, no order, no fen lost, no cooperative below zero."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.money import Fen, split
from marketplace.attribution.models.postings import PartyKind
from marketplace.attribution.rules.shares import (
    Contribution,
    OpenShare,
    Party,
    Portion,
    attribute,
    household_pool,
    household_values,
    reverse,
)

Thing = TypeVar("Thing")
EXAMPLES = int(os.environ.get("BANGFU_EXAMPLES", "1000"))
COOPERATIVE = UUID(int=999)
POSTING = UUID(int=1_000)
many = settings(max_examples=EXAMPLES, deadline=None)

money = st.integers(min_value=1, max_value=10**11).map(Fen)
weights = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=12).filter(any)
quantities = st.integers(min_value=1, max_value=10**8).map(lambda n: Decimal(n).scaleb(-3))
thousandths = st.integers(min_value=0, max_value=1_000).map(lambda n: Fraction(n, 1_000))
contributions = st.builds(
    Contribution,
    household_id=st.integers(min_value=1, max_value=8).map(lambda key: UUID(int=key)),
    quantity=quantities,
    farm_price=st.integers(min_value=0, max_value=100_000).map(Fen),
)


@st.composite
def portions(draw: st.DrawFn) -> Portion:
    grown = tuple(draw(st.lists(contributions, max_size=4, unique_by=lambda one: one.household_id)))
    own = draw(quantities)
    total = own + sum((one.quantity for one in grown), Decimal(0))
    return Portion(draw(thousandths) * Fraction(total), total, grown)


some_portions = st.lists(portions(), min_size=1, max_size=3)


def shares_of(amount: Fen, sold: list[Portion]) -> dict[Party, Fen]:
    values = household_values(sold)
    return attribute(amount, values=values, cooperative_id=COOPERATIVE, standing={})


def for_households(shares: dict[Party, Fen]) -> int:
    return sum(part for party, part in shares.items() if party.kind is PartyKind.HOUSEHOLD)


@many
@given(money, weights)
def test_a_split_adds_up_and_no_part_strays_a_fen_from_its_exact_share(
    amount: Fen, by: list[int]
) -> None:
    parts = split(amount, by)
    assert sum(parts) == amount
    for part, weight in zip(parts, by, strict=True):
        assert abs(part - Fraction(amount * weight, sum(by))) < 1


@many
@given(money, weights)
def test_who_weighs_more_never_gets_less(amount: Fen, by: list[int]) -> None:
    parts = split(amount, by)
    ranked = sorted(zip(by, parts, strict=True))
    for (lighter, less), (heavier, more) in pairwise(ranked):
        assert lighter == heavier or less <= more


@many
@given(money, some_portions, st.randoms(use_true_random=False))
def test_shares_add_up_households_come_first_and_no_order_of_the_lots_matters(
    amount: Fen, sold: list[Portion], dice: random.Random
) -> None:
    shares = shares_of(amount, sold)
    assert sum(shares.values()) == amount
    assert all(part > 0 for part in shares.values())
    pool = household_pool(household_values(sold))
    assert for_households(shares) == min(pool, amount)
    mixed = [
        Portion(one.quantity, one.lot_total, tuple(shuffled(one.contributions, dice)))
        for one in shuffled(sold, dice)
    ]
    assert shares_of(amount, mixed) == shares


@many
@given(money, portions(), thousandths)
def test_more_goods_never_earn_the_households_less(
    amount: Fen, sold: Portion, more: Fraction
) -> None:
    larger = Portion(
        sold.quantity + (Fraction(sold.lot_total) - sold.quantity) * more,
        sold.lot_total,
        sold.contributions,
    )
    fewer_goods = for_households(shares_of(amount, [sold]))
    assert for_households(shares_of(amount, [larger])) >= fewer_goods


@many
@given(money, st.lists(quantities, min_size=2, max_size=8), st.integers(1, 10_000).map(Fen))
def test_who_grew_more_at_the_same_price_never_gets_less(
    amount: Fen, grown: list[Decimal], price: Fen
) -> None:
    total = sum(grown, Decimal(0))
    lot = tuple(Contribution(UUID(int=i + 1), q, price) for i, q in enumerate(grown))
    shares = shares_of(amount, [Portion(Fraction(total), total, lot)])
    parts = [shares.get(Party(PartyKind.HOUSEHOLD, one.household_id), 0) for one in lot]
    ranked = sorted(zip(grown, parts, strict=True))
    for (smaller, less), (larger, more) in pairwise(ranked):
        assert smaller == larger or less <= more


@many
@given(money, some_portions, st.lists(st.integers(1, 10**10), max_size=6))
def test_paid_in_parts_the_households_end_with_the_same(
    amount: Fen, sold: list[Portion], cuts: list[int]
) -> None:
    values = household_values(sold)
    standing: dict[Party, Fen] = {}
    for part in parts_of(amount, cuts):
        added = attribute(part, values=values, cooperative_id=COOPERATIVE, standing=standing)
        assert sum(added.values()) == part
        for party, share in added.items():
            assert share > 0
            standing[party] = Fen(standing.get(party, 0) + share)
    assert for_households(standing) == for_households(shares_of(amount, sold))
    total = sum(values.values(), Fraction(0))
    for household, value in values.items():
        have = standing.get(Party(PartyKind.HOUSEHOLD, household), 0)
        exact = for_households(standing) * value / total if total else Fraction(0)
        assert abs(have - exact) < 1 + len(cuts)


@many
@given(money, some_portions, st.lists(st.integers(1, 10**10), max_size=8))
def test_refunds_in_any_parts_reverse_exactly_to_zero(
    amount: Fen, sold: list[Portion], cuts: list[int]
) -> None:
    left = dict(shares_of(amount, sold))
    for refund in parts_of(amount, cuts):
        open_shares = [OpenShare(POSTING, party, share) for party, share in left.items()]
        taken = reverse(refund, open_shares=open_shares)
        assert sum(taken) == refund
        for one, part in zip(open_shares, taken, strict=True):
            assert 0 <= part <= one.remaining
            left[one.party] = Fen(one.remaining - part)
    assert set(left.values()) == {0}


def shuffled(things: Sequence[Thing], dice: random.Random) -> list[Thing]:
    return dice.sample(things, len(things))


def parts_of(amount: Fen, cuts: list[int]) -> list[Fen]:
    """Cut an amount at any places; every part is above zero."""
    places = sorted({cut % amount for cut in cuts} - {0})
    return [Fen(end - start) for start, end in zip([0, *places], [*places, amount], strict=True)]
