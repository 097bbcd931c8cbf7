"""Two who look for flags at once, and two who decide on one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from kernel.actor import SYSTEM, Actor
from kernel.database import db
from kernel.unit_of_work import run, unit_of_work
from marketplace.oversight.commands.deciding import Suspicion, explain_flag, inspect_goods
from marketplace.oversight.commands.searching import look_for, look_next
from marketplace.oversight.models import FlagRule, FlagSearch, FlagStatus, RedFlag, RedFlagId
from marketplace.oversight.queries import flags as queries
from registry.accounts.models import Role
from tests.builders import certification, marketplace, registry
from tests.builders.marketplace import NOW, Scene
from tests.constraints import refused_by
from tests.racing import at_once, rival

LATER = NOW + timedelta(days=40)
RULE = FlagRule.NEVER_ACCEPTED


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


def shipped() -> Scene:
    """Ship an order that nobody accepts."""

    def unit() -> Scene:
        there = marketplace.scene()
        view = marketplace.confirmed(there, "10")
        marketplace.ship(there, view.order.id, "10")
        return there

    return run(unit)


def flagged() -> tuple[Scene, RedFlagId, list[Actor]]:
    """Find a flag; give it with two who may decide on it."""
    there = shipped()
    run(lambda: look_for(RULE, now=LATER))
    with unit_of_work():
        flag_id = db.session.execute(select(RedFlag.id)).scalar_one()
        hands = [registry.actor_of(certification.reviewer_of("county")) for _ in range(2)]
    return there, flag_id, hands


def test_two_who_look_at_once_find_one_flag(app: Flask) -> None:
    shipped()
    found = at_once(app, [lambda: run(lambda: look_for(RULE, now=LATER)) for _ in range(6)])
    assert found == [1] * 6
    with unit_of_work():
        assert db.session.scalar(select(func.count(RedFlag.id))) == 1
        assert db.session.scalar(select(func.count(FlagSearch.id))) == len(FlagRule)


def test_who_comes_while_a_rule_is_looked_through_takes_the_next(app: Flask) -> None:
    del app
    with unit_of_work():
        taken = queries.find_due_search(SYSTEM, before=LATER)
        assert taken is not None
        engine = db.engine
        with engine.connect() as other:
            free = other.execute(
                text("SELECT count(*) FROM (SELECT FROM flag_search FOR UPDATE SKIP LOCKED) s")
            ).scalar_one()
    assert free == len(FlagRule) - 1


def test_every_rule_is_looked_through_once_an_hour(app: Flask) -> None:
    del app
    assert [run(lambda: look_next(now=LATER)) for _ in range(30)] == [1] * 26 + [0] * 4
    soon, over = LATER + timedelta(minutes=59), LATER + timedelta(hours=1)
    assert run(lambda: look_next(now=soon)) == 0
    assert run(lambda: look_next(now=over)) == 1
    with unit_of_work():
        looked = db.session.scalars(select(FlagSearch.looked_at)).all()
    assert sorted({str(one) for one in looked}) == sorted({str(LATER), str(over)})


def decide_both(app: Flask) -> tuple[str, int]:
    """Explain a flag while an inspection of it is not committed; tell what became of it."""
    there, flag_id, (one, other) = flagged()
    suspicion = Suspicion(there.certificate.id, "核对发货")
    told = rival(
        app,
        partial(inspect_goods, flag_id, suspicion, by=one, now=LATER),
        partial(explain_flag, flag_id, "分批到货", by=other, now=LATER),
    )
    with unit_of_work():
        status = db.session.execute(select(RedFlag.status)).scalar_one()
        return told, int(status is FlagStatus.INSPECTED)


def test_of_two_who_decide_the_second_is_told_that_it_is_decided(app: Flask) -> None:
    assert decide_both(app) == ("wrong_state", 1)


def test_control_without_the_lock_the_second_decides_over_the_first(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seen(actor: Actor, flag_id: RedFlagId) -> RedFlag:
        del actor
        return db.session.get_one(RedFlag, flag_id)

    monkeypatch.setattr(queries, "lock_flag", seen)
    assert decide_both(app) != ("wrong_state", 1)


@pytest.mark.usefixtures("db_session")
def test_each_constraint_of_a_flag_speaks_by_its_own_name() -> None:
    there = marketplace.scene()
    view = marketplace.confirmed(there, "10")
    marketplace.ship(there, view.order.id, "10")
    look_for(RULE, now=LATER)
    registry.user(there.unit, [Role.UNIT_ADMIN])
    cases = [
        ("UPDATE red_flag SET row_count = 0", "ck_red_flag_row_count"),
        ("UPDATE red_flag SET status = 'explained'", "ck_red_flag_decided"),
        ("UPDATE red_flag SET case_id = id", "ck_red_flag_case"),
        ("UPDATE flag_search SET found = -1", "ck_flag_search_found"),
        ("UPDATE flag_term SET value = -1", "ck_flag_term_value"),
        (
            (
                "INSERT INTO flag_search SELECT gen_random_uuid(), rule, looked_at, found"
                " FROM flag_search"
            ),
            "uq_flag_search_rule",
        ),
        (
            (
                "INSERT INTO flag_term SELECT gen_random_uuid(), code, value, from_on, source"
                " FROM flag_term"
            ),
            "uq_flag_term_code_from_on",
        ),
    ]
    for statement, name in cases:
        assert refused_by(statement) == name
