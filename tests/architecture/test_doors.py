"""Every route × every role, against the reviewed table `doors.csv`; a route without a row fails."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from kernel.actor import Actor
from kernel.audit import AuditRow
from kernel.database import db
from kernel.doors import Door, admit
from kernel.errors import NotAllowed
from kernel.http import PUBLIC, SIGNED_IN
from registry.accounts.models import AppUser, Role
from registry.accounts.rules.roles import KINDS_OF_ROLE, LEVEL_OF_ROLE
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.conftest import Client
from tests.turns import asked

TABLE = Path(__file__).with_name("doors.csv")
OUTSIDE = {"/api/docs", "/api/docs/<path:name>", "/api/openapi.json", "/static/<path:filename>"}
OPERATIONS = {"/healthz", "/readyz", "/metrics"}
REGION_OF_LEVEL = {"town": "440203103", "county": "440203", "city": "440200", "province": "440000"}
SAFE = {"GET"}
UNPROVED = {"/api/v1/webhooks/stripe"}
"""Anybody may knock here; of what is not proved to be Stripe's nothing at all is written."""
NEWEST = select(AuditRow).order_by(AuditRow.position.desc()).limit(1)
_keys = count(1)


def _table() -> dict[tuple[str, str], frozenset[str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row["method"], row["path"]): frozenset(row["roles"].split()) for row in rows}


def _routes(app: Flask) -> Iterator[tuple[str, Rule]]:
    for rule in app.url_map.iter_rules():
        if rule.rule in OUTSIDE | OPERATIONS or hasattr(app.view_functions[rule.endpoint], "allow"):
            continue  # pages have their own table, tests/console/pages.csv
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule


def test_every_route_has_a_reviewed_row_and_every_row_a_route(app: Flask) -> None:
    routes = {(method, rule.rule) for method, rule in _routes(app)}
    assert sorted(routes) == sorted(_table())


def test_every_row_says_what_the_door_says(app: Flask) -> None:
    table = _table()
    for method, rule in _routes(app):
        view: Any = app.view_functions[rule.endpoint]
        allow = view.door.allow
        said = {PUBLIC: {"public"}, SIGNED_IN: {"signed-in"}}.get(allow, {str(r) for r in allow})
        assert table[method, rule.rule] == said, (method, rule.rule)


@pytest.fixture
def people(client: Client) -> dict[str, AppUser]:
    """Give one person per role, each in an organisation where the role exists."""
    del client
    made = {}
    for role in Role:
        kinds = KINDS_OF_ROLE[role]
        kind = next(k for k in OrganisationKind if k in kinds)
        level = LEVEL_OF_ROLE.get(role)
        region = REGION_OF_LEVEL[level.value] if level else "440203"
        made[role.value] = registry.user(registry.organisation(kind, region), {role})
    db.session.commit()
    return made


@pytest.fixture
def tokens(people: dict[str, AppUser]) -> dict[str, str]:
    """Sign each of them in."""
    made = {role: registry.token_of(one) for role, one in people.items()}
    db.session.commit()
    return made


def _address(rule: Rule) -> str:
    values: dict[str, Any] = dict.fromkeys(rule.arguments, UUID(int=99))
    with_text = {"number", "code"} & rule.arguments
    values.update(dict.fromkeys(with_text, "none-such"))
    adapter = rule.map.bind("localhost") if rule.map else None
    assert adapter is not None
    return adapter.build(rule.endpoint, values, method=next(iter(rule.methods or {"GET"})))


def _call(client: Client, method: str, rule: Rule, token: str | None) -> int:
    headers = {"Idempotency-Key": f"doors-{next(_keys)}", "If-Match": '"1"'}
    body: dict[str, Any] | None = None if method in SAFE else {}
    query = {"format": "csv"} if rule.rule.endswith("/export") else None  # the cheaper file
    return client.open(
        _address(rule), method=method, query_string=query, json=body, headers=headers, token=token
    ).status_code


def _opens(door: Door, actor: Actor, *, method: str) -> bool:
    try:
        admit(actor, door=door, method=method)
    except NotAllowed:
        return False
    return True


def test_every_door_admits_its_roles_and_nobody_else(
    app: Flask, people: dict[str, AppUser]
) -> None:
    actors = {role: registry.actor_of(one) for role, one in people.items()}
    table = _table()
    for method, rule in _routes(app):
        view: Any = app.view_functions[rule.endpoint]
        roles = table[method, rule.rule]
        expected = set(actors) if {"public", "signed-in"} & roles else roles
        opened = {one for one, by in actors.items() if _opens(view.door, by, method=method)}
        assert opened == expected, (method, rule.rule)


def test_every_route_asks_its_door(app: Flask, client: Client, tokens: dict[str, str]) -> None:
    table, wrong = _table(), []
    turns = count()
    for method, rule in sorted(_routes(app), key=lambda one: (one[1].rule, one[0])):
        if rule.rule.endswith("/tokens/current"):
            continue  # it would end the token that the next routes need
        roles = table[method, rule.rule]
        nobody = _call(client, method, rule, None)
        if (nobody == 401) is ("public" in roles) and not rule.rule.endswith("/auth/tokens"):
            wrong.append((method, rule.rule, "nobody", nobody))
        for role, is_theirs in asked(sorted(tokens), roles, turn=next(turns)):
            status = _call(client, method, rule, tokens[role])
            if status >= 500 or status == 401 or (status == 403) is is_theirs:
                wrong.append((method, rule.rule, role, status))
    assert wrong == []


def test_a_token_that_ended_opens_nothing(
    app: Flask, client: Client, tokens: dict[str, str]
) -> None:
    token = tokens["coop_clerk"]
    assert client.delete("/api/v1/auth/tokens/current", token=token).status_code == 204
    for method, rule in _routes(app):
        assert _call(client, method, rule, token) == 401, rule.rule


def test_every_refused_write_leaves_an_audit_row(
    app: Flask, client: Client, tokens: dict[str, str]
) -> None:
    for method, rule in _routes(app):
        if method in SAFE or rule.rule in UNPROVED:
            continue
        before = db.session.scalar(NEWEST)
        status = _call(client, method, rule, tokens["auditor"])
        row = db.session.scalar(NEWEST)
        assert row is not None, (method, rule.rule, status)
        assert before is None or row.position > before.position, (method, rule.rule, status)
        assert row.outcome != "done" or status < 400
