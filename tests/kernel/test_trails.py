"""The audit trail through its doors: found by person, thing and outcome, and proved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from kernel import seals
from kernel.audit import AuditRow
from kernel.clock import now
from kernel.database import db
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import registry
from tests.conftest import Client


@pytest.fixture
def auditor(client: Client) -> str:
    """Sign an auditor in."""
    del client
    office = registry.organisation(OrganisationKind.AUTHORITY, "440203")
    token = registry.token_of(registry.user(office, {Role.AUDITOR}))
    db.session.commit()
    return token


def test_acts_are_found_by_person_kind_and_outcome(
    client: Client, auditor: str, written: Callable[[], list[AuditRow]]
) -> None:
    client.post("/api/v1/orders", json={}, token=auditor, headers={"Idempotency-Key": "trail-1"})
    refused = written()[-1]
    found = client.get(
        f"/api/v1/audit?user_id={refused.user_id}&outcome=forbidden", token=auditor
    ).get_json()
    assert [one["action"] for one in found["items"]] == ["orders.place"]
    assert found["items"][0]["id"] == str(refused.id)
    none = client.get("/api/v1/audit?action=orders.none_such", token=auditor).get_json()
    assert none == {"items": [], "next_cursor": None}


def test_the_proof_tells_a_row_that_was_changed(
    client: Client, auditor: str, written: Callable[[], list[AuditRow]]
) -> None:
    client.post("/api/v1/orders", json={}, token=auditor, headers={"Idempotency-Key": "trail-2"})
    row = written()[-1]
    db.session.execute(text("SET LOCAL session_replication_role = replica"))
    db.session.execute(text("UPDATE audit_row SET xid = 1"))
    db.session.expire_all()
    seals.seal(now=now())
    whole = client.get("/api/v1/audit/proof", token=auditor).get_json()
    assert (whole["holds"], whole["faults"]) == (True, [])
    assert whole["sealed"] == whole["rows"] > 0
    db.session.execute(text("UPDATE audit_row SET outcome = 'done' WHERE id = :id"), {"id": row.id})
    changed = client.get("/api/v1/audit/proof", token=auditor).get_json()
    assert changed["holds"] is False
    assert len(changed["faults"]) == 1
