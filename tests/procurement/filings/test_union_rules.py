"""The union's share, last year's promise, and what a policy demands besides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kernel.errors import Refusal
from kernel.money import Fen
from procurement.filings.models import UnionSituation
from procurement.filings.rules import contents as rules
from procurement.filings.rules.contents import FilingContents
from procurement.filings.rules.differences import Difference, differences, unanswered
from procurement.policies.models import Denominator, SharePolicy, Situation, UnionRule, Waiver
from procurement.policies.rules.resolutions import Resolution
from procurement.policies.rules.words import Words

FILED = FilingContents(
    year=2026,
    situation=Situation.OWN,
    canteen_total_fen=Fen(1000),
    reserved_fen=Fen(300),
    ceiling_fen=Fen(800),
    union_total_fen=Fen(100_000_00),
    union_reserved_fen=Fen(25_000_00),
    union_heads=50,
)
LAST = replace(FILED, reserved_fen=Fen(310), union_reserved_fen=Fen(25_000_01))


def refusal(act: Any) -> str | None:
    try:
        act()
    except Refusal as found:
        return found.code
    return None


def resolution(waiver: Waiver | None = None, **policy: Any) -> Resolution:
    values = {"denominator": Denominator.CANTEEN_FOOD_TOTAL, "floor_bp": 3000} | policy
    return Resolution(
        region_code="440203",
        year=2026,
        policy=SharePolicy(**values),
        carried=False,
        deadline_on=None,
        why=Words("", ""),
        losing=(),
        waiver=waiver,
    )


def union(filed: FilingContents = FILED, **rule: Any) -> str | None:
    return refusal(lambda: rules.check_union_share(UnionRule(**rule), filed, before=LAST))


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        ({"floor_bp": 2500}, None),
        ({"floor_bp": 2501}, "union_below_floor"),
        ({"head_floor_fen": 500_00}, None),
        ({"head_floor_fen": 500_01}, "union_below_floor"),
        ({"head_cap_fen": 500_00}, None),
        ({"head_cap_fen": 499_99}, "union_above_cap"),
        ({"not_below_last_year": True}, "union_below_floor"),
        ({"not_below_last_year": False}, None),
    ],
)
def test_the_union_keeps_between_its_floor_and_its_cap(
    rule: dict[str, Any], refused: str | None
) -> None:
    assert union(**rule) == refused


@pytest.mark.parametrize(
    ("fields", "rule", "refused"),
    [
        ({"union_heads": None}, {"head_cap_fen": 1}, "union_figures_unfit"),
        ({"union_reserved_fen": None}, {"floor_bp": 1}, "union_figures_unfit"),
        ({"union_reserved_fen": None}, {"head_floor_fen": 1}, "union_figures_unfit"),
        ({"union_reserved_fen": None}, {"head_cap_fen": 1}, None),
        ({"union_situation": UnionSituation.NO_UNION_FUNDS}, {"floor_bp": 10_000}, None),
    ],
)
def test_a_rule_of_the_union_wants_its_figures(
    fields: dict[str, Any], rule: dict[str, Any], refused: str | None
) -> None:
    assert union(replace(FILED, **fields), **rule) == refused


def test_without_a_rule_of_the_union_nothing_is_asked() -> None:
    rules.check_union_share(None, replace(FILED, union_reserved_fen=None))


def test_a_promise_is_not_below_last_years_where_the_policy_says_so() -> None:
    strict = resolution(not_below_last_year=True)
    assert rules.check_floor(resolution(), FILED, before=LAST) == 300
    assert refusal(lambda: rules.check_floor(strict, FILED, before=LAST)) == "below_last_year"
    assert rules.check_floor(strict, replace(FILED, reserved_fen=Fen(310)), before=LAST) == 310
    assert rules.check_floor(strict, FILED, before=None) == 300


def test_a_waiver_lowers_the_floor_and_lifts_last_years() -> None:
    waived = resolution(Waiver(floor_bp=2000), not_below_last_year=True)
    low = replace(FILED, reserved_fen=Fen(200))
    assert rules.check_floor(waived, low, before=LAST) == 200
    assert refusal(lambda: rules.check_floor(resolution(), low)) == "below_floor"


def test_a_share_of_farm_produce_wants_that_total() -> None:
    policy = SharePolicy(denominator=Denominator.FARM_PRODUCE_TOTAL, floor_bp=1500)
    assert refusal(lambda: rules.check_terms(policy, FILED, zero=False)) == "total_missing"
    rules.check_terms(policy, FILED, zero=True)
    filed = replace(FILED, farm_produce_total_fen=Fen(2000))
    rules.check_terms(policy, filed, zero=False)
    found = resolution(denominator=Denominator.FARM_PRODUCE_TOTAL, floor_bp=1500)
    assert rules.check_floor(found, filed) == 300
    dear = replace(filed, farm_produce_total_fen=Fen(2004))
    assert refusal(lambda: rules.check_floor(found, dear)) == "below_floor"


@pytest.mark.parametrize(
    ("clause", "situation", "refused"),
    [
        (True, Situation.OUTSOURCED, None),
        (False, Situation.OUTSOURCED, "contract_clause_missing"),
        (None, Situation.OUTSOURCED, "contract_clause_missing"),
        (None, Situation.OWN, None),
    ],
)
def test_the_contract_of_an_outsourced_canteen_states_the_duty(
    situation: Situation, refused: str | None, *, clause: bool | None
) -> None:
    policy = SharePolicy(
        denominator=Denominator.CANTEEN_FOOD_TOTAL, floor_bp=0, contract_clause_required=True
    )
    filed = replace(FILED, situation=situation, contract_clause=clause)
    assert refusal(lambda: rules.check_terms(policy, filed, zero=False)) == refused


def test_differences_stand_in_the_order_of_the_form_with_their_reasons() -> None:
    reasons = [{"pointer": "/b", "text": "少"}, {"pointer": "/c", "text": "漏"}]
    found = differences({"a": 1, "b": 2}, {"a": 1, "b": 3, "d": 4}, reasons=reasons)
    assert found == [Difference("/b", 2, 3, ["少"]), Difference("/d", None, 4, [])]
    assert unanswered(found, reasons=reasons) == [reasons[1]]
