"""Every state × every act × everybody of a pairing."""

from __future__ import annotations

from datetime import date

import pytest
from werkzeug.test import TestResponse

from kernel.database import db
from kernel.identity import new_id
from registry.accounts.models import Role
from registry.households.commands.pairings import NewPairing, end_pairing, pair_helper
from registry.households.models.pairings import Pairing, PairingId, PairingKind
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.conftest import Client
from tests.registry.conftest import NOW
from tests.transitions import Token, strangers, walk

PATH = "/api/v1/pairings"


@pytest.mark.parametrize("state", ["none", "open", "ended"])
def test_a_pairing_moves_only_as_its_table_says(client: Client, state: str) -> None:
    registry.village()
    helper = registry.organisation(OrganisationKind.BUDGET_UNIT)
    by = registry.person(Role.COUNTY_REVIEWER, kind=OrganisationKind.AUTHORITY)
    new = NewPairing(
        kind=PairingKind.DESIGNATED_AID,
        helper_id=helper.id,
        village_code=registry.VILLAGE,
        since_on=date(2026, 1, 1),
        source="演示",
    )
    pairing_id = PairingId(new_id())
    if state != "none":
        pairing_id = pair_helper(new, by=by, now=NOW).pairing.id
    if state == "ended":
        end_pairing(pairing_id, until_on=date(2026, 2, 1), expected_version=None, by=by, now=NOW)
    said = {
        "kind": "designated_aid",
        "helper_id": str(helper.id),
        "village_code": registry.VILLAGE,
        "since_on": "2026-02-01",
        "source": "演示",
    }

    def pair(client: Client, token: Token) -> TestResponse:
        return client.post(PATH, json=said, token=token)

    def end(client: Client, token: Token) -> TestResponse:
        tag = {"If-Match": "*"}
        body = {"until_on": "2026-03-01"}
        return client.post(f"{PATH}/{pairing_id}/end", json=body, token=token, headers=tag)

    def state_now() -> str:
        ends = db.session.query(Pairing.until_on).all()
        return "none" if not ends else "open" if (None,) in ends else "ended"

    walk(
        client, "pairing", state, people=strangers(), acts={"pair": pair, "end": end},
        state_now=state_now, shown_in=("pairing",),
    )  # fmt: skip
