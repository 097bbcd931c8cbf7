"""What a plot may promise: both sides of each boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from kernel.errors import Invalid, Refusal
from kernel.identity import new_id
from kernel.money import Fen
from kernel.quantity import Unit
from marketplace.campaigns.models.commissions import CommissionStatus, FailureRule
from marketplace.campaigns.rules import commissions as rules
from marketplace.campaigns.rules.commissions import GrowerTerms
from marketplace.errors.campaigns import MilestonesUneven, SeasonTooShort, YieldUneven
from marketplace.errors.orders import QuantityOffStep
from registry.households.models.households import HouseholdId
from tests.builders.plots import HARVEST_ON, SOWN, TENDED
from tests.builders.settlement import TODAY

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("prepaid", "milestones", "parts"),
    [
        (2_000, [2_000, 2_000], [60_000, 60_000, 60_000]),
        (1, [9_998], [30, 299_940]),
        (3_333, [3_333], [99_990, 99_990]),
    ],
)
def test_a_price_is_parted_and_something_is_left(
    prepaid: int, milestones: list[int], parts: list[int]
) -> None:
    terms = [replace(SOWN, share_bp=share) for share in milestones]
    found = rules.instalments(Decimal(100), Fen(3_000), prepaid_bp=prepaid, milestones=terms)
    assert [found.prepaid_fen, *found.milestones_fen] == parts
    assert sum(parts) < found.total_fen == 300_000


@pytest.mark.parametrize(
    ("quantity", "prepaid", "share"),
    [("100", 5_000, 5_000), ("100", 9_999, 1), ("1", 1, 1)],
)
def test_what_leaves_nothing_for_a_part_is_refused(quantity: str, prepaid: int, share: int) -> None:
    terms = [replace(SOWN, share_bp=share)]
    with pytest.raises(MilestonesUneven):
        rules.instalments(Decimal(quantity), Fen(3), prepaid_bp=prepaid, milestones=terms)


@pytest.mark.parametrize(
    ("first", "second", "harvest", "pointer"),
    [
        (TODAY, TENDED.due_on, HARVEST_ON, "/milestones/0/due_on"),
        (TENDED.due_on, TENDED.due_on - DAY, HARVEST_ON, "/milestones/1/due_on"),
        (SOWN.due_on, TENDED.due_on, TENDED.due_on - DAY, "/harvest_by_on"),
    ],
)
def test_milestones_come_in_their_order(
    first: object, second: object, harvest: object, pointer: str
) -> None:
    terms = [replace(SOWN, due_on=first), replace(TENDED, due_on=second)]  # type: ignore[arg-type]
    with pytest.raises(SeasonTooShort) as refused:
        rules.check_season(terms, harvest_by_on=harvest, today=TODAY)  # type: ignore[arg-type]
    assert refused.value.pointer == pointer


def test_milestones_of_one_day_and_the_harvests_are_in_order() -> None:
    day = TODAY + DAY
    terms = [replace(SOWN, due_on=day), replace(TENDED, due_on=day)]
    rules.check_season(terms, harvest_by_on=day, today=TODAY)


def test_growers_grow_what_the_plot_yields_and_no_more() -> None:
    one = GrowerTerms(HouseholdId(new_id()), Decimal(60), Fen(1))
    other = replace(one, household_id=HouseholdId(UUID(int=1)), quantity=Decimal(40))
    told = {"unit": Unit.KG, "step": Decimal(1)}
    rules.check_yield(Decimal(100), growers=[one, other], **told)  # type: ignore[arg-type]
    cases: list[tuple[str, list[GrowerTerms], type[Refusal]]] = [
        ("99", [one, other], YieldUneven),
        ("200", [one, one], Invalid),
        ("100.5", [one], QuantityOffStep),
        ("100.0005", [one], Invalid),
    ]
    for quantity, growers, refusal in cases:
        with pytest.raises(refusal):
            rules.check_yield(Decimal(quantity), growers=growers, **told)  # type: ignore[arg-type]


def test_the_terms_say_what_a_failure_leads_to_and_ends_lead_nowhere() -> None:
    assert rules.after_failure(FailureRule.REFUND) is CommissionStatus.FAILED
    assert rules.after_failure(FailureRule.SUBSTITUTE) is CommissionStatus.FAILING
    ends = {state for state, ways in rules.TRANSITIONS.items() if not ways}
    assert ends == {
        CommissionStatus.WITHDRAWN,
        CommissionStatus.FAILED,
        CommissionStatus.LAPSED,
    }
