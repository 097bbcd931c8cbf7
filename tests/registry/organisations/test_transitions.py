"""Every state × every act × everybody of an entry of the credit record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kernel.database import db
from registry.accounts.models import Role
from registry.organisations.models import CreditEntry
from tests.builders import registry
from tests.conftest import Client
from tests.transitions import Deed, Token, strangers, walk

ENTRY: dict[str, Any] = {
    "kind": "penalty",
    "source": "粤市监罚〔2026〕7号",
    "since_on": "2026-01-01",
    "consequences": ["no_new_listings"],
}


def post(path: str, body: Mapping[str, Any]) -> Deed:
    def send(client: Client, token: Token) -> TestResponse:
        return client.post(path, json=body, token=token)

    return send


@pytest.mark.parametrize("state", ["in_force", "ended", "withdrawn"])
def test_an_entry_moves_only_as_its_table_says(client: Client, state: str) -> None:
    holder = registry.organisation()
    people = strangers() | {
        "own": registry.token_of(registry.user(holder, [Role.MONITOR])),
    }
    path = f"/api/v1/organisations/{holder.id}/credit-entries"
    ends = {"until_on": "2026-02-01"} if state == "ended" else {}
    made = client.post(path, json=ENTRY | ends, token=people["monitor"])
    assert made.json is not None
    entry_id = made.json["id"]
    to = f"/api/v1/credit-entries/{entry_id}/withdraw"
    if state == "withdrawn":
        assert client.post(to, json={"reason": "误记"}, token=people["monitor"]).status_code == 200
    acts = {"add": post(path, ENTRY), "withdraw": post(to, {"reason": "误记"})}

    def state_now() -> str:
        one = db.session.get_one(CreditEntry, entry_id, populate_existing=True)
        if one.withdrawn_at is not None:
            return "withdrawn"
        return "in_force" if one.until_on is None else "ended"

    walk(
        client, "credit_entry", state, people=people, acts=acts, state_now=state_now,
        shown_in=("credit_entry",),
    )  # fmt: skip
