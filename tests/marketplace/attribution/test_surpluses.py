"""Surpluses: P-7 and P-8 to the fen, at least 60 % by volume, and no fen lost or made."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from kernel import ledger
from kernel.database import db
from kernel.errors import Refusal
from kernel.money import Fen, split
from marketplace.attribution.commands.dividends import (
    NewFundDividend,
    draw_up_dividend,
)
from marketplace.attribution.commands.payouts import draw_up_list
from marketplace.attribution.commands.surpluses import (
    Capital,
    NewVolumeReturn,
    approve_run,
    cancel_run,
    draw_up_return,
)
from marketplace.attribution.models.surpluses import SurplusStatus
from marketplace.attribution.queries.promises import PROMISES
from marketplace.attribution.queries.surpluses import list_surplus_shares
from marketplace.attribution.rules.surpluses import (
    Fund,
    Member,
    check_preferred,
    divide_fund,
    fund_total,
    part_by_volume,
    return_by_volume,
)
from marketplace.errors.attribution import BelowVolumeFloor
from registry.households.models.households import HouseholdId
from tests.builders import registry
from tests.builders.settlement import NOW, Market, market
from tests.promises import broken

YUAN = 100


def keys(count: int) -> list[UUID]:
    return [UUID(int=number) for number in range(1, count + 1)]


def test_p_7_gives_79_000_yuan_to_138_households_to_the_fen() -> None:
    fund = Fund(Fen(2_420_000 * YUAN), Fen(1_000_000 * YUAN), floor_bp=500)
    assert fund.fund_bp == 2_900
    assert fund.floor_fen == 50_000 * YUAN
    total = fund_total(Fen(100_000 * YUAN), fund)
    assert total == 79_000 * YUAN
    parts = divide_fund(total, households=keys(138), preferred=[], preferred_bp=0)
    amounts = [part.amount_fen for part in parts]
    assert sum(amounts) == 79_000 * YUAN
    assert sorted(set(amounts)) == [57_246, 57_247]
    assert (amounts.count(Fen(57_247)), len(amounts)) == (52, 138)


def test_p_8_shares_sum_to_100() -> None:
    all_of_them = keys(100)
    whole = Fen(100 * 10_000)
    parts = divide_fund(
        whole, households=all_of_them, preferred=all_of_them[:10], preferred_bp=1_000
    )
    percents = [Fraction(part.amount_fen, 10_000) for part in parts]
    assert percents == [Fraction(19, 10)] * 10 + [Fraction(9, 10)] * 90
    assert sum(percents) == 100


@pytest.mark.parametrize(
    ("amount", "parts"),
    [
        (2_000_000_000 * YUAN, [1_200_000_000 * YUAN, 600_000_000 * YUAN, 200_000_000 * YUAN]),
        (20_000 * YUAN, [12_000 * YUAN, 6_000 * YUAN, 2_000 * YUAN]),
        (7, [4, 2, 1]),
        (5, [3, 2, 0]),
        (2, [1, 1, 0]),
    ],
)
def test_t_s6_and_t_s7_add_up(amount: int, parts: list[int]) -> None:
    assert 100_000 * 20_000 == 2_000_000_000
    assert split(Fen(amount), [6, 3, 1]) == parts
    assert sum(parts) == amount


@pytest.mark.parametrize(
    ("surplus", "bp", "given"), [(100, 6_000, 60), (101, 6_000, 61), (1, 6_000, 1), (10, 9_999, 10)]
)
def test_at_least_60_percent_goes_back_by_volume(surplus: int, bp: int, given: int) -> None:
    assert part_by_volume(Fen(surplus), by_volume_bp=bp) == given
    assert given * 10 >= surplus * 6


def test_below_60_percent_is_refused_with_both_figures() -> None:
    with pytest.raises(BelowVolumeFloor) as refused:
        part_by_volume(Fen(100_000), by_volume_bp=5_999)
    assert refused.value.figures == {"floor_fen": 60_000, "given_fen": 59_990}


def test_the_rest_goes_by_capital_and_the_equal_part_of_subsidies() -> None:
    first, second = keys(2)
    members = [
        Member(first, Fen(300), Fen(100)),
        Member(second, Fen(100), Fen(0)),
        Member(None, Fen(0), Fen(0), members=2),
    ]
    parts = return_by_volume(
        Fen(1_000), by_volume_fen=Fen(600), subsidy_fen=Fen(300), members=members
    )
    assert [(one.first_fen, one.second_fen) for one in parts] == [(450, 175), (150, 75), (0, 150)]


@pytest.mark.parametrize(
    ("all_of_them", "preferred"), [([1, 1], []), ([1, 2], [3]), ([1, 2], [1, 1])]
)
def test_names_stand_once_and_the_preferred_among_all(
    all_of_them: list[int], preferred: list[int]
) -> None:
    with pytest.raises(Refusal, match="invalid"):
        check_preferred([UUID(int=n) for n in all_of_them], [UUID(int=n) for n in preferred])


def look_at(splits: int, *, seed: int) -> None:
    """Split at random amounts by random terms: nothing is lost, made, or below the floor."""
    dice = random.Random(seed)
    for _ in range(splits):
        surplus = Fen(dice.randrange(1, 10**10))
        members = [
            Member(key, Fen(dice.randrange(1, 10**8)), Fen(dice.choice([0, dice.randrange(10**7)])))
            for key in keys(dice.randrange(1, 9))
        ]
        by_volume = part_by_volume(surplus, by_volume_bp=dice.randrange(6_000, 10_001))
        subsidy = Fen(dice.choice([0, dice.randrange(10**8)]))
        parts = return_by_volume(
            surplus, by_volume_fen=by_volume, subsidy_fen=subsidy, members=members
        )
        assert sum(part.amount_fen for part in parts) == surplus
        assert sum(part.first_fen for part in parts) * 10 >= surplus * 6
        assert all(part.first_fen >= 0 and part.second_fen >= 0 for part in parts)
        households = keys(dice.randrange(1, 9))
        preferred = households[: dice.randrange(len(households) + 1)]
        divided = divide_fund(
            surplus, households=households, preferred=preferred,
            preferred_bp=dice.randrange(10_001),
        )  # fmt: skip
        assert sum(part.amount_fen for part in divided) == surplus


def test_no_rounding_loses_or_makes_a_fen() -> None:
    look_at(2_000, seed=7)


@pytest.mark.soak
def test_no_rounding_loses_or_makes_a_fen_over_100_000_splits() -> None:
    look_at(50_000, seed=11)


@pytest.fixture
def there(db_session: Session) -> Market:
    del db_session
    return market()


def terms(there: Market, **changes: Any) -> NewVolumeReturn:
    paper = registry.document(there.cooperative, there.clerk, "resolution")
    said: dict[str, Any] = {
        "year": 2026,
        "surplus_fen": Fen(100_000),
        "by_volume_bp": 6_000,
        "source": "成员大会决议",
        "document_id": paper.id,
    }
    return NewVolumeReturn(**(said | changes))


def payable(there: Market) -> list[int]:
    owners = [household.id for household in there.households]
    return [ledger.balance(ledger.account("household_payable", one)) for one in owners]


def test_a_surplus_is_divided_by_what_was_delivered_approved_and_listed(there: Market) -> None:
    first = there.households[0]
    new = terms(there, capital=[Capital(HouseholdId(first.id), Fen(1_000))], other_members=1,
                other_volume_fen=Fen(4_000), other_capital_fen=Fen(1_000))  # fmt: skip
    run = draw_up_return(new, by=there.by("clerk"), now=NOW)
    page = list_surplus_shares(there.by("clerk"), run.id, limit=10, cursor=None)
    shown = {one.household_code: one.share for one in page.items}
    volumes = [shown[one.code].volume_fen for one in there.households]
    assert volumes == [74_000, 72_000, 50_000]
    parts = [(shown[code].first_fen, shown[code].second_fen) for code in (first.code, None)]
    assert parts == [(22_200, 20_000), (1_200, 20_000)]
    with pytest.raises(Refusal, match="same_person"):
        approve_run(run.id, expected_version=None, by=there.by("clerk"), now=NOW)
    assert payable(there) == [0, 0, 0]
    approved = approve_run(run.id, expected_version=None, by=there.by("manager"), now=NOW)
    assert approved.status is SurplusStatus.APPROVED
    assert payable(there) == [42_200, 21_600, 15_000]
    listed = draw_up_list(by=there.by("clerk"), now=NOW)
    assert (listed.list.total_fen, listed.households) == (78_800, 3)
    assert broken(PROMISES) == []


def test_a_years_surplus_is_divided_once_and_again_after_it_was_called_off(there: Market) -> None:
    run = draw_up_return(terms(there), by=there.by("clerk"), now=NOW)
    cancel_run(run.id, reason="有误", expected_version=None, by=there.by("clerk"), now=NOW)
    with pytest.raises(Refusal, match="wrong_state"):
        approve_run(run.id, expected_version=None, by=there.by("manager"), now=NOW)
    draw_up_return(terms(there), by=there.by("clerk"), now=NOW)
    with pytest.raises(Exception, match="uq_surplus_run_year"), db.session.begin_nested():
        draw_up_return(terms(there), by=there.by("clerk"), now=NOW)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"by_volume_bp": 5_000}, "below_volume_floor"),
        ({"year": 2025}, "nobody_traded"),
        ({"year": 2027}, "invalid"),
    ],
)
def test_a_surplus_that_cannot_be_divided(
    there: Market, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refusal, match=code):
        draw_up_return(terms(there, **changes), by=there.by("clerk"), now=NOW)


def dividend(there: Market, households: list[UUID]) -> NewFundDividend:
    paper = registry.document(there.cooperative, there.clerk, "resolution")
    return NewFundDividend(
        year=2026,
        profit_fen=Fen(100_000 * YUAN),
        own_assets_fen=Fen(2_420_000 * YUAN),
        fund_fen=Fen(1_000_000 * YUAN),
        floor_bp=500,
        source="股份量化方案",
        document_id=paper.id,
        household_ids=[HouseholdId(one) for one in households],
        preferred_ids=[HouseholdId(households[0])],
        preferred_bp=1_000,
    )


def test_a_dividend_reaches_the_households_that_are_linked(there: Market) -> None:
    new = dividend(there, [one.id for one in there.households])
    run = draw_up_dividend(new, by=there.by("clerk"), now=NOW)
    assert (run.total_fen, run.fund_bp, run.floor_fen) == (7_900_000, 2_900, 5_000_000)
    approve_run(run.id, expected_version=None, by=there.by("manager"), now=NOW)
    assert payable(there) == [3_160_000, 2_370_000, 2_370_000]
    stranger = registry.household()
    with pytest.raises(Refusal, match="household_not_linked"):
        draw_up_dividend(dividend(there, [stranger.id]), by=there.by("clerk"), now=NOW)
