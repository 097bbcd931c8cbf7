"""Two decide one difference at once, or one closes while another decides: the second sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from kernel.actor import Actor
from kernel.database import db
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.households.commands import reconciliations as commands
from registry.households.commands.surveys import SurveyImport
from registry.households.models.households import Household, HouseholdState
from registry.households.models.reconciliations import (
    DifferenceDecision,
    DifferenceId,
    Reconciliation,
    ReconciliationDifference,
    ReconciliationId,
)
from registry.households.queries import reconciliations as queries
from registry.wiring import INVARIANTS
from tests import promises
from tests.builders import registry as build
from tests.racing import Act, race, rival
from tests.registry.households.casework import NOW, OFFICE

KEEP, REMOVE = DifferenceDecision.KEEP, DifferenceDecision.REMOVE
LOCKED = pytest.mark.parametrize("locks", [True, False], ids=["locked", "control: not locked"])


@dataclass(frozen=True)
class Ground:
    """A comparison that found a household only on the register, its author, and who decides."""

    run_id: ReconciliationId
    difference_id: DifferenceId | None
    author: Actor
    deciders: tuple[Actor, ...]

    def decide(self, decision: DifferenceDecision, by: Actor) -> Act:
        """Give the act of deciding the difference."""
        assert self.difference_id is not None
        return partial(
            commands.decide_difference,
            self.difference_id, decision=decision, reason="入户核对", by=by, now=NOW,
        )  # fmt: skip

    def close(self) -> Act:
        """Give the act of closing the account."""
        return partial(commands.close_reconciliation, self.run_id, by=self.author, now=NOW)

    def survey(self) -> Act:
        """Give the act of taking a survey in that names nobody."""

        def take_in() -> None:
            survey = SurveyImport(by=self.author, now=NOW, by_itself=False, subject_id=self.run_id)
            survey.write([])
            survey.finish()

        return take_in


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


def _ground(*, is_compared: bool = True) -> Ground:
    author, *deciders = (build.person(Role.COUNTY_REVIEWER, kind=OFFICE) for _ in range(7))
    build.household()
    made = commands.open_reconciliation(
        region_code=build.WUJIANG, survey="2026 普查", surveyed_on=date(2026, 2, 1),
        by=author, now=NOW,
    )  # fmt: skip
    ground = Ground(made.id, None, author, tuple(deciders))
    if not is_compared:
        return ground
    ground.survey()()
    (difference_id,) = db.session.scalars(select(ReconciliationDifference.id))
    return Ground(made.id, difference_id, author, tuple(deciders))


def careless_run(actor: Actor, reconciliation_id: ReconciliationId) -> Reconciliation:
    """Give a run without a lock: the control."""
    del actor
    return db.session.get_one(Reconciliation, reconciliation_id)


def unlock(monkeypatch: pytest.MonkeyPatch, *, locks: bool) -> None:
    if not locks:
        monkeypatch.setattr(queries, "lock_reconciliation", careless_run)


def broken() -> list[str]:
    return run(partial(promises.broken, INVARIANTS))


def decision() -> tuple[str, str, HouseholdState]:
    def unit() -> tuple[str, str, HouseholdState]:
        found = db.session.query(ReconciliationDifference).one()
        state = db.session.query(Household).one().state
        return str(found.decision), str(found.decided_by_id), state

    return run(unit)


@LOCKED
def test_one_difference_is_decided_once_by_two_at_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch, *, locks: bool
) -> None:
    unlock(monkeypatch, locks=locks)
    ground = run(_ground)
    one, other, *_ = ground.deciders
    told = rival(app, ground.decide(REMOVE, one), ground.decide(KEEP, other))
    assert told == ("difference_decided" if locks else "done")
    removed = ("remove", str(one.user_id), HouseholdState.EXITED)
    overwritten = ("keep", str(other.user_id), HouseholdState.EXITED)
    assert decision() == (removed if locks else overwritten)


def test_of_many_at_once_one_decides(app: Flask) -> None:
    ground = run(_ground)
    acts = [ground.decide(REMOVE, by) for by in ground.deciders]
    assert sorted(race(app, acts)) == ["difference_decided"] * 5 + ["done"]
    assert broken() == []


@LOCKED
def test_the_account_is_closed_with_what_was_being_decided(
    app: Flask, monkeypatch: pytest.MonkeyPatch, *, locks: bool
) -> None:
    unlock(monkeypatch, locks=locks)
    ground = run(_ground)
    first = ground.decide(REMOVE, ground.deciders[0])
    told = rival(app, first, ground.close(), waits=locks)
    assert told == ("done" if locks else "differences_undecided")
    after = run(lambda: db.session.get_one(Reconciliation, ground.run_id).after_households)
    assert after == (0 if locks else None)
    assert broken() == []


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (Ground.close, Ground.survey, "reconciliation_closed"),
        (Ground.survey, Ground.close, "differences_undecided"),
        (Ground.survey, Ground.survey, "survey_taken"),
        (Ground.close, Ground.close, "reconciliation_closed"),
    ],
    ids=["withdrawn, then surveyed", "surveyed, then closed", "surveyed twice", "closed twice"],
)
def test_a_survey_and_the_end_of_its_run_do_not_cross(
    app: Flask, first: Callable[[Ground], Act], second: Callable[[Ground], Act], told: str
) -> None:
    ground = run(partial(_ground, is_compared=False))
    assert rival(app, first(ground), second(ground)) == told
    assert broken() == []


def test_without_the_lock_a_survey_is_compared_after_its_run_was_withdrawn(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock(monkeypatch, locks=False)
    ground = run(partial(_ground, is_compared=False))
    assert rival(app, ground.close(), ground.survey()) == "StaleDataError"
    undecided = run(lambda: db.session.query(ReconciliationDifference).count())
    assert undecided == 0
