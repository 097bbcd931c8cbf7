"""What counts a household twice is found with every link, and follows households that move."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.actor import SYSTEM, Actor, Sight
from kernel.database import db
from kernel.unit_of_work import run
from registry.households.models.households import Household
from registry.households.models.links import BenefitLink, BenefitWay
from registry.households.queries.links import list_double_counts
from registry.organisations.models import Organisation
from registry.wiring import INVARIANTS
from tests.builders import registry as build
from tests.promises import broken
from tests.racing import rival

D = date
FAR = "440204101801"
ON = D(2026, 3, 2)


def _doubles(
    *, prefix: str = "", on: date = ON, actor: Actor = SYSTEM, of: Organisation | None = None
) -> list[tuple[str, BenefitWay]]:
    found = list_double_counts(
        actor,
        organisation_id=None if of is None else of.id,
        region_prefix=prefix,
        on=on,
        limit=9,
        cursor=None,
    )
    return [(one.household_code, one.way) for one in found.items]


def _seller(organisation: Organisation) -> Actor:
    return Actor(
        user_id=SYSTEM.user_id,
        organisation_id=organisation.id,
        organisation_kind=organisation.kind,
        lineage=organisation.lineage,
        sight=Sight.ORGANISATION,
    )


def test_two_links_of_one_way_count_a_household_twice_while_both_hold(db_session: Session) -> None:
    build.village()
    build.village(FAR)
    one, other, third = (build.organisation() for _ in range(3))
    household = build.household()
    first = build.benefit_link(household, one, until_on=D(2026, 7, 1))
    build.benefit_link(household, one, BenefitWay.JOBS)
    assert (_doubles(), broken(INVARIANTS)) == ([], [])
    second = build.benefit_link(household, other, since_on=D(2026, 2, 1))
    twice = [(household.code, BenefitWay.FAVOURABLE_PURCHASE)]
    for on, found in ((D(2026, 1, 31), []), (D(2026, 2, 1), twice), (D(2026, 7, 1), [])):
        assert _doubles(on=on) == found
    for asking, of, found in (
        (SYSTEM, one, twice),
        (SYSTEM, third, []),
        (_seller(other), None, twice),
        (_seller(third), None, []),
    ):
        assert _doubles(actor=asking, of=of) == found
    household.village_code = FAR
    db_session.flush()
    assert (_doubles(prefix=build.VILLAGE), _doubles(prefix=FAR)) == ([], twice)
    assert broken(INVARIANTS) == []
    second.until_on = D(2026, 3, 2)
    db_session.flush()
    assert (_doubles(), _doubles(on=D(2026, 3, 1)), broken(INVARIANTS)) == ([], twice, [])
    db_session.delete(first)
    db_session.flush()
    assert (_doubles(on=D(2026, 3, 1)), broken(INVARIANTS)) == ([], [])


def _linking() -> tuple[Household, list[Organisation]]:
    build.village()
    return build.household(), [build.organisation() for _ in range(2)]


def _unlock() -> None:
    written = db.session.execute(
        text("SELECT pg_get_functiondef('follow_links'::regproc)")
    ).scalar_one()
    lock = "PERFORM FROM household WHERE id = ANY (households) ORDER BY id FOR NO KEY UPDATE;"
    assert lock in written
    db.session.connection().exec_driver_sql(written.replace(lock, ""))


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "control: not locked"])
def test_of_two_links_at_once_the_second_finds_the_first(fresh: Flask, *, locked: bool) -> None:
    with fresh.app_context():
        household, organisations = run(_linking)
        if not locked:
            run(_unlock)
        acts = [partial(build.benefit_link, household, one) for one in organisations]
        assert rival(fresh, *acts, waits=locked) == "done"
        assert len(run(_doubles)) == (1 if locked else 0)
        assert run(partial(broken, INVARIANTS)) == ([] if locked else ["I27_double_links"])
        assert run(lambda: db.session.query(BenefitLink).count()) == len(organisations)
