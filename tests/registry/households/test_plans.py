"""The register's lists are answered by indexes, whoever asks and of whatever region."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from flask import Flask

from benchmarks.actors import office
from benchmarks.flat import Question
from benchmarks.households import questions
from benchmarks.register import TABLES, fill
from kernel.operations import judge
from kernel.unit_of_work import run
from registry.households.queries.members import Priority, list_priorities
from tests.builders.filled import filled, plan_of, query, scanned

HOUSEHOLDS = 20_000
SMALL = {
    "region", "organisation", "village_leader", "notice", "benefit_link", "household_case",
    "double_link", "pairing_turn",
}  # fmt: skip
"""Tables of a few thousand rows here, which a planner may well read from end to end."""
LARGE = set(TABLES) - SMALL
BY = {
    "village: households": "ix_household_place",
    "busy county: households": "ix_household_place",
    "nation: households": "ix_household_place",
    "busy county: households of a class": "ix_household_class_place",
    "busy county: without a link": "ix_household_change_household_id",
    "nation: without a link": "ix_household_place",
    "nation: villages with few leaders": "ix_village_leader_place",
    "busy county: villages with few leaders": "pk_region",
    "nation: leaders": "ix_village_leader_place",
    "quiet county: leaders": "ix_village_leader_place",
    "nation: helpers with too many": "ix_helper_load_place",
    "nation: pairings": "pk_pairing",
    "nation: benefit links": "pk_benefit_link",
    "village: benefit links": "ix_benefit_link_organisation_id",
    "nation: double counts": "ix_double_link_place",
    "quiet county: double counts": "ix_double_link_place",
    "cooperative: its double counts": "ix_double_link_household_id",
    "nation: gaps in pairing": "ix_pairing_household_id",
    "busy county: gaps in pairing": "ix_household_place",
    "nation: evaluations": "ix_benefit_link_organisation_id",
    "busy county: evaluations": "ix_benefit_link_result_benefit_link_id",
    "nation: order of asset income": "ix_household_member_disabled",
    "nation: relapse warnings": "ix_household_income_household_id",
    "by identity number": "uq_household_id_number_index",
    "incomes of a household": "ix_household_income_household_id",
    "links of a household": "ix_benefit_link_household_id",
    "cooperative: its households": "ix_benefit_link_organisation_id",
    "cooperative: by exact code": "uq_household_code",
    "cooperative: its links": "ix_benefit_link_organisation_id",
}


@pytest.fixture(scope="module")
def asked(app: Flask, clone: Callable[[], str]) -> Iterator[dict[str, Question]]:
    """Give the questions, on a register of some size."""
    with filled(app, clone(), fill=lambda one: fill(one, first=1, last=HOUSEHOLDS)):
        yield {one.name: one for one in questions(query, today=date.today())}  # noqa: DTZ011


def test_no_list_reads_a_large_table_from_end_to_end(asked: dict[str, Question]) -> None:
    found = {name: scanned(plan_of(one), LARGE) for name, one in asked.items()}
    assert {name: tables for name, tables in found.items() if tables} == {}


@pytest.mark.parametrize("name", BY)
def test_a_list_is_walked_in_its_index(asked: dict[str, Question], name: str) -> None:
    assert BY[name] in plan_of(asked[name])


def test_the_order_of_asset_income_is_the_same_in_pages(asked: dict[str, Question]) -> None:
    del asked
    whole = _pages(limit=200)
    assert [one.rank for one in whole] == sorted(one.rank for one in whole)
    places = [(one.rank, one.village_code, one.code) for one in whole]
    assert places == sorted(places)
    assert {one.rank for one in whole} == {1, 2, 3}
    for limit in (7, 13):
        assert _pages(limit=limit) == whole


def _pages(*, limit: int) -> list[Priority]:
    actor = office("360732500001")
    found: list[Priority] = []
    cursor: str | None = None
    while True:
        one = run(
            lambda cursor=cursor: list_priorities(  # type: ignore[misc]
                actor, region_prefix="", limit=limit, cursor=cursor
            )
        )
        found += one.items
        cursor = one.next_cursor
        if cursor is None:
            return found


def test_a_measured_register_keeps_every_promise(app: Flask, asked: dict[str, Question]) -> None:
    del asked
    found = run(lambda: judge(app.extensions["bangfu.invariants"]))
    assert {one.code: list(one.rows) for one in found if not one.holds} == {}
