"""What the staff buy with their own money: up to a limit, beside the promise, counted by policy."""

from __future__ import annotations

from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from kernel import clock
from kernel.identity import new_id
from kernel.money import Fen
from procurement.quotas.commands import holds
from procurement.quotas.models import Fund
from tests.builders import procurement
from tests.builders.procurement import NOW, YEAR, contents
from tests.conftest import Client
from tests.procurement.flow import Flow, code_of


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


def limit(flow: Flow, fen: int) -> TestResponse:
    body = {"year": YEAR, "limit_fen": fen, "source": "职工大会决议"}
    return flow.post("/quotas/staff-limits", flow.admin, body)


def test_the_staff_s_purchases_count_for_the_unit(flow: Flow) -> None:
    assert code_of(limit(flow, 1_000_00)) == (409, "quota_missing")
    procurement.confirmed(flow.people, contents())
    opened = limit(flow, 1_000_00)
    assert opened.status_code == 200, opened.text
    assert {name: opened.get_json()[name] for name in ("fund", "ceiling_fen", "floor_fen")} == {
        "fund": "staff",
        "ceiling_fen": 1_000_00,
        "floor_fen": 0,
    }
    order_id = new_id()
    holds.hold(
        order_id=order_id,
        unit_id=flow.people.unit.id,
        year=YEAR,
        fund=Fund.STAFF,
        parts=[procurement.part(600_00)],
        expires_at=None,
        now=NOW,
    )
    with clock.stopped(NOW):
        assert code_of(limit(flow, 599_99)) == (409, "quota_exceeded")
        assert limit(flow, 600_00).get_json()["available_fen"] == 0
    holds.post(order_id=order_id, amounts={"national_832": Fen(600_00)}, now=NOW)
    with clock.stopped(NOW + timedelta(days=1)):
        report = flow.get("/completion", flow.admin, year=YEAR).get_json()
        parts = flow.get("/completion/breakdown", flow.admin, year=YEAR, by="fund").get_json()
    assert (report["reserved_fen"], report["counted_fen"]) == (300_000_00, 600_00)
    told = {one["key"]: (one["name"]["zh"], one["counted_fen"]) for one in parts["parts"]}
    assert told["staff"] == ("职工自费", 600_00)
