"""Two hands at one step, two clues about one household: one wins; without the gate both do."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from kernel.database import db
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.households.models.cases import CaseStep
from registry.households.rules import cases as rules
from tests.builders import registry as build
from tests.racing import race
from tests.registry.households.casework import (
    NOTICE_OVER,
    OFFICE,
    Cast,
    advance,
    cast,
    opened,
    take,
)


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


def _case_before(step: CaseStep) -> tuple[Cast, Any]:
    def unit() -> tuple[Cast, Any]:
        people = cast()
        case = opened(people, build.household().id)
        return people, advance(people, case, step).id

    return run(unit)


def test_of_many_county_reviewers_at_once_one_decides(app: Flask) -> None:
    _, case_id = _case_before(CaseStep.TOWN_CHECK)
    county = run(lambda: [build.person(Role.COUNTY_REVIEWER, kind=OFFICE) for _ in range(8)])
    acts = [partial(take, case_id, CaseStep.COUNTY_DECISION, by, now=NOTICE_OVER) for by in county]
    assert sorted(race(app, acts)) == ["done"] + ["wrong_state"] * 7
    rows = run(
        lambda: db.session.execute(text("SELECT count(*) FROM household_case_step")).scalar()
    )
    assert rows == 5


def test_one_household_gets_one_open_case(app: Flask) -> None:
    people = run(cast)
    household_id = run(lambda: build.household().id)
    outcomes = race(app, [partial(opened, people, household_id)] * 6)
    assert sorted(outcomes) == ["done"] + ["uq_household_case_open"] * 5


def test_without_the_constraint_one_household_gets_several_cases(app: Flask) -> None:
    people = run(cast)
    household_id = run(lambda: build.household().id)
    run(lambda: db.session.execute(text("DROP INDEX uq_household_case_open")))
    assert race(app, [partial(opened, people, household_id)] * 6) == ["done"] * 6


@pytest.mark.parametrize(
    ("drop", "outcome"),
    [
        ("SELECT 1", "uq_household_case_step_person"),
        ("DROP INDEX uq_household_case_step_person", "done"),
    ],
    ids=["as it is", "negative control: without the constraint"],
)
def test_the_database_itself_refuses_one_person_at_two_levels(
    app: Flask, monkeypatch: pytest.MonkeyPatch, drop: str, outcome: str
) -> None:
    people, case_id = _case_before(CaseStep.TOWN_CHECK)
    run(lambda: db.session.execute(text(drop)))
    monkeypatch.setattr(rules, "check_person", lambda *_, **__: None)
    act = partial(take, case_id, CaseStep.COUNTY_DECISION, people.comparer, now=NOTICE_OVER)
    assert race(app, [act]) == [outcome]
