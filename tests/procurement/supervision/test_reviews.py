"""After a year's end a matter is proposed, once, of each unit whose promise was not kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import text

from kernel.database import db
from kernel.identity import new_id
from kernel.unit_of_work import run
from procurement.policies.models import Situation
from procurement.supervision.commands.matters import Word, act_on_matter
from procurement.supervision.commands.reviews import review_next
from procurement.supervision.models.matters import (
    Cause,
    Matter,
    MatterAct,
    MatterStatus,
    MatterStep,
)
from procurement.supervision.models.reviews import YearReview
from procurement.supervision.models.terms import SupervisionRule
from procurement.supervision.rules.reviews import is_due, supervisor_of
from registry.organisations.models import Organisation, OrganisationId
from tests.builders import procurement, registry
from tests.builders.procurement import Cast
from tests.procurement.supervision.conftest import Stage
from tests.procurement.supervision.test_api import buys
from tests.racing import race, rival

DAY = datetime(2027, 1, 10, 16, tzinfo=UTC)
"""The first instant of 11 January in Shanghai: ten days after the year's end."""


def reviewed(at: datetime) -> int:
    places = 0
    while review_next(now=at):
        places += 1
    return places


def proposed() -> dict[OrganisationId, Matter]:
    return {one.unit_id: one for one in db.session.query(Matter)}


@pytest.fixture
def short(stage: Stage) -> Cast:
    """Let a school promise 300,000 yuan and buy for 200,000 in the year."""
    procurement.confirmed(stage.cast, procurement.contents())
    buys(stage.cast.unit, 200_000_00, paid=200_000_00)
    return stage.cast


def test_who_kept_its_promise_or_had_none_to_keep_is_left_alone(short: Cast) -> None:
    kept, idle, free = (procurement.cast_of() for _ in range(3))
    for one in (kept, idle):
        procurement.confirmed(one, procurement.contents())
    buys(kept.unit, 300_000_00, paid=300_000_00)
    nothing = procurement.contents(0, 0, 0, situation=Situation.NONE)
    procurement.confirmed(free, nothing)
    assert reviewed(DAY - timedelta(microseconds=1)) == 0
    assert reviewed(DAY) == 1
    found = proposed()
    assert set(found) == {short.unit.id, idle.unit.id}
    matter = found[short.unit.id]
    assert (matter.cause, matter.status, matter.year) == (Cause.UNMET, MatterStatus.PROPOSED, 2026)
    assert matter.by_organisation_id == short.bureau.id
    assert "预留 300,000.00 元，计入 200,000.00 元，尚欠 100,000.00 元" in matter.demand
    steps = db.session.query(MatterStep).filter_by(matter_id=matter.id).all()
    assert [(step.act, step.by_id) for step in steps] == [(MatterAct.PROPOSE, None)]


def test_a_place_is_looked_through_once_a_year_and_a_proposal_is_taken_up_or_dropped(
    short: Cast,
) -> None:
    assert (reviewed(DAY), reviewed(DAY + timedelta(days=1))) == (1, 0)
    matter = proposed()[short.unit.id]
    bureau = registry.actor_of(short.supervisor)
    act_on_matter(matter.id, MatterAct.OPEN, Word("已核实"), by=bureau, now=DAY)
    assert (matter.status, matter.deadline_on) == (MatterStatus.OPEN, date(2027, 2, 2))
    assert reviewed(DAY + timedelta(days=300)) == 0
    assert reviewed(DAY + timedelta(days=365)) == 1
    assert set(proposed()) == {short.unit.id}


def test_what_somebody_said_before_the_timer_is_not_said_again(short: Cast) -> None:
    before = Matter(
        id=new_id(),
        number="BF-M-2027-440203-000009",
        unit_id=short.unit.id,
        by_organisation_id=short.bureau.id,
        year=2026,
        cause=Cause.UNMET,
        demand="已另行处理",
        status=MatterStatus.DISMISSED,
        created_at=DAY,
    )
    db.session.add(before)
    db.session.flush()
    assert reviewed(DAY) == 1
    found = proposed()[short.unit.id]
    assert (found.id, found.status) == (before.id, MatterStatus.DISMISSED)


def test_without_a_rule_that_names_a_day_nobody_is_asked(short: Cast) -> None:
    db.session.query(SupervisionRule).update({"unmet_days": None})
    assert reviewed(DAY) == 0
    db.session.query(SupervisionRule).delete()
    assert reviewed(DAY) == 0
    assert (proposed(), db.session.query(YearReview).count()) == ({}, 0)
    del short


@pytest.mark.parametrize("guarded", [True, False])
def test_of_timers_at_the_same_moment_one_proposes(fresh: Flask, *, guarded: bool) -> None:
    """With the claim on the place taken away, the control, they fall over each other."""

    def promise() -> None:
        procurement.confirmed(procurement.cast_of(), procurement.contents())
        if not guarded:
            claim = "ALTER TABLE supervision_review DROP CONSTRAINT"
            db.session.execute(text(f"{claim} uq_supervision_review_region_code"))

    review = partial(review_next, now=DAY)
    with fresh.app_context():
        run(promise)
        assert (rival(fresh, review, review) == "done") is guarded
        assert db.session.query(Matter).count() == 1
        assert race(fresh, [review] * 4) == ["done"] * 4
        db.session.remove()


def test_the_day_is_the_one_that_the_rule_names() -> None:
    rule = SupervisionRule(unmet_days=0)
    assert is_due(rule, year=2026, today=date(2027, 1, 1))
    assert not is_due(rule, year=2026, today=date(2026, 12, 31))
    assert not is_due(SupervisionRule(unmet_days=None), year=2026, today=date(2027, 12, 31))
    assert not is_due(None, year=2026, today=date(2027, 12, 31))


def test_the_nearest_bureau_is_asked_else_the_superior_else_nobody() -> None:
    first, second, superior = (OrganisationId(new_id()) for _ in range(3))
    county = Organisation(id=second, region_code="440203")
    city = Organisation(id=first, region_code="440200")
    twin = Organisation(id=superior, region_code="440203")
    unit = Organisation(supervising_id=superior)
    assert supervisor_of(unit, [city, twin, county]) == second
    assert supervisor_of(unit, []) == superior
    assert supervisor_of(Organisation(), []) is None
