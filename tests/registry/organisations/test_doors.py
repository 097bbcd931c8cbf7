"""Only the platform's administrator changes the register of organisations; strangers see none."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel.identity import new_id
from registry.accounts.models import Role
from registry.accounts.rules.roles import KINDS_OF_ROLE
from registry.organisations.models import Organisation, OrganisationChange, OrganisationKind
from tests.builders import registry as build
from tests.conftest import Client

ADMIN = Role.PLATFORM_ADMIN
PATH = "/api/v1/organisations"
DAY = {"effective_on": "2026-01-05", "source": "编办〔2026〕1号"}
SEE_EVERYTHING = {Role.AUDITOR, ADMIN}
NEW = {
    "credit_code": build.credit_code(),
    "name": "演示新社",
    "kind": "cooperative",
    "region_code": build.WUJIANG,
}
WRITES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "register": ("POST", "", NEW),
    "amend": ("PATCH", "/{id}", {"name": "改名社"}),
    "rename": ("POST", "/{id}/rename", {"name": "改名社", **DAY}),
    "merge": ("POST", "/{id}/merge", {"successor_id": "{other}", **DAY}),
    "abolish": ("POST", "/{id}/abolish", DAY),
}
READS = ("", "/history", "/credit-entries", "/credit-consequences")


def someone(role: Role, home: Organisation | None = None) -> str:
    """Give the token of somebody with a role, in an organisation of a kind that may have it."""
    kind = next(one for one in OrganisationKind if one in KINDS_OF_ROLE[role])
    return build.token_of(build.user(home or build.organisation(kind, build.XINGGUO), [role]))


def ask(
    client: Client, what: str, one: object, other: object, token: str | None
) -> tuple[int, str]:
    method, path, body = WRITES[what]
    answer = client.open(
        PATH + path.format(id=one),
        method=method,
        json={name: value.format(other=other) for name, value in body.items()},
        headers={"If-Match": "*"},
        token=token,
    )
    return answer.status_code, (answer.json or {}).get("code", "")


@pytest.mark.parametrize("what", WRITES)
@pytest.mark.parametrize("role", [one for one in Role if one is not ADMIN])
def test_every_other_role_is_refused_even_for_its_own_and_nothing_changes(
    client: Client, db_session: Session, role: Role, what: str
) -> None:
    kind = next(one for one in OrganisationKind if one in KINDS_OF_ROLE[role])
    home, other = build.organisation(kind), build.organisation(kind)
    count = select(func.count()).select_from(Organisation)
    before = db_session.scalar(count)
    for token in (someone(role, home), someone(role)):
        for one in (home.id, new_id()):
            assert ask(client, what, one, other.id, token) == (403, "forbidden")
    found = db_session.get_one(Organisation, home.id, populate_existing=True)
    assert (found.name, found.ended_on, found.version) == (home.name, None, 1)
    assert db_session.scalars(select(OrganisationChange)).all() == []
    assert db_session.scalar(count) == (before or 0) + 1


@pytest.mark.parametrize("what", WRITES)
def test_nobody_known_is_refused_before_anything_is_read(client: Client, what: str) -> None:
    assert ask(client, what, new_id(), new_id(), None) == (401, "unauthenticated")


@pytest.mark.parametrize("what", [one for one in WRITES if one != "register"])
def test_what_there_is_not_is_not_found_by_the_administrator(client: Client, what: str) -> None:
    other = build.organisation()
    assert ask(client, what, new_id(), other.id, someone(ADMIN)) == (404, "not_found")


@pytest.mark.parametrize("what", WRITES)
def test_the_administrator_may(client: Client, what: str) -> None:
    one, other = build.organisation(), build.organisation()
    status, _ = ask(client, what, one.id, other.id, someone(ADMIN))
    assert status == (201 if what == "register" else 200)


@pytest.mark.parametrize("role", [one for one in Role if one not in SEE_EVERYTHING])
def test_strangers_see_neither_an_organisation_nor_what_is_told_of_it(
    client: Client, role: Role
) -> None:
    one, token = build.organisation(), someone(role)
    for path in READS:
        foreign = client.get(f"{PATH}/{one.id}{path}", token=token)
        nothing = client.get(f"{PATH}/{new_id()}{path}", token=token)
        assert foreign.status_code == nothing.status_code == 404, path
        assert (foreign.json or {})["code"] == (nothing.json or {})["code"] == "not_found"
