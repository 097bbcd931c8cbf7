"""Two hands at one step, two clues about one household: one wins; without the gate both do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from kernel.database import constraint_of, db
from kernel.errors import Refusal
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.households.models.cases import CaseStep
from registry.households.rules import cases as rules
from tests.builders import registry as build
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


def race(app: Flask, acts: Sequence[Callable[[], Any]]) -> list[str]:
    """Let all act at once; tell of each `won`, the refusal's code or the constraint's name."""
    barrier = threading.Barrier(len(acts))

    def runner(act: Callable[[], Any]) -> str:
        with app.app_context():
            barrier.wait()
            try:
                run(act)
            except Refusal as refusal:
                return refusal.code
            except IntegrityError as error:
                return constraint_of(error)
            return "won"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(runner, acts))


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
    assert race(app, acts) == ["won"] + ["wrong_state"] * 7
    rows = run(
        lambda: db.session.execute(text("SELECT count(*) FROM household_case_step")).scalar()
    )
    assert rows == 5


def test_one_household_gets_one_open_case(app: Flask) -> None:
    people = run(cast)
    household_id = run(lambda: build.household().id)
    outcomes = race(app, [partial(opened, people, household_id)] * 6)
    assert outcomes == ["uq_household_case_open"] * 5 + ["won"]


def test_without_the_constraint_one_household_gets_several_cases(app: Flask) -> None:
    people = run(cast)
    household_id = run(lambda: build.household().id)
    run(lambda: db.session.execute(text("DROP INDEX uq_household_case_open")))
    assert race(app, [partial(opened, people, household_id)] * 6) == ["won"] * 6


@pytest.mark.parametrize(
    ("drop", "outcome"),
    [
        ("SELECT 1", "uq_household_case_step_person"),
        ("DROP INDEX uq_household_case_step_person", "won"),
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
