"""The register's invariants find what breaks them, and nothing else; races have one winner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.database import db
from registry.accounts.models import Role
from registry.households.models.households import Household
from registry.organisations.models import OrganisationKind
from registry.wiring import INVARIANTS
from tests.builders import registry as build
from tests.conftest import Client
from tests.racing import at_once

BREAKERS: dict[str, str] = {
    "I12_administrators": "UPDATE membership SET role = 'platform_admin' WHERE role = 'coop_clerk'",
    "I14_persons": "UPDATE benefit_link SET terms = '户主 11010519491231002X'",
    "I17_lineage": "UPDATE organisation SET supervising_id = (SELECT min(id::text) FROM"
    " organisation)::uuid WHERE id::text = (SELECT max(id::text) FROM organisation)",
    "I18_memberships": "DELETE FROM membership",
    "I19_notices": "UPDATE objection SET lodged_at = '2026-03-09T16:00:00Z'",
    "I20_benefit_links": "UPDATE benefit_link SET since_on = '2024-01-01'",
    "I21_disclosures": "DELETE FROM audit_row",
    "I22_standing": "UPDATE household SET able_labour = 0",
    "I23_cases": "INSERT INTO household_case_step (id, case_id, author_id, round, step, decision,"
    " opinion, by_id, organisation_id, status, at) SELECT gen_random_uuid(), gen_random_uuid(),"
    " gen_random_uuid(), 1, 'town_check', 'pass', '-', gen_random_uuid(), gen_random_uuid(),"
    " 'town_checked', now()",
    "I24_reconciliations": "INSERT INTO reconciliation (id, number, region_code, survey,"
    " surveyed_on, register_households, survey_households, same_households, author_id, created_at,"
    " version) SELECT gen_random_uuid(), '-', '440203', '-', now(), 3, 3, 2, gen_random_uuid(),"
    " now(), 1",
    "I25_helper_loads": "INSERT INTO helper_load SELECT '44', id, id, current_date, NULL, 6"
    " FROM organisation LIMIT 1",
    "I27_double_links": "INSERT INTO double_link SELECT id, id, id, '', '', id, id, current_date"
    " FROM household LIMIT 1",
    "I28_pairing_turns": "INSERT INTO pairing_turn SELECT '44', 'east_west', current_date, 1",
    "I26_shares": "INSERT INTO share_holding (id, asset_id, household_id, shares)"
    " SELECT gen_random_uuid(), gen_random_uuid(), id, 1 FROM household LIMIT 1",
}


def _broken(session: Session) -> dict[str, int]:
    found = {one.code: len(session.execute(one.statement).all()) for one in INVARIANTS}
    return {code: count for code, count in found.items() if count}


def _fill() -> str:
    coop = build.organisation()
    clerk = build.user(coop, [Role.COOP_CLERK, Role.COOP_MANAGER])
    build.document(coop, clerk)
    household = build.household()
    link = build.benefit_link(household, coop)
    link.until_on = link.since_on.replace(month=6)
    build.benefit_link(household, coop, since_on=link.until_on)
    build.objection(build.notice())
    office = build.organisation(OrganisationKind.AUTHORITY)
    cadre = build.token_of(build.user(office, [Role.COUNTY_REVIEWER]))
    return f"/api/v1/households/{household.id}/reveal {cadre}"


def test_every_invariant_is_broken_by_something() -> None:
    assert set(BREAKERS) == {one.code for one in INVARIANTS}


@pytest.mark.parametrize("code", BREAKERS)
def test_an_invariant_finds_what_breaks_it(client: Client, db_session: Session, code: str) -> None:
    path, token = _fill().split()
    assert client.post(path, json={"purpose": "核对名单"}, token=token).status_code == 200
    assert _broken(db_session) == {}
    db_session.execute(text("SET LOCAL session_replication_role = replica"))
    db_session.execute(text(BREAKERS[code]))
    assert set(_broken(db_session)) == {code}


def _race(app: Flask, send: Callable[[Any, int], int]) -> list[int]:
    """Send the same six times at once; give the statuses, sorted."""
    sends = [lambda number=number: send(app.test_client(), number) for number in range(6)]
    return sorted(at_once(app, sends))


def _commit(app: Flask, make: Callable[[], Any]) -> Any:
    with app.app_context():
        made = make()
        db.session.commit()
        return made


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


CONSTRAINT = "ALTER TABLE household DROP CONSTRAINT uq_household_id_number_index"


@pytest.mark.parametrize(
    ("before", "statuses"),
    [("SELECT 1", [201, 409, 409, 409, 409, 409]), (CONSTRAINT, [201] * 6)],
    ids=["as it is", "negative control: without the constraint"],
)
def test_one_identity_number_becomes_one_household(
    fresh: Flask, before: str, statuses: list[int]
) -> None:
    def prepare() -> str:
        build.village()
        office = build.organisation(OrganisationKind.AUTHORITY)
        return build.token_of(build.user(office, [Role.COUNTY_REVIEWER]))

    headers = _headers(_commit(fresh, prepare))
    _commit(fresh, lambda: db.session.execute(text(before)))
    body = {
        "village_code": build.VILLAGE,
        "head_name": "何示一",
        "id_number": build.id_number(),
        "members": 1,
        "able_labour": 1,
        "class": "registered",
    }

    def send(client: Any, number: int) -> int:
        del number
        return int(client.post("/api/v1/households", json=body, headers=headers).status_code)

    assert _race(fresh, send) == statuses
    with fresh.app_context():
        assert db.session.query(Household).count() == statuses.count(201)
        assert _broken(db.session()) == {}


def test_one_username_becomes_one_account(fresh: Flask) -> None:
    def prepare() -> tuple[str, str]:
        coop = build.organisation()
        return build.token_of(build.user(coop, [Role.COOP_MANAGER])), str(coop.id)

    token, organisation_id = _commit(fresh, prepare)
    headers = _headers(token)
    body = {
        "password": build.PASSWORD,
        "organisation_id": organisation_id,
        "roles": ["coop_clerk"],
    }

    def send(client: Any, number: int) -> int:
        username = "new-clerk" if number % 2 else "New-Clerk"
        answer = client.post("/api/v1/users", json={**body, "username": username}, headers=headers)
        return int(answer.status_code)

    assert _race(fresh, send) == [201, 409, 409, 409, 409, 409]


def test_one_way_of_helping_is_linked_once(fresh: Flask) -> None:
    def prepare() -> tuple[str, dict[str, str]]:
        coop, household = build.organisation(), build.household()
        return build.token_of(build.user(coop, [Role.COOP_CLERK])), {
            "household_id": str(household.id),
            "organisation_id": str(coop.id),
            "way": "jobs",
            "since_on": "2026-01-01",
            "terms": "用工",
        }

    token, body = _commit(fresh, prepare)

    def send(client: Any, number: int) -> int:
        del number
        answer = client.post("/api/v1/benefit-links", json=body, headers=_headers(token))
        return int(answer.status_code)

    assert _race(fresh, send) == [201, 409, 409, 409, 409, 409]


def test_guesses_at_once_count_one_by_one(fresh: Flask) -> None:
    def prepare() -> str:
        return build.user(build.organisation(), [Role.COOP_CLERK]).username

    username = _commit(fresh, prepare)

    def send(client: Any, number: int) -> int:
        password = build.PASSWORD if number < 0 else "wrong password"
        body = {"username": username, "password": password}
        return int(client.post("/api/v1/auth/tokens", json=body).status_code)

    assert _race(fresh, send) == [401] * 6
    with fresh.app_context():
        row = db.session.execute(
            text("SELECT failed_attempts, locked_until_at FROM app_user")
        ).one()
        assert row.failed_attempts == 5
        assert row.locked_until_at is not None
        assert send(fresh.test_client(), -1) == 401


def test_objections_to_one_notice_are_all_kept(fresh: Flask) -> None:
    notice_id = _commit(fresh, lambda: str(build.notice().id))

    def send(client: Any, number: int) -> int:
        path = f"/api/v1/notices/{notice_id}/objections"
        return int(client.post(path, json={"text": f"异议{number}"}).status_code)

    assert _race(fresh, send) == [201] * 6
    with fresh.app_context():
        assert db.session.execute(text("SELECT count(*) FROM objection")).scalar_one() == 6
        assert _broken(db.session()) == {}
