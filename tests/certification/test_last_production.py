"""R7: two reviewers certify the last of what one cooperative produces; never more is certified.

A thousand rounds, within a minute; R7_ROUNDS in the environment asks for another number.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from certification.applications.commands import productions, reviews
from certification.applications.commands.reviews import BatchItem
from certification.applications.models import (
    ApplicationReview,
    Decision,
    Production,
    ProductionHold,
    ProductionId,
)
from certification.applications.queries.productions import ProductionKey, find_production
from certification.certificates.commands.grants import grant_certificate
from certification.errors.applications import ProductionExceeded
from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.identity import new_id
from kernel.quantity import Unit
from kernel.unit_of_work import run
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOTICE_OVER, NOW
from tests.certification.test_races import broken
from tests.racing import race

ROUNDS = int(os.environ.get("R7_ROUNDS", "1000"))
BATCH = 50
"""So many are declared at once, and counted at once."""
WHOLE_WAY = 3
"""Rounds that go through the whole grant; the others meet at the gate itself."""


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


@dataclass(frozen=True)
class Place:
    """One cooperative's production, and where it is found."""

    key: ProductionKey
    production_id: ProductionId


def declared(people: build.Cast, quantity: int, year: int) -> Place:
    """Declare what a cooperative produces of grain."""
    made = productions.declare_production(
        category_code="grain",
        county_code=registry.WUJIANG,
        year=year,
        unit=Unit.KG,
        quantity=Decimal(quantity),
        basis="演示",
        by=people.by,
        now=NOW,
    )
    key = ProductionKey(people.holder.id, "grain", registry.WUJIANG, year, Unit.KG)
    return Place(key, made.id)


def several(people: build.Cast, years: Sequence[int]) -> list[Place]:
    return [declared(people, 1500, year) for year in years]


def counted(places: Sequence[Place]) -> list[tuple[Decimal | int, Decimal | int]]:
    return [_certified(place) for place in places]


def _certified(place: Place) -> tuple[Decimal | int, Decimal | int]:
    """Give the counter, and what was promised to applications."""
    row = find_production(SYSTEM, place.key)
    mine = ProductionHold.counter_id == place.production_id
    promised = db.session.scalar(select(func.sum(ProductionHold.amount)).where(mine))
    assert row is not None
    return row.certified, promised or Decimal()


def certified(place: Place) -> tuple[Decimal | int, Decimal | int]:
    return run(partial(_certified, place))


def certify(place: Place, quantity: int) -> None:
    productions.certify_production(
        place.key, application_id=new_id(), quantity=Decimal(quantity), now=NOTICE_OVER
    )


def careless_certify(place: Place, quantity: int) -> None:
    """Certify with the gate replaced by read, then write: the control."""
    row = find_production(SYSTEM, place.key)
    assert row is not None
    db.session.execute(text("SELECT pg_sleep(0.01)"))
    if row.certified + quantity > row.declared:
        raise ProductionExceeded(available=0, wanted=quantity, unit=Unit.KG)
    counter = update(Production).where(Production.id == place.production_id)
    db.session.execute(counter.values(certified=row.certified + quantity))
    hold = ProductionHold(
        id=new_id(),
        counter_id=place.production_id,
        source="application",
        source_id=new_id(),
        amount=Decimal(quantity),
        held_at=NOTICE_OVER,
    )
    db.session.add(hold)


def test_r7_the_last_of_a_production_is_certified_once(app: Flask) -> None:
    people = run(build.cast)
    for first in range(10_000, 10_000 + ROUNDS, BATCH):
        years = range(first, min(first + BATCH, 10_000 + ROUNDS))
        places = run(partial(several, people, years))
        for place in places:
            outcomes = sorted(race(app, [partial(certify, place, 1000)] * 2))
            assert outcomes == ["done", "production_exceeded"]
        assert run(partial(counted, places)) == [(1000, 1000)] * len(places)
    assert broken() == []


def test_r7_without_the_gate_more_is_certified_than_there_is(app: Flask) -> None:
    people = run(build.cast)
    over = 0
    for year in range(5):
        place = run(partial(declared, people, 1500, 10_000 + year))
        race(app, [partial(careless_certify, place, 1000)] * 2)
        over += certified(place)[1] > 1500
    assert over > 0
    assert "C20_production" in broken()


def test_r7_two_reviewers_grant_two_applications_of_one_cooperative(app: Flask) -> None:
    for _ in range(WHOLE_WAY):
        people = run(build.cast)
        place = run(partial(declared, people, 1500, 2026))
        made = [run(partial(build.in_notice, people)).id for _ in range(2)]
        acts: list[Callable[[], Any]] = [
            partial(grant_certificate, one, by=by, now=NOTICE_OVER)
            for one, by in zip(made, provinces(2), strict=True)
        ]
        assert sorted(race(app, acts)) == ["done", "production_exceeded"]
        assert certified(place) == (1000, 1000)
    assert broken() == []


def provinces(count: int, level: str = "province") -> list[Actor]:
    return run(lambda: [registry.actor_of(build.reviewer_of(level)) for _ in range(count)])


def test_a_batch_and_a_single_decision_at_once_decide_each_application_once(app: Flask) -> None:
    people = run(build.cast)
    made: list[UUID] = [run(partial(build.passed, people, "town")).id for _ in range(4)]
    one, other, third = provinces(3, "county")

    def batch(by: Actor, ids: Sequence[UUID]) -> Callable[[], Any]:
        items = [BatchItem(each, Decision.PASS, f"第{i}项属实") for i, each in enumerate(ids)]
        return lambda: reviews.review_batch(items, atomic=False, by=by, now=NOW)

    acts: list[Callable[[], Any]] = [
        batch(one, made),
        batch(other, list(reversed(made))),
        partial(build.review, made[1], third),
    ]
    outcomes = race(app, acts)
    assert outcomes[:2] == ["done", "done"]
    assert outcomes[2] in {"done", "wrong_state"}
    counted = select(ApplicationReview.application_id, func.count()).where(
        ApplicationReview.level == "county"
    )
    rows = run(lambda: db.session.execute(counted.group_by(ApplicationReview.application_id)).all())
    assert sorted(tuple(row) for row in rows) == sorted((each, 1) for each in made)
    assert broken() == []


def test_an_all_or_nothing_batch_that_meets_a_single_decision_changes_nothing(app: Flask) -> None:
    people = run(build.cast)
    made = [run(partial(build.passed, people, "town")).id for _ in range(2)]
    one, other = provinces(2, "county")
    run(partial(build.review, made[1], other))
    items = [BatchItem(each, Decision.PASS, "属实") for each in made]
    act = partial(reviews.review_batch, items, atomic=True, by=one, now=NOW)
    assert race(app, [act]) == ["batch_refused"]
    decided = select(ApplicationReview.application_id).where(ApplicationReview.level == "county")
    assert run(lambda: list(db.session.scalars(decided))) == [made[1]]
