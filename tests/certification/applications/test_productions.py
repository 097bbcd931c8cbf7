"""What a holder declares: every state × every act × everybody, and what others see of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.test import TestResponse

from certification.applications.commands.productions import (
    certify_production,
    declare_production,
)
from certification.applications.models import Production
from certification.applications.queries.productions import ProductionKey
from kernel import clock
from kernel.database import db
from kernel.identity import new_id
from kernel.quantity import Unit
from registry.accounts.models import Role
from registry.organisations.models import Organisation
from tests.builders import registry
from tests.builders.certification import NOW
from tests.conftest import Client
from tests.transitions import Deed, Token, strangers, walk

PATH = "/api/v1/certification/productions"
SAID = {
    "category_code": "grain",
    "county_code": registry.WUJIANG,
    "year": 2026,
    "unit": "kg",
    "quantity": "1000.000",
    "basis": "演示：收成记录",
}
TAKEN = {"declared": 0, "taken": 800, "full": 1000}


@pytest.fixture(autouse=True)
def stopped(client: Client) -> Iterator[None]:
    del client
    with clock.stopped(NOW):
        yield


def declared(holder: Organisation) -> Production:
    said: dict[str, Any] = {**SAID, "unit": Unit.KG, "quantity": Decimal(1000)}
    by = registry.actor_of(registry.user(holder, [Role.COOP_CLERK]))
    return declare_production(**said, by=by, now=NOW)


def certify(holder: Organisation, quantity: int) -> None:
    key = ProductionKey(holder.id, "grain", registry.WUJIANG, 2026, Unit.KG)
    certify_production(key, application_id=new_id(), quantity=Decimal(quantity), now=NOW)


def post(path: str, body: Mapping[str, Any]) -> Deed:
    def send(client: Client, token: Token) -> TestResponse:
        return client.post(path, json=body, token=token)

    return send


@pytest.mark.parametrize("state", ["none", "declared", "taken", "full"])
def test_a_production_moves_only_as_its_table_says(client: Client, state: str) -> None:
    holder = registry.organisation()
    holder_id = holder.id
    one = new_id() if state == "none" else declared(holder).id
    if TAKEN.get(state):
        certify(holder, TAKEN[state])
    people = strangers() | {
        f"holder {name}": registry.token_of(registry.user(holder, [role]))
        for name, role in (("clerk", Role.COOP_CLERK), ("manager", Role.COOP_MANAGER))
    }
    acts = {
        "declare": post(PATH, SAID),
        "raise": post(f"{PATH}/{one}/change", {"quantity": "2000.000", "basis": "增产"}),
        "cut": post(f"{PATH}/{one}/change", {"quantity": "500.000", "basis": "减产"}),
    }

    def state_now() -> str:
        row = db.session.query(Production).filter_by(holder_id=holder_id).one_or_none()
        if row is None:
            return "none"
        db.session.refresh(row)
        if not row.certified:
            return "declared"
        return "full" if row.certified == row.declared else "taken"

    walk(
        client, "production", state, people=people, acts=acts, state_now=state_now,
        shown_in=("production", "production_hold", "production_entry"),
    )  # fmt: skip


def test_a_production_is_seen_by_its_holder_and_around_its_place(client: Client) -> None:
    holder = registry.organisation()
    one = declared(holder).id
    certify(holder, 800)
    mine = registry.token_of(registry.user(holder, [Role.COOP_MANAGER]))
    (seen,) = client.get(f"{PATH}?year=2026", token=mine).json["items"]  # type: ignore[index]
    assert (seen["id"], seen["declared"], seen["certified"]) == (str(one), "1000.000", "800.000")
    assert client.get(f"{PATH}?year=2025", token=mine).json == {"items": [], "next_cursor": None}
    around = {"town_checker", "county_reviewer", "city_reviewer", "province_reviewer", "auditor",
              "platform_admin", "monitor", "finance_supervisor", "village_cadre"}  # fmt: skip
    for who, token in strangers().items():
        answer = client.get(PATH, token=token)
        if token is None:
            assert answer.status_code == 401
            continue
        assert answer.json is not None
        assert len(answer.json["items"]) == (who in around), who


def test_productions_are_paged(client: Client) -> None:
    holder = registry.organisation()
    token = registry.token_of(registry.user(holder, [Role.COOP_CLERK]))
    for year in (2024, 2025, 2026):
        assert client.post(PATH, json=SAID | {"year": year}, token=token).status_code == 201
    first = client.get(f"{PATH}?limit=2", token=token).json
    assert first is not None
    assert [one["year"] for one in first["items"]] == [2026, 2025]
    rest = client.get(f"{PATH}?limit=2&cursor={first['next_cursor']}", token=token).json
    assert rest is not None
    assert ([one["year"] for one in rest["items"]], rest["next_cursor"]) == ([2024], None)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"county_code": registry.LONGGUI}, "region_unknown"),
        ({"county_code": "999999"}, "region_unknown"),
        ({"category_code": "none"}, "invalid"),
        ({"quantity": "0.000"}, "invalid"),
        ({"quantity": "1.5", "unit": "piece"}, "invalid"),
        ({"basis": "证件 110101199003078515"}, "identity_in_text"),
    ],
)
def test_what_cannot_be_declared(client: Client, change: dict[str, Any], code: str) -> None:
    token = registry.token_of(registry.user(registry.organisation(), [Role.COOP_CLERK]))
    answer = client.post(PATH, json=SAID | change, token=token)
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert client.get(PATH, token=token).json == {"items": [], "next_cursor": None}
