"""What the rules find among trade in which a thousand cases were planted, and nearly as many."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.actor import SYSTEM
from marketplace.oversight.commands.terms import DEFAULTS
from marketplace.oversight.models import FlagRule
from marketplace.oversight.queries.searches import Finding, list_findings
from marketplace.oversight.rules import window
from tests.marketplace.oversight import plants_amounts, plants_papers, plants_prices
from tests.marketplace.oversight.field import NOW, Field, Plant, ordinary

PLANTS: Mapping[FlagRule, Plant] = MappingProxyType(
    {**plants_prices.PLANTS, **plants_amounts.PLANTS, **plants_papers.PLANTS}
)
CASES = 40
RECALL, PRECISION = 0.95, 0.8


def named(found: Finding) -> set[UUID]:
    """Give what a finding names: its rows and whom it concerns."""
    return {UUID(key) for _, key, _ in found.rows} | {*found.buyer_ids, *found.supplier_ids}


def search(rule: FlagRule) -> list[Finding]:
    """Look for a rule's findings with the numbers of this program."""
    asked = window(DEFAULTS, now=NOW)
    return list_findings(SYSTEM, rule, asked=asked)


def test_every_rule_has_its_search_and_its_plants() -> None:
    assert set(PLANTS) == set(FlagRule)


@pytest.mark.parametrize("rule", FlagRule)
def test_a_rule_finds_its_case_and_leaves_what_is_nearly_one(
    rule: FlagRule, db_session: Session
) -> None:
    field = Field(seed=7)
    case, miss = PLANTS[rule](field, 1, near=False), PLANTS[rule](field, 2, near=True)
    field.rows.write(db_session)
    found = search(rule)
    assert [case in named(one) for one in found] == [True]
    assert not any(miss in named(one) for one in found)


def test_a_thousand_planted_cases_are_found_and_little_else(db_session: Session) -> None:
    field = Field(seed=20_261_120)
    ordinary(field, units=60, suppliers=30, orders=3_000)
    planted = {
        rule: [plant(field, each, near=False) for each in range(CASES)]
        for rule, plant in PLANTS.items()
    }
    for plant in PLANTS.values():
        for each in range(CASES // 2):
            plant(field, each, near=True)
    field.rows.write(db_session)
    db_session.execute(text("ANALYZE"))
    met, right, found = 0, 0, 0
    for rule, cases in planted.items():
        flags = [named(one) for one in search(rule)]
        hit = {case for case in cases if any(case in one for one in flags)}
        true = sum(1 for one in flags if one & set(cases))
        print(rule.value, len(hit), true, len(flags))  # noqa: T201 - what was found is the figure
        met, right, found = met + len(hit), right + true, found + len(flags)
    recall, precision = met / (CASES * len(PLANTS)), right / found
    print(f"recall {recall:.3f} precision {precision:.3f}")  # noqa: T201
    assert recall >= RECALL
    assert precision >= PRECISION
