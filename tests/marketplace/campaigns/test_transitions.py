"""Every state × every act × everybody of standing orders and campaigns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernel import clock
from marketplace.campaigns.commands.donations import cancel_campaign
from marketplace.campaigns.commands.standing import end_standing, pause_standing
from marketplace.orders.commands.donations import gather_campaign
from registry.accounts.models import Role
from tests.builders import marketplace, registry
from tests.builders.campaigns import CLOSES, campaign, campaign_of, standing, standing_of
from tests.builders.marketplace import NOW, Scene
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


def people(there: Scene) -> dict[str, Token]:
    return {
        "buyer": registry.token_of(there.buyer),
        "admin": registry.token_of(registry.user(there.unit, [Role.UNIT_ADMIN])),
        **bystanders(),
    }


@pytest.mark.parametrize("state", ["active", "paused", "ended"])
def test_a_standing_order_moves_only_as_its_table_says(client: Client, state: str) -> None:
    there = marketplace.scene()
    made, by = standing(there), there.by("buyer")
    if state == "paused":
        pause_standing(made, expected_version=None, by=by, now=NOW)
    if state == "ended":
        end_standing(made, expected_version=None, by=by, now=NOW)
    to = f"/api/v1/standing-orders/{made}"
    walk(
        client, "standing_order", state, people=people(there),
        acts={"change": changing(to), **{
            act: posting(f"{to}/{act}") for act in ("pause", "resume", "end")
        }},
        state_now=lambda: standing_of(made).status.value, shown_in=("standing_order",),
    )  # fmt: skip


@pytest.mark.parametrize("state", ["open", "gathered", "cancelled"])
def test_a_campaign_moves_only_as_its_table_says(client: Client, state: str) -> None:
    there = marketplace.scene()
    made, by = campaign(there, ("一分会", "A-1", "2")), there.by("buyer")
    if state == "gathered":
        gather_campaign(made, expected_version=None, by=by, now=CLOSES)
    if state == "cancelled":
        cancel_campaign(made, expected_version=None, by=by, now=NOW)
    to = f"/api/v1/donation-campaigns/{made}"
    body = {"branch": "一分会", "participant_code": "A-1", "quantity": "1"}
    acts = {
        "wish": posting(f"{to}/wishes", {**body, "listing_id": str(there.listing_id)}),
        "gather": posting(f"{to}/gather"),
        "cancel": posting(f"{to}/cancel"),
    }
    with clock.stopped(CLOSES):
        walk(
            client, "donation_campaign", state, people=people(there), acts=acts,
            state_now=lambda: campaign_of(made).status.value,
            shown_in=("donation_campaign", "campaign_wish", "purchase_order"),
        )  # fmt: skip
