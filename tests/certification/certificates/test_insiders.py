"""Who holds a role in the holder decides nothing on its certificate, whomever they act for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from certification.certificates.commands.scope import request_scope_change
from certification.certificates.rules.scope import Scope
from kernel import clock
from registry.accounts.models import Role
from tests.builders import certification as build
from tests.builders import registry
from tests.builders.certification import NOTICE_OVER
from tests.conftest import Client
from tests.transitions import also_of, rows_of

TABLES = ("certificate", "certificate_change", "scope_change", "capacity")


@pytest.fixture(autouse=True)
def stopped(client: Client) -> Iterator[None]:
    del client
    with clock.stopped(NOTICE_OVER):
        yield


@pytest.mark.parametrize("insides", [True, False], ids=["insider", "control: nobody of theirs"])
def test_an_insider_decides_nothing(client: Client, *, insides: bool) -> None:
    holder = registry.organisation()
    made = build.certificate(holder)
    clerk = registry.actor_of(registry.user(holder, [Role.COOP_CLERK]))
    wanted = Scope("演示新米", made.specification, Decimal(1100))
    wish = request_scope_change(made.id, wanted, reason="增产", by=clerk, now=NOTICE_OVER)
    reviewer = build.reviewer_of("county")
    if insides:
        also_of(holder, reviewer)
    token = registry.token_of(reviewer)
    doors = {
        f"/api/v1/scope-changes/{wish.id}/decision": {"accept": True, "opinion": "属实"},
        f"/api/v1/certificates/{made.id}/warn": {"reason": "抽检"},
        f"/api/v1/certificates/{made.id}/suspend": {"reason": "抽检"},
        f"/api/v1/certificates/{made.id}/reinstate": {"reason": "已整改"},
        f"/api/v1/certificates/{made.id}/revoke": {"reason": "失实"},
    }
    for path, body in doors.items():
        before = rows_of(TABLES)
        answer = client.post(path, json=body, token=token)
        if insides:
            assert answer.json is not None
            assert (answer.status_code, answer.json["code"]) == (403, "own_organisation"), path
            assert rows_of(TABLES) == before
        else:
            assert answer.status_code == 200, path
