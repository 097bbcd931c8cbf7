"""Moves, splits and links of one household at once: each sees what the one before it left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, text

from kernel.actor import Actor
from kernel.database import db
from kernel.unit_of_work import run
from registry.accounts.models import Role
from registry.households.commands import links, moves
from registry.households.commands.links import NewBenefitLink
from registry.households.commands.members import NewMember, add_member
from registry.households.commands.moves import NewSplit
from registry.households.models.households import (
    ChangeReason,
    Household,
    HouseholdChange,
    HouseholdId,
)
from registry.households.models.links import BenefitLink, BenefitWay
from registry.households.models.members import Health, HouseholdMember, Labour, MemberId, Relation
from registry.households.rules.members import sex_of
from registry.organisations.models import OrganisationId
from registry.wiring import INVARIANTS
from tests import promises
from tests.builders import registry as build
from tests.racing import Act, race, rival
from tests.registry.households.casework import NOW, OFFICE

OTHER, THIRD, FAR = "440203103802", "440203103803", "440204101801"
BACK = text("UPDATE household SET version = 1")


@dataclass(frozen=True)
class Ground:
    """A household with its members, who may move it, and a cooperative that may help it."""

    household_id: HouseholdId
    head: MemberId
    sons: tuple[MemberId, MemberId]
    office: Actor
    other_office: Actor
    clerk: Actor
    cooperative: OrganisationId

    def move(self, to: str) -> Act:
        """Give the act of moving the household, whatever was changed of it meanwhile."""
        return lambda: moves.move_household(
            self.household_id, village_code=to, expected_version=None, by=self.office, now=NOW
        )

    def split(self, *sons: MemberId) -> Act:
        """Give the act of letting some founded a household, the first of them its head."""
        relations = dict.fromkeys(sons, Relation.OTHER) | {sons[0]: Relation.HEAD}
        new = NewSplit(relations, able_labour=1)
        return lambda: moves.split_household(
            self.household_id, new, expected_version=None, by=self.other_office, now=NOW
        )

    def link(self) -> Act:
        """Give the act of linking the household to the cooperative."""
        since_on = date(2026, 3, 1)
        new = NewBenefitLink(
            self.household_id, self.cooperative, BenefitWay.JOBS, since_on, terms="用工"
        )
        return lambda: links.link_household(new, by=self.clerk, now=NOW)


@pytest.fixture
def app(fresh: Flask) -> Iterator[Flask]:
    with fresh.app_context():
        yield fresh


@pytest.fixture
def ground(app: Flask) -> Ground:
    del app
    return run(_ground)


def _ground() -> Ground:
    for code in (OTHER, THIRD, FAR):
        build.village(code)
    household, cooperative = build.household(), build.organisation()
    city = partial(build.person, Role.CITY_REVIEWER, kind=OFFICE, region_code="440200")
    office = city()
    head, *sons = (
        _member(household.id, relation, by=office)
        for relation in (Relation.HEAD, Relation.OTHER, Relation.OTHER)
    )
    db.session.execute(BACK)
    clerk = build.actor_of(build.user(cooperative, [Role.COOP_CLERK]))
    county = build.person(Role.COUNTY_REVIEWER, kind=OFFICE)
    return Ground(household.id, head, (sons[0], sons[1]), office, county, clerk, cooperative.id)


def _member(household_id: HouseholdId, relation: Relation, *, by: Actor) -> MemberId:
    number = build.id_number(build.VILLAGE)
    joined_on = date(2026, 1, 1)
    new = NewMember(
        "何示二", number, relation, sex_of(number), Health.HEALTHY, Labour.ABLE, joined_on
    )
    return add_member(household_id, new, by=by, now=NOW).id


def careless(actor: Actor, household_id: HouseholdId, **_: object) -> Household:
    """Give a household without a lock: the control."""
    del actor
    return db.session.get_one(Household, household_id)


def as_if_unversioned(act: Act) -> Act:
    """Give the act with the row's version set back behind it: the version guards no more."""

    def unversioned() -> None:
        act()
        db.session.flush()
        db.session.execute(BACK)

    return unversioned


def left_villages() -> list[str | None]:
    moved = HouseholdChange.reason == ChangeReason.MOVED
    query = (
        select(HouseholdChange.left_village_code).where(moved).order_by(HouseholdChange.position)
    )
    return run(lambda: list(db.session.scalars(query)))


def villages() -> list[str]:
    return run(lambda: list(db.session.scalars(select(Household.village_code))))


def broken() -> list[str]:
    return run(partial(promises.broken, INVARIANTS))


UNLOCKED = ["locked", "control: not locked", "control: neither locked nor versioned"]


@pytest.fixture(params=UNLOCKED)
def guards(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Take the guards of moves away, one by one, and say which are left."""
    if request.param != "locked":
        monkeypatch.setattr(moves, "lock_household", careless)
    return str(request.param)


def test_two_moves_at_once_are_one_way(app: Flask, ground: Ground, guards: str) -> None:
    first = ground.move(OTHER)
    if "versioned" in guards:
        first = as_if_unversioned(first)
    told = rival(app, first, ground.move(THIRD))
    assert (told, left_villages(), villages()) == {
        "locked": ("done", [build.VILLAGE, OTHER], [THIRD]),
        "control: not locked": ("StaleDataError", [build.VILLAGE], [OTHER]),
        "control: neither locked nor versioned": (
            "done",
            [build.VILLAGE, build.VILLAGE],
            [THIRD],
        ),
    }[guards]


def test_who_splits_off_while_the_household_moves_lives_where_it_lives(
    app: Flask, ground: Ground, guards: str
) -> None:
    first = ground.move(OTHER)
    if "versioned" in guards:
        first = as_if_unversioned(first)
    told = rival(app, first, ground.split(ground.sons[0]))
    assert (told, sorted(villages())) == {
        "locked": ("done", [OTHER, OTHER]),
        "control: not locked": ("StaleDataError", [OTHER]),
        "control: neither locked nor versioned": ("done", [build.VILLAGE, OTHER]),
    }[guards]


def test_a_household_moves_without_those_who_split_off_before(app: Flask, ground: Ground) -> None:
    assert rival(app, ground.split(ground.sons[0]), ground.move(OTHER)) == "done"
    assert sorted(villages()) == [build.VILLAGE, OTHER]
    assert broken() == []


def test_nobody_splits_off_twice(app: Flask, ground: Ground) -> None:
    son, other = ground.sons
    acts = [ground.split(son), ground.split(son, other)]
    assert sorted(race(app, acts)) == ["done", "split_unfit"]
    present = select(HouseholdMember.household_id).where(HouseholdMember.left_on.is_(None))
    assert len(run(lambda: db.session.scalars(present).all())) == 3
    assert broken() == []


@pytest.mark.parametrize("locks", [True, False], ids=["locked", "control: not locked"])
def test_who_moved_out_of_the_county_is_not_linked_as_its_household(
    app: Flask, ground: Ground, monkeypatch: pytest.MonkeyPatch, *, locks: bool
) -> None:
    if not locks:
        monkeypatch.setattr(links, "lock_household_to_link", careless)
    told = rival(app, ground.move(FAR), ground.link())
    assert told == ("not_found" if locks else "done")
    linked = run(lambda: db.session.query(BenefitLink).count())
    assert linked == (0 if locks else 1)


def test_a_link_that_was_first_goes_with_the_household(app: Flask, ground: Ground) -> None:
    assert rival(app, ground.link(), ground.move(FAR)) == "done"
    assert (villages(), broken()) == ([FAR], [])
    assert run(lambda: db.session.query(BenefitLink).one().until_on) is None
