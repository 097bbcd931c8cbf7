"""Split rules: what each way is worth, which version holds, and that a posted split stays."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.database import db
from kernel.errors import Refusal
from kernel.identity import new_id
from kernel.money import Fen
from marketplace.attribution.commands.split_rules import NewSplitRule, record_split_rule
from marketplace.attribution.models.postings import AttributionShare
from marketplace.attribution.models.split_rules import SplitBasis, SplitRule, SplitRuleId
from marketplace.attribution.rules.shares import (
    Contribution,
    Portion,
    Terms,
    choose_terms,
    household_values,
    unit_worth,
)
from marketplace.attribution.rules.split_rules import in_force
from registry.accounts.models import UserId
from registry.households.models.links import BenefitWay
from registry.organisations.models import OrganisationId
from tests.builders import registry
from tests.builders.settlement import NOW, TODAY, Market, market, paid
from tests.conftest import Client
from tests.marketplace.attribution.test_commands import (
    attributed,
    delivered_as_in_example_1,
    parts_of,
)
from tests.marketplace.doors import Door, code_of, json_of

WAY = BenefitWay.FAVOURABLE_PURCHASE
RULES = "/attribution/split-rules"
BODY = {"way": WAY, "basis": "premium", "rate_bp": 500, "from_on": "2026-06-01", "source": "章程"}


def terms(basis: SplitBasis, rate_bp: int, key: int = 1) -> Terms:
    return Terms(SplitRuleId(UUID(int=key)), basis, rate_bp)


def version(number: int, from_on: date, *, after: int = 0, way: BenefitWay = WAY) -> SplitRule:
    return SplitRule(
        id=SplitRuleId(new_id()),
        supplier_id=OrganisationId(UUID(int=9)),
        way=way,
        version=number,
        basis=SplitBasis.PREMIUM,
        rate_bp=100,
        from_on=from_on,
        source="",
        recorded_by=UserId(UUID(int=8)),
        recorded_at=NOW + timedelta(days=after),
    )


@pytest.mark.parametrize(
    ("one", "worth"),
    [
        (None, 1_800),
        (terms(SplitBasis.FARM_PRICE, 0), 1_800),
        (terms(SplitBasis.PREMIUM, 500), 1_890),
        (terms(SplitBasis.PREMIUM, 1), Fraction(180_018, 100)),
        (terms(SplitBasis.PERCENTAGE, 7_000), 2_100),
        (terms(SplitBasis.PERCENTAGE, 5_000), 1_800),
    ],
)
def test_a_unit_is_worth_what_the_rule_says_and_never_less_than_promised(
    one: Terms | None, worth: Fraction
) -> None:
    assert unit_worth(Fen(1_800), one, sold_at=Fraction(3_000)) == worth


def test_of_several_ways_the_best_counts_and_who_was_split_before_stays() -> None:
    first, second = UUID(int=1), UUID(int=2)
    grown = tuple(Contribution(key, Decimal(10), Fen(100)) for key in (first, second))
    portions = [Portion(Fraction(20), Decimal(20), grown, Fraction(300))]
    low, high = terms(SplitBasis.PREMIUM, 1_000, 1), terms(SplitBasis.PERCENTAGE, 5_000, 2)
    offered = {first: [low, high], second: [low, high]}
    chosen = choose_terms(offered, portions=portions, frozen={second: None})
    assert chosen == {first: high, second: None}
    assert household_values(portions, chosen) == {first: 1_500, second: 1_000}


def test_the_version_in_force_is_the_last_begun_that_was_known() -> None:
    july, june = date(2026, 7, 1), date(2026, 6, 1)
    first, later, corrected = version(1, june), version(2, july), version(3, june, after=2)
    other = version(1, june, way=BenefitWay.JOBS)
    known = [first, later, corrected, other]
    assert in_force(known, on=TODAY, known_at=NOW) == {WAY: first, BenefitWay.JOBS: other}
    much_later = NOW + timedelta(days=60)
    assert in_force(known, on=june, known_at=much_later)[WAY] is corrected
    assert in_force(known, on=july, known_at=much_later)[WAY] is later
    assert in_force(known, on=date(2026, 5, 31), known_at=much_later) == {}


def record(there: Market, basis: SplitBasis, rate_bp: int, *, way: BenefitWay = WAY) -> SplitRule:
    new = NewSplitRule(way, basis, TODAY, "章程第十条", rate_bp)
    return record_split_rule(new, by=there.by("manager"), now=NOW)


def test_a_later_version_never_changes_a_posted_split(db_session: Session) -> None:
    del db_session
    there = market()
    premium = record(there, SplitBasis.PREMIUM, 1_000)
    order_id = delivered_as_in_example_1(there)
    paid(there, order_id, 100_000)
    attributed(order_id)
    record_split_rule(
        NewSplitRule(WAY, SplitBasis.PERCENTAGE, TODAY, "修订", 10_000),
        by=there.by("manager"),
        now=NOW + timedelta(hours=1),
    )
    paid(there, order_id, 200_000)
    assert parts_of(there, attributed(order_id)) == [70_400, 79_200, 27_500, 122_900]
    used = db.session.scalars(select(AttributionShare.split_rule_id).distinct()).all()
    assert set(used) == {premium.id, None}


def test_a_rule_is_not_backdated_and_its_rate_fits(client: Client) -> None:
    there = market()
    door = Door(client, there.manager)
    assert code_of(door.post(RULES, {**BODY, "from_on": "2020-01-01"}))[1] == "rule_backdated"
    later = {**BODY, "from_on": "2030-01-01"}
    assert code_of(door.post(RULES, {**later, "rate_bp": 0})) == (422, "invalid")
    assert code_of(door.post(RULES, {**later, "basis": "farm_price"})) == (422, "invalid")
    assert code_of(Door(client, there.clerk).post(RULES, later)) == (403, "forbidden")
    made = json_of(door.post(RULES, later), 201)
    assert (made["version"], made["rate_bp"], made["way"]) == (1, 500, WAY)
    assert json_of(door.post(RULES, later), 201)["version"] == 2
    shown = json_of(Door(client, there.clerk).get(RULES, way=WAY))
    assert [one["version"] for one in shown["items"]] == [2, 1]
    assert json_of(Door(client, market().clerk).get(RULES))["items"] == []


def test_a_paper_behind_a_rule_is_the_cooperatives_own(db_session: Session) -> None:
    del db_session
    there = market()
    stranger = registry.organisation()
    paper = registry.document(stranger, registry.user(stranger, []))
    new = NewSplitRule(WAY, SplitBasis.PREMIUM, TODAY, "章程", 1, paper.id)
    with pytest.raises(Refusal, match="not_found"):
        record_split_rule(new, by=there.by("manager"), now=NOW)
