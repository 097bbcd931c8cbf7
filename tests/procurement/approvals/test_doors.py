"""The doors of delegations, and of applications to bind an order to another unit."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from kernel import clock
from kernel.database import db
from kernel.identity import new_id
from marketplace.orders.models.rebindings import Rebinding
from procurement.approvals.models import ApprovalDelegation
from procurement.quotas.models import Quota
from registry.accounts.models import AppUser, Role
from registry.organisations.models import Organisation, OrganisationKind
from tests.builders import marketplace, procurement, registry
from tests.builders.marketplace import PRICE
from tests.conftest import Client
from tests.procurement.flow import Flow, code_of

PATH = "/approval-delegations"


class Approvers:
    """An approver of a school, a colleague, and the doors they use."""

    def __init__(self, client: Client) -> None:
        self.flow = Flow(client)
        self.giver = self._user(Role.UNIT_APPROVER)
        self.colleague = self._user(Role.UNIT_FINANCE)
        self.token = self.flow.token(self.giver)
        self.body: dict[str, Any] = {
            "delegate_id": str(self.colleague.id),
            "until_on": "2026-03-09",
            "reason": "出差",
        }

    def _user(self, role: Role) -> AppUser:
        return registry.user(self.flow.people.unit, [role])


@pytest.fixture
def there(client: Client) -> Approvers:
    return Approvers(client)


def test_an_approver_finds_the_open_accounts_of_the_own_unit(there: Approvers) -> None:
    flow, path = there.flow, f"{PATH}/colleagues"
    closed = registry.user(flow.people.unit, [Role.UNIT_FINANCE])
    closed.closed_at = clock.now()
    outsider = registry.user(procurement.cast_of("440300").unit, [Role.UNIT_FINANCE])
    db.session.flush()
    found = {one["id"]: one["username"] for one in flow.get(path, there.token).get_json()["items"]}
    assert found[str(there.colleague.id)] == there.colleague.username
    assert not {str(closed.id), str(outsider.id)} & found.keys()


def test_an_approver_lets_a_colleague_approve_and_takes_it_back(there: Approvers) -> None:
    flow = there.flow
    made = flow.post(PATH, there.token, there.body)
    assert made.status_code == 201
    told = made.get_json()
    assert told == there.body | {
        "id": told["id"],
        "unit_id": str(flow.people.unit.id),
        "delegator_id": str(there.giver.id),
        "from_on": "2026-03-02",
        "created_at": "2026-03-02T04:00:00+00:00",
        "revoked_at": None,
    }
    assert flow.get(PATH, flow.superior).get_json()["items"] == [told]
    elsewhere = Flow(flow.client, procurement.cast_of("440300"))
    assert flow.get(PATH, elsewhere.finance).get_json()["items"] == []
    revoked = flow.post(f"{PATH}/{told['id']}/revoke", there.token).get_json()
    assert revoked == told | {"revoked_at": "2026-03-02T04:00:00+00:00"}
    assert flow.get(PATH, there.token, limit=1).get_json()["items"] == [revoked]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"until_on": "2026-03-02"}, "delegation_unfit"),
        ({"until_on": "2026-06-03"}, "delegation_unfit"),
        ({"from_on": "2026-03-01"}, "delegation_unfit"),
        ({"delegate_id": str(new_id())}, "delegation_unfit"),
        ({"delegate_id": "x"}, "invalid"),
        ({"reason": ""}, "invalid"),
        ({"reason": "440203195003120018"}, "identity_in_text"),
        ({"unit_id": "x"}, "unknown_field"),
    ],
)
def test_what_cannot_be_delegated_is_not(
    there: Approvers, change: dict[str, Any], code: str
) -> None:
    assert code_of(there.flow.post(PATH, there.token, there.body | change)) == (422, code)
    assert db.session.execute(select(func.count(ApprovalDelegation.id))).scalar_one() == 0


def test_an_order_goes_to_another_unit_over_the_doors(client: Client) -> None:
    there = marketplace.scene()
    other = registry.organisation(OrganisationKind.BUDGET_UNIT)
    quota_id = procurement.quota(other).id
    giver, taker = (registry.user(one, [Role.UNIT_ADMIN]) for one in (there.unit, other))
    buyer, gives, takes = (registry.token_of(one) for one in (there.buyer, giver, taker))
    order_id = marketplace.confirmed(there, "10").order.id
    path = f"/api/v1/orders/{order_id}/rebindings"
    body = {"to_unit_id": str(other.id), "reason": "误选单位"}

    def asks(changes: dict[str, str], key: str) -> TestResponse:
        return client.post(path, json=body | changes, token=buyer, headers={"Idempotency-Key": key})

    key = str(new_id())
    with clock.stopped(marketplace.NOW):
        assert code_of(client.post(path, json=body, token=buyer)) == (
            400,
            "idempotency_key_required",
        )
        made = asks({}, key)
        assert made.status_code == 201
        told = made.get_json()
        assert asks({}, key).headers["Idempotency-Replayed"] == "true"
        to = f"/api/v1/rebindings/{told['id']}"
        assert code_of(asks({}, str(new_id()))) == (409, "rebinding_open")
        own = {"to_unit_id": str(there.unit.id)}
        assert code_of(asks(own, str(new_id()))) == (422, "rebinding_unfit")
        shown = client.get(to, token=takes).get_json()
        assert (shown["status"], shown["due_on"]) == ("open", "2026-06-09")
        assert (shown["order"]["id"], shown["order"]["total_fen"]) == (str(order_id), 10 * PRICE)
        first = client.post(f"{to}/consent", token=gives).get_json()
        assert (first["status"], first["from_consent_by"]) == ("open", str(giver.id))
        done = client.post(f"{to}/consent", token=takes).get_json()
        assert (done["status"], done["to_consent_by"]) == ("done", str(taker.id))
        refused = client.post(f"{to}/refuse", json={"reason": "x"}, token=takes)
        assert code_of(refused) == (409, "wrong_state")
        for status, count in (("done", 1), ("open", 0)):
            query = {"status": status, "order_id": str(order_id)}
            listed = client.get("/api/v1/rebindings", query_string=query, token=gives)
            assert len(listed.get_json()["items"]) == count
    assert db.session.get_one(Quota, quota_id).held_fen == 10 * PRICE
    assert db.session.execute(select(func.count(Rebinding.id))).scalar_one() == 1


@pytest.mark.parametrize(("act", "status"), [("refuse", "refused"), ("withdraw", "withdrawn")])
def test_an_application_is_refused_or_withdrawn_with_a_reason(
    client: Client, act: str, status: str
) -> None:
    there = marketplace.scene()
    marketplace.confirmed(there, "10")
    asked = marketplace.ask_for_rebinding()
    row = db.session.get_one(Rebinding, asked)
    unit = db.session.get_one(Organisation, row.to_unit_id if act == "refuse" else row.from_unit_id)
    admin = registry.token_of(registry.user(unit, [Role.UNIT_ADMIN]))
    with clock.stopped(marketplace.NOW):
        path = f"/api/v1/rebindings/{asked}/{act}"
        told = client.post(path, json={"reason": "不属本单位"}, token=admin).get_json()
    assert (told["status"], told["close_reason"]) == (status, "不属本单位")
