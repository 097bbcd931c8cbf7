"""What belongs to others does not exist: by id in the path or in the body, for every role."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from kernel.database import db
from kernel.http import PUBLIC
from kernel.identity import new_id
from kernel.unit_of_work import unit_of_work
from registry.accounts.models import Role
from registry.accounts.rules.roles import KINDS_OF_ROLE, LEVEL_OF_ROLE
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.journeys.bodies import BODIES
from tests.journeys.conftest import World

ELSEWHERE = {"town": "530102001", "county": "530102", "city": "530100", "province": "530000"}
SEE_EVERYTHING = {"auditor", "platform_admin"}
_keys = count(1)

PUBLIC_THINGS = {
    "/api/v1/certificates/<uuid:certificate_id>/suspend",
    "/api/v1/certificates/<uuid:certificate_id>/reinstate",
    "/api/v1/certificates/<uuid:certificate_id>/revoke",
    "/api/v1/certificates/<uuid:certificate_id>/warn",
    "/api/v1/certificates/<uuid:certificate_id>/scope-changes",
    "/api/v1/certificates/<uuid:certificate_id>/marks",
    "/api/v1/inspections/plans/<uuid:plan_id>/draw",
    "/api/v1/inspections/plans/<uuid:plan_id>/call-off",
    "/api/v1/assistance-bases/<uuid:base_id>/end",
}
"""Anybody may know that they exist; a reviewer of elsewhere is told that it is not theirs."""

EDITS = {
    ("POST", "/api/v1/orders/<uuid:order_id>/shipments"),
    ("POST", "/api/v1/orders/<uuid:order_id>/receipts"),
    ("POST", "/api/v1/certificates/<uuid:certificate_id>/renewals"),
    ("POST", "/api/v1/listings/<uuid:listing_id>/pictures"),
}
"""Order lines, files and whole applications, which are checked by the tests of their features."""

QUERIES = {"income-year": "year=2025", "standing": "on=2026-11-01"}
"""By the last word of the path."""


@pytest.fixture(scope="module")
def strangers(world: World) -> dict[str, str]:
    """Give one person per role, all of another province."""
    made = {}
    with world.app.app_context(), unit_of_work():
        for role in Role:
            kinds = KINDS_OF_ROLE[role]
            kind = next(one for one in OrganisationKind if one in kinds)
            level = LEVEL_OF_ROLE.get(role)
            region = ELSEWHERE[level.value if level else "county"]
            organisation = registry.organisation(kind, region)
            made[role.value] = registry.token_of(registry.user(organisation, {role}))
        db.session.flush()
    return made


def _rules(world: World) -> Iterator[tuple[str, Rule, Any]]:
    for rule in sorted(world.app.url_map.iter_rules(), key=lambda one: one.rule):
        view: Any = world.app.view_functions[rule.endpoint]
        names = {name for name in rule.arguments if name.endswith("_id")}
        if not names or not hasattr(view, "door") or view.door.allow is PUBLIC:
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule, view.door


def _ask(
    world: World, method: str, rule: Rule, door: Any, token: str, *, absent: bool
) -> tuple[int, Any]:
    ids = {name: str(new_id()) if absent else world.ids[name] for name in rule.arguments}
    adapter = world.app.url_map.bind("localhost")
    address = adapter.build(rule.endpoint, ids, method=method)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"scope-{next(_keys)}"}
    if door.edits:
        headers["If-Match"] = '"1"'
    word = rule.rule.rsplit("/", 1)[-1]
    body = None if method == "GET" else BODIES.get(rule.rule, BODIES.get(word, {}))
    answer = FlaskClient(world.app).open(
        address,
        method=method,
        query_string=QUERIES.get(word) if method == "GET" else None,
        json=body,
        headers=headers,
    )
    content = answer.get_json(silent=True) or {}
    content.pop("instance", None)
    return answer.status_code, content


def test_another_organisations_things_look_like_nothing(
    world: World, strangers: dict[str, str]
) -> None:
    wrong, asked, unread = [], 0, set()
    for method, rule, door in _rules(world):
        for role, token in strangers.items():
            if role in SEE_EVERYTHING or ("signed-in" not in door.allow and role not in door.allow):
                continue
            asked += 1
            foreign = _ask(world, method, rule, door, token, absent=False)
            nothing = _ask(world, method, rule, door, token, absent=True)
            if nothing[0] == 422:
                unread.add((method, rule.rule))
            if rule.rule in PUBLIC_THINGS:
                if foreign[0] not in {403, 404}:
                    wrong.append((method, rule.rule, role, foreign, nothing))
            elif foreign != nothing or foreign[0] not in {404, 422}:
                wrong.append((method, rule.rule, role, foreign, nothing))
    assert wrong == []
    assert asked > 150
    assert unread <= EDITS, "give these a body that is read"


LISTS = [
    "organisations",
    "documents",
    "households",
    "benefit-links",
    "certification/applications",
    "procurement/filings",
    "lots",
    "orders",
    "users",
    "imports",
    "household-cases",
    "pairings",
    "reconciliations",
    "invitations",
    "certification/productions",
    "me/tokens",
    "village-leaders",
]


@pytest.mark.parametrize("path", LISTS)
def test_lists_of_strangers_hold_nothing_of_others(
    world: World, strangers: dict[str, str], path: str
) -> None:
    client = FlaskClient(world.app)
    for role, token in strangers.items():
        if role in SEE_EVERYTHING:
            continue
        answer = client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {token}"})
        if answer.status_code == 403:
            continue
        assert answer.status_code == 200, (role, answer.get_json())
        shown = answer.get_data(as_text=True)
        assert not [name for name, value in world.ids.items() if value in shown], (
            role,
            shown[:300],
        )
