"""What each helper carries is counted with every pairing: by day, by place, under a lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from kernel.actor import SYSTEM
from kernel.database import db
from kernel.identity import new_id
from kernel.unit_of_work import run
from registry.accounts.models import Role, UserId
from registry.households.models.households import HouseholdId
from registry.households.models.pairings import Pairing, PairingId, PairingKind
from registry.households.queries.pairings import count_by_kind, count_households, list_loads
from registry.organisations.models import OrganisationId, OrganisationKind
from registry.wiring import INVARIANTS
from tests.builders import registry as build
from tests.promises import broken
from tests.racing import Act, rival
from tests.registry.conftest import NOW

D = date
NEAR, FAR = "440203103802", "440204101801"
BEGUN, LATER = D(2026, 1, 1), D(2026, 6, 1)


@dataclass(frozen=True)
class Helping:
    """A helper with the households that it may stand by, in two counties."""

    helper_id: OrganisationId
    person_id: UserId
    households: Sequence[tuple[HouseholdId, str]]

    def pair(self, number: int, *, since_on: date = BEGUN, person: bool = False) -> Pairing:
        """Pair the helper, or one person of it, with a household by its number."""
        household_id, village_code = self.households[number]
        pairing = Pairing(
            id=PairingId(new_id()),
            kind=PairingKind.DESIGNATED_AID,
            helper_id=self.helper_id,
            helper_user_id=self.person_id if person else None,
            village_code=village_code,
            household_id=household_id,
            since_on=since_on,
            source="演示",
            created_at=NOW,
        )
        db.session.add(pairing)
        db.session.flush()
        return pairing


def _helping() -> Helping:
    build.village(NEAR)
    build.village(FAR)
    helper = build.organisation(OrganisationKind.BUDGET_UNIT)
    person = build.user(helper, [Role.UNIT_ADMIN])
    places = [NEAR] * 4 + [FAR] * 3
    return Helping(helper.id, person.id, [(build.household(one).id, one) for one in places])


def _loads(prefix: str, *, on: date, above: int = 0) -> list[int]:
    found = list_loads(SYSTEM, region_prefix=prefix, on=on, above=above, limit=9, cursor=None)
    return [one.households for one in found.items]


def _aided(on: date) -> int:
    return count_by_kind(SYSTEM, on=on)[PairingKind.DESIGNATED_AID]


def test_a_load_is_all_that_a_helper_stands_by_in_every_place_of_it(db_session: Session) -> None:
    del db_session
    helping = _helping()
    made = [helping.pair(number) for number in range(5)] + [helping.pair(5, since_on=LATER)]
    before = LATER.replace(month=5)
    for prefix in ("", "44", "4402", "440203", "440204", NEAR[:9], NEAR, FAR):
        assert (_loads(prefix, on=before), _loads(prefix, on=LATER)) == ([5], [6]), prefix
        assert _loads(prefix, on=LATER, above=6) == []
    assert _loads("440205", on=LATER) == []
    assert _loads("", on=D(2025, 12, 31)) == []
    assert broken(INVARIANTS) == []
    for one in made[4:]:
        one.until_on = D(2026, 7, 1)
    assert broken(INVARIANTS) == []
    assert (_loads("440204", on=D(2026, 6, 30)), _loads("440204", on=D(2026, 7, 1))) == ([6], [])
    assert _loads("440203", on=D(2026, 7, 1)) == [4]
    aided = [_aided(on) for on in (D(2025, 12, 31), BEGUN, LATER, D(2026, 6, 30), D(2026, 7, 1))]
    assert aided == [0, 5, 6, 6, 4]
    made[0].village_code = FAR
    assert broken(INVARIANTS) == []
    assert _loads(FAR, on=D(2026, 7, 1)) == [4]
    db.session.execute(delete(Pairing).where(Pairing.id.in_([one.id for one in made[:4]])))
    assert (broken(INVARIANTS), _loads("", on=D(2026, 7, 1))) == ([], [])


def test_a_person_carries_apart_from_the_organisation_and_the_heaviest_comes_first(
    db_session: Session,
) -> None:
    del db_session
    helping = _helping()
    for number in range(3):
        helping.pair(number)
    for number in range(2, 7):
        helping.pair(number, person=True)
    first = list_loads(SYSTEM, region_prefix="44", on=LATER, above=0, limit=1, cursor=None)
    ask = partial(list_loads, SYSTEM, region_prefix="44", on=LATER, above=0, limit=1)
    second = ask(cursor=first.next_cursor)
    assert [
        (one.helper_user_id, one.households) for page in (first, second) for one in page.items
    ] == [(helping.person_id, 5), (None, 3)]
    assert second.next_cursor is None
    for person, households in ((None, 3), (helping.person_id, 5)):
        found = count_households(
            SYSTEM, helper_id=helping.helper_id, helper_user_id=person, on=LATER
        )
        assert found == households


def _unlock() -> None:
    written = db.session.execute(
        text("SELECT pg_get_functiondef('follow_pairings'::regproc)")
    ).scalar_one()
    lock = "PERFORM FROM organisation WHERE id = ANY (helpers) ORDER BY id FOR NO KEY UPDATE;"
    assert lock in written
    db.session.connection().exec_driver_sql(written.replace(lock, ""))


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "control: not locked"])
def test_of_two_pairings_at_once_the_second_counts_the_first(fresh: Flask, *, locked: bool) -> None:
    with fresh.app_context():
        helping = run(_helping)
        if not locked:
            run(_unlock)
        acts: list[Act] = [
            lambda: helping.pair(0),
            lambda: helping.pair(1, since_on=LATER),
        ]
        assert rival(fresh, *acts, waits=locked) == "done"
        assert run(partial(_loads, "", on=LATER)) == ([2] if locked else [1, 1])
        assert run(partial(broken, INVARIANTS)) == ([] if locked else ["I25_helper_loads"])
