"""The doors that move quotas, close years and set levels: each status, body and code."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from kernel import clock
from kernel.database import db
from kernel.identity import new_id
from procurement.quotas.models import Quota, QuotaMove, QuotaSetting
from tests.builders import procurement
from tests.builders.procurement import YEAR
from tests.conftest import Client
from tests.procurement.flow import Flow, code_of

AFTER = datetime(2027, 1, 1, 4, tzinfo=UTC)
NEW_LEVEL = {"kind": "warning", "value_bp": 8_000, "source": "单位内控"}


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


def parts(flow: Flow, ceiling: int, floor: int = 0) -> dict[str, Any]:
    """Say what the school is given, or gives back."""
    unit_id = str(flow.people.unit.id)
    part = {"unit_id": unit_id, "ceiling_fen": ceiling, "floor_fen": floor}
    return {"parts": [part], "source": "分配方案"}


def moves() -> int:
    return db.session.execute(select(func.count(QuotaMove.id))).scalar_one()


def test_a_unit_gives_takes_back_and_sees_what_moved(flow: Flow) -> None:
    top = procurement.quota(flow.people.superior, 1_000).id
    given = flow.post(f"/quotas/{top}/allocations", flow.superior, parts(flow, 400))
    assert given.status_code == 200
    told = given.get_json()
    below = told["quotas"][0]["quota_id"]
    assert [told["quota"]["ceiling_fen"], told["quotas"][0]["ceiling_fen"]] == [600, 400]
    back = flow.post(f"/quotas/{top}/recalls", flow.superior, parts(flow, 150)).get_json()
    assert [back["quota"]["ceiling_fen"], back["quotas"][0]["ceiling_fen"]] == [750, 250]
    listed = flow.get(f"/quotas/{below}/moves", flow.admin).get_json()["items"]
    assert [(one["kind"], one["from_id"], one["to_id"]) for one in listed] == [
        ("recall", below, str(top)),
        ("allocation", str(top), below),
    ]
    assert listed[0] == {
        "id": listed[0]["id"],
        "kind": "recall",
        "from_id": below,
        "to_id": str(top),
        "order_id": None,
        "source": "分配方案",
        "moved_by": str(flow.people.superior_admin.id),
        "at": "2026-03-02T04:00:00+00:00",
    }
    first = flow.get(f"/quotas/{below}/moves", flow.admin, limit=1).get_json()
    rest = flow.get(f"/quotas/{below}/moves", flow.admin, cursor=first["next_cursor"]).get_json()
    assert [one["kind"] for one in rest["items"]] == ["allocation"]
    elsewhere = Flow(flow.client, procurement.cast_of("440300"))
    assert code_of(flow.get(f"/quotas/{below}/moves", elsewhere.finance)) == (404, "not_found")


def test_the_same_key_allocates_once(flow: Flow) -> None:
    path = f"/quotas/{procurement.quota(flow.people.superior, 1_000).id}/allocations"
    key = str(new_id())
    first = flow.post(path, flow.superior, parts(flow, 400), key=key)
    again = flow.post(path, flow.superior, parts(flow, 400), key=key)
    assert (again.get_json(), again.headers["Idempotency-Replayed"]) == (first.get_json(), "true")
    other = flow.post(path, flow.superior, parts(flow, 300), key=key)
    assert code_of(other) == (422, "idempotency_key_reused")
    assert moves() == 1


@pytest.mark.parametrize(
    ("door", "change", "status", "code"),
    [
        ("allocations", {"ceiling_fen": 1_001}, 409, "quota_exceeded"),
        ("allocations", {"floor_fen": 1}, 409, "floor_short"),
        ("allocations", {"unit_id": "superior"}, 422, "allocation_unfit"),
        ("allocations", {"unit_id": "nobody"}, 422, "allocation_unfit"),
        ("allocations", {"ceiling_fen": -1}, 422, "invalid"),
        ("allocations", {"rate": 1}, 422, "unknown_field"),
        ("recalls", {"ceiling_fen": 1}, 409, "allocation_exceeded"),
    ],
)
def test_what_does_not_fit_moves_nothing(
    flow: Flow, door: str, change: dict[str, Any], status: int, code: str
) -> None:
    top = procurement.quota(flow.people.superior, 1_000).id
    body = parts(flow, 10)
    body["parts"][0] |= change
    named = {"superior": str(flow.people.superior.id), "nobody": str(new_id())}
    body["parts"][0]["unit_id"] = named.get(change.get("unit_id", ""), body["parts"][0]["unit_id"])
    assert code_of(flow.post(f"/quotas/{top}/{door}", flow.superior, body)) == (status, code)
    assert moves() == 0


def test_finance_closes_a_year_and_opens_it_again(flow: Flow) -> None:
    quota_id = procurement.quota(flow.people.unit, 1_000).id
    year = {"year": YEAR}
    assert code_of(flow.post("/quota-closings", flow.finance, year)) == (409, "year_running")
    assert code_of(flow.post("/quota-closings", flow.finance, {})) == (422, "invalid")
    with clock.stopped(AFTER):
        closed = flow.post("/quota-closings", flow.finance, year)
        assert closed.get_json() == {"year": YEAR, "closed": 1, "left": 0}
        path = f"/quotas/{quota_id}/reopenings"
        until = {"until_at": "2027-02-01T00:00:00+00:00", "source": "补记验收"}
        for body, code in (({"source": "x"}, "invalid"), (until | {"until_at": "2028"}, "invalid")):
            assert code_of(flow.post(path, flow.finance, body)) == (422, code)
        far = until | {"until_at": "2027-12-01T00:00:00+00:00"}
        assert code_of(flow.post(path, flow.finance, far)) == (422, "invalid")
        opened = flow.post(path, flow.finance, until).get_json()
        assert (opened["ceiling_fen"], opened["closed_at"]) == (1_000, None)
        assert opened["reopened_until"] == until["until_at"]
        assert code_of(flow.post(path, flow.finance, until)) == (409, "wrong_state")
    kinds = db.session.scalars(select(QuotaMove.kind).order_by(QuotaMove.position)).all()
    assert kinds == ["lapse", "reopening"]
    elsewhere = Flow(flow.client, procurement.cast_of("440300"))
    with clock.stopped(AFTER):
        assert code_of(flow.post(path, elsewhere.finance, until)) == (404, "not_found")
        none = flow.post("/quota-closings", elsewhere.finance, year).get_json()
        assert (none["closed"], none["left"]) == (0, 0)
    assert db.session.get_one(Quota, quota_id).closed_at is None


def test_a_unit_sets_its_level_and_finance_what_is_carried_over(flow: Flow) -> None:
    made = flow.post("/quota-settings", flow.admin, NEW_LEVEL)
    assert made.status_code == 201
    told = made.get_json()
    assert told == NEW_LEVEL | {
        "id": told["id"],
        "unit_id": str(flow.people.unit.id),
        "region_code": None,
        "from_on": "2026-03-02",
        "author_id": str(flow.people.admin.id),
        "created_at": "2026-03-02T04:00:00+00:00",
    }
    carry = {"kind": "carry_over", "value_bp": 5_000, "source": "结转办法（演示）"}
    region = flow.post("/quota-settings", flow.finance, carry).get_json()
    assert (region["unit_id"], region["region_code"]) == (None, "440203")
    seen = flow.get("/quota-settings", flow.superior).get_json()["items"]
    assert [one["id"] for one in seen[:2]] == [region["id"], told["id"]]
    elsewhere = Flow(flow.client, procurement.cast_of("440300"))
    foreign = flow.get("/quota-settings", elsewhere.finance).get_json()["items"]
    assert told["id"] not in {one["id"] for one in foreign}
    procurement.quota(flow.people.unit, 1_000)
    assert flow.get("/quotas", flow.admin, year=YEAR).get_json()["warning_bp"] == 8_000


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"kind": "carry_over"}, 403, "forbidden"),
        ({"value_bp": 10_001}, 422, "invalid"),
        ({"value_bp": 0.5}, 422, "invalid"),
        ({"from_on": "2026-03-01"}, 422, "setting_backdated"),
        ({"unit_id": "x"}, 422, "unknown_field"),
    ],
)
def test_a_setting_that_cannot_be_is_not_set(
    flow: Flow, change: dict[str, Any], status: int, code: str
) -> None:
    before = db.session.execute(select(func.count(QuotaSetting.id))).scalar_one()
    assert code_of(flow.post("/quota-settings", flow.admin, NEW_LEVEL | change)) == (status, code)
    assert db.session.execute(select(func.count(QuotaSetting.id))).scalar_one() == before
