"""Every state × every act × everybody of standing orders."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernel import clock
from marketplace.campaigns.commands import end_standing, pause_standing
from registry.accounts.models import Role
from tests.builders import marketplace, registry
from tests.builders.campaigns import standing, standing_of
from tests.builders.marketplace import NOW
from tests.conftest import Client
from tests.transitions import Deed, Token, bystanders, posting, walk


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    with clock.stopped(NOW):
        yield


def changing(path: str) -> Deed:
    return lambda client, token: client.patch(
        path, json={"heads": 5}, token=token, headers={"If-Match": "*"}
    )


@pytest.mark.parametrize("state", ["active", "paused", "ended"])
def test_a_standing_order_moves_only_as_its_table_says(client: Client, state: str) -> None:
    there = marketplace.scene()
    made, by = standing(there), there.by("buyer")
    if state == "paused":
        pause_standing(made, expected_version=None, by=by, now=NOW)
    if state == "ended":
        end_standing(made, expected_version=None, by=by, now=NOW)
    to = f"/api/v1/standing-orders/{made}"
    people: dict[str, Token] = {
        "buyer": registry.token_of(there.buyer),
        "admin": registry.token_of(registry.user(there.unit, [Role.UNIT_ADMIN])),
        **bystanders(),
    }
    walk(
        client, "standing_order", state, people=people,
        acts={"change": changing(to), **{
            act: posting(f"{to}/{act}") for act in ("pause", "resume", "end")
        }},
        state_now=lambda: standing_of(made).status.value, shown_in=("standing_order",),
    )  # fmt: skip
