"""A cut of a certificate's scope meets orders; increases meet each other; none oversteps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from certification.applications.commands.productions import declare_production
from certification.applications.models import Production
from certification.certificates.commands import capacities, scope
from certification.certificates.commands.capacities import CapacityWant
from certification.certificates.models.capacities import Capacity, CapacityId
from certification.certificates.models.certificates import CertificateId
from certification.certificates.models.scope import ScopeChange
from certification.certificates.rules.scope import Scope
from certification.errors.certificates import ScopeBelowSold
from kernel.actor import Actor
from kernel.database import db
from kernel.identity import new_id
from kernel.quantity import Unit
from kernel.unit_of_work import run
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOTICE_OVER, NOW, Cast
from tests.certification.test_races import broken
from tests.racing import race, rival


@dataclass(frozen=True)
class Wish:
    """A wish for another quantity of a certificate, and the year that it is about."""

    change_id: UUID
    certificate_id: CertificateId
    capacity_id: CapacityId


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


def wished(people: Cast, quantity: int) -> Wish:
    """Write a certificate of 1000 kg whose holder wants another quantity."""
    made = build.certificate(people.holder)
    wanted = Scope(made.product_name, made.specification, Decimal(quantity))
    change = scope.request_scope_change(
        made.id, wanted, reason="产量变化", by=people.by, now=NOTICE_OVER
    )
    return Wish(change.id, made.id, build.capacity_of(made).id)


def cut(wish: Wish, by: Actor) -> None:
    scope.decide_scope_change(wish.change_id, accept=True, opinion="属实", by=by, now=NOTICE_OVER)


def careless_cut(wish: Wish, quantity: int) -> None:
    """Cut with the lock and the condition replaced by read, then write: the control."""
    year = db.session.get_one(Capacity, wish.capacity_id, populate_existing=True)
    if year.held + year.sold > quantity:
        raise ScopeBelowSold
    row = update(Capacity).where(Capacity.id == wish.capacity_id)
    db.session.execute(row.values(declared=quantity))


def take(wish: Wish, quantity: int) -> None:
    want = CapacityWant(new_id(), wish.certificate_id, Decimal(quantity), wish.capacity_id)
    capacities.hold_capacity([want], expires_at=None, now=NOTICE_OVER)


def figures(wish: Wish) -> tuple[Decimal | int, Decimal | int, str]:
    """Give what is declared and held of the year, and what became of the wish."""

    def unit() -> tuple[Decimal | int, Decimal | int, str]:
        year = db.session.get_one(Capacity, wish.capacity_id, populate_existing=True)
        status = db.session.scalar(
            select(ScopeChange.status).where(ScopeChange.id == wish.change_id)
        )
        return year.declared, year.held, str(status)

    return run(unit)


def test_a_hold_that_was_first_stops_the_cut(app: Flask) -> None:
    people = run(build.cast)
    wish = run(lambda: wished(people, 500))
    outcome = rival(app, partial(take, wish, 600), partial(cut, wish, people.reviewer("county")))
    assert outcome == "scope_below_sold"
    assert figures(wish) == (1000, 600, "requested")
    assert broken() == []


def test_a_cut_that_was_first_stops_the_hold(app: Flask) -> None:
    people = run(build.cast)
    wish = run(lambda: wished(people, 500))
    outcome = rival(app, partial(cut, wish, people.reviewer("county")), partial(take, wish, 600))
    assert outcome == "capacity_exceeded"
    assert figures(wish) == (500, 0, "accepted")
    assert broken() == []


def test_without_the_condition_and_the_constraint_a_year_falls_below_what_is_held(
    app: Flask,
) -> None:
    people = run(build.cast)
    wish = run(lambda: wished(people, 500))
    drop = text("ALTER TABLE capacity DROP CONSTRAINT ck_capacity_ceiling")
    run(lambda: db.session.execute(drop))
    outcome = rival(app, partial(take, wish, 600), partial(careless_cut, wish, 500))
    assert outcome == "done"
    assert figures(wish)[:2] == (500, 600)
    assert "C1_capacity" in broken()


def test_the_constraint_stands_behind_the_condition(app: Flask) -> None:
    people = run(build.cast)
    wish = run(lambda: wished(people, 500))
    outcome = rival(app, partial(take, wish, 600), partial(careless_cut, wish, 500))
    assert outcome == "ck_capacity_ceiling"
    assert figures(wish)[:2] == (1000, 600)


def test_whoever_meets_a_cut_is_wholly_before_or_refused(app: Flask) -> None:
    people = run(build.cast)
    for _ in range(5):
        wish = run(partial(wished, people, 500))
        acts = [partial(take, wish, 100)] * 15
        outcomes = race(app, [*acts, partial(cut, wish, people.reviewer("county"))])
        held = 100 * outcomes[:15].count("done")
        assert set(outcomes[:15]) <= {"done", "capacity_exceeded"}
        if outcomes[15] == "done":
            assert held == 500
            assert figures(wish) == (500, 500, "accepted")
        else:
            assert outcomes[15] == "scope_below_sold"
            assert held > 500
            assert figures(wish) == (1000, held, "requested")
    assert broken() == []


def test_of_many_reviewers_at_once_one_decides_on_a_wish(app: Flask) -> None:
    people = run(build.cast)
    wish = run(lambda: wished(people, 1100))
    by = run(lambda: [registry.actor_of(build.reviewer_of("county")) for _ in range(6)])
    outcomes = race(app, [partial(cut, wish, one) for one in by])
    assert sorted(outcomes) == ["done", *["wrong_state"] * 5]
    assert figures(wish)[0] == 1100
    assert broken() == []


def test_two_increases_meet_at_the_last_of_a_production(app: Flask) -> None:
    people = run(build.cast)
    made = run(lambda: [build.granted(people).id for _ in range(2)])
    production_id = run(
        lambda: (
            declare_production(
                category_code="grain",
                county_code=registry.WUJIANG,
                year=2026,
                unit=Unit.KG,
                quantity=Decimal(1500),
                basis="演示",
                by=people.by,
                now=NOW,
            ).id
        )
    )

    def ask(certificate_id: CertificateId) -> UUID:
        wanted = Scope("演示丝苗米", "一级，散装", Decimal(1100))
        return scope.request_scope_change(
            certificate_id, wanted, reason="增产", by=people.by, now=NOTICE_OVER
        ).id

    def accept(change_id: UUID) -> None:
        by = people.reviewer("county")
        scope.decide_scope_change(change_id, accept=True, opinion="属实", by=by, now=NOTICE_OVER)

    changes = [run(partial(ask, one)) for one in made]
    outcomes = race(app, [partial(accept, one) for one in changes])
    assert sorted(outcomes) == ["done", "production_exceeded"]
    certified = run(lambda: db.session.get_one(Production, production_id).certified)
    assert certified == 1100
    assert broken() == []
