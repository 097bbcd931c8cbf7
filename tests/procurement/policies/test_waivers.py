"""Lower shares of single units: by which document, until when, and how they end."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from kernel import clock
from kernel.database import constraint_of, db
from kernel.errors import OwnOrganisation
from kernel.events import EventRow
from kernel.identity import new_id
from kernel.unit_of_work import run
from procurement.errors.constraints import CONSTRAINTS
from procurement.errors.policies import WaiverOverlaps
from procurement.policies.commands import end_waivers
from procurement.policies.models import Waiver
from tests.builders import procurement
from tests.conftest import Client
from tests.procurement.flow import OWN, Flow, code_of

OVER = datetime(2026, 12, 31, 16, tzinfo=UTC)


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


def waiver(flow: Flow, **fields: Any) -> dict[str, Any]:
    return {
        "unit_id": str(flow.people.unit.id),
        "floor_bp": 1500,
        "document_number": "粤财库〔2026〕1号",
        "approved_by_level": "province_finance",
        "reason": "牧区民族饮食",
        "since_on": "2026-01-01",
        "until_on": "2027-01-01",
    } | fields


def resolved(flow: Flow, **query: Any) -> dict[str, Any]:
    asked = {"unit_id": str(flow.people.unit.id), "year": 2026} | query
    answer = flow.get("/policies/resolve", flow.admin, **asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def test_a_waiver_lowers_the_units_floor_until_its_end(flow: Flow) -> None:
    assert code_of(flow.post("/filings", flow.admin, OWN | {"reserved_fen": 150_000_00})) == (
        422,
        "below_floor",
    )
    made = flow.post("/waivers", flow.finance, waiver(flow))
    assert made.status_code == 201, made.text
    found = resolved(flow)
    assert (found["owed_bp"], found["floor_bp"]) == (1500, 3000)
    assert found["waiver"]["document_number"] == "粤财库〔2026〕1号"
    assert resolved(flow, on="2027-01-01")["waiver"] is None
    assert resolved(flow, as_of="2026-03-01T00:00:00Z")["waiver"] is None
    filed = flow.draft(reserved_fen=150_000_00)
    assert (filed["floor_fen"], filed["waiver_id"]) == (150_000_00, made.get_json()["id"])
    listed = flow.get("/waivers", flow.admin, on="2026-03-02").get_json()["items"]
    assert [one["id"] for one in listed] == [made.get_json()["id"]]
    stranger = Flow(flow.client, procurement.cast_of("440300"))
    assert flow.get("/waivers", stranger.finance).get_json()["items"] == []


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"floor_bp": 3000}, (422, "waiver_not_lower")),
        ({"approved_by_level": "city_finance"}, (422, "waiver_level_low")),
        ({"floor_bp": 999}, (422, "waiver_level_low")),
        ({"until_on": "2026-03-02"}, (422, "invalid")),
        ({"document_id": "00000000-0000-7000-8000-000000000000"}, (404, "not_found")),
        ({"unit_id": "00000000-0000-7000-8000-000000000000"}, (404, "not_found")),
    ],
)
def test_a_waiver_that_cannot_be_is_refused(
    flow: Flow, fields: dict[str, Any], refused: tuple[int, str]
) -> None:
    assert code_of(flow.post("/waivers", flow.finance, waiver(flow, **fields))) == refused


def test_below_the_nations_share_the_treasury_department_approves(flow: Flow) -> None:
    low = waiver(flow, floor_bp=999, approved_by_level="mof_treasury")
    assert flow.post("/waivers", flow.finance, low).status_code == 201


def test_a_unit_has_one_waiver_at_a_time_and_no_office_waives_its_own(flow: Flow) -> None:
    assert flow.post("/waivers", flow.finance, waiver(flow)).status_code == 201
    again = flow.post("/waivers", flow.finance, waiver(flow))
    assert code_of(again) == (409, "waiver_document_used")
    other = waiver(flow, document_number="2")
    assert code_of(flow.post("/waivers", flow.finance, other)) == (409, "waiver_overlaps")
    own = waiver(flow, unit_id=str(flow.people.bureau.id))
    assert code_of(flow.post("/waivers", flow.finance, own)) == (403, "own_organisation")
    assert code_of(flow.post("/waivers", flow.admin, other)) == (403, "forbidden")
    far = Flow(flow.client, procurement.cast_of("440300"))
    assert code_of(flow.post("/waivers", far.finance, other)) == (404, "not_found")


def test_a_waiver_is_revoked_once(flow: Flow) -> None:
    made = flow.post("/waivers", flow.finance, waiver(flow)).get_json()
    path = f"/waivers/{made['id']}/revoke"
    with clock.stopped(datetime(2026, 6, 1, 4, tzinfo=UTC)):
        ended = flow.post(path, flow.finance, {"reason": "条件消失"})
        assert ended.get_json()["revoked_on"] == "2026-06-01", ended.text
        assert code_of(flow.post(path, flow.finance, {"reason": "x"})) == (409, "wrong_state")
        assert resolved(flow)["waiver"] is None
        assert resolved(flow, on="2026-05-31")["waiver"] is not None
        assert resolved(flow, as_of="2026-05-31T00:00:00Z")["waiver"] is not None
    stranger = Flow(flow.client, procurement.cast_of("440300"))
    assert code_of(flow.post(path, stranger.finance, {"reason": "x"})) == (404, "not_found")


def test_the_clock_ends_a_waiver_and_tells_of_it_once(flow: Flow) -> None:
    flow.post("/waivers", flow.finance, waiver(flow))
    last_minute = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    served = [run(partial(end_waivers, now=at)) for at in (last_minute, OVER, OVER)]
    assert served == [0, 1, 0]
    assert db.session.scalars(select(EventRow.kind)).all() == ["WaiverEnded"]


def test_the_table_refuses_what_the_rules_refuse(flow: Flow) -> None:
    flow.post("/waivers", flow.finance, waiver(flow))
    row = db.session.scalars(select(Waiver)).one()
    values = {name: getattr(row, name) for name in Waiver.__table__.columns.keys()}  # noqa: SIM118
    for change, refusal in (
        ({"document_number": "2"}, WaiverOverlaps),
        ({"organisation_id": row.unit_id, "since_on": date(2030, 1, 1)}, OwnOrganisation),
    ):
        later = {"id": new_id(), "document_number": "3", "until_on": date(2031, 1, 1)}
        with pytest.raises(IntegrityError) as caught, db.session.begin_nested():
            db.session.execute(insert(Waiver).values(values | later | change))
        assert CONSTRAINTS[constraint_of(caught.value) or ""] is refusal
    bad: tuple[tuple[dict[str, Any], str], ...] = (
        ({"until_on": date(2026, 1, 1)}, "ck_share_waiver_period"),
        ({"revoked_on": date(2026, 2, 1), "revoke_reason": "x"}, "ck_share_waiver_revoked"),
        ({"floor_bp": -1}, "ck_share_waiver_floor"),
    )
    for fields, name in bad:
        with pytest.raises(IntegrityError) as caught, db.session.begin_nested():
            db.session.execute(insert(Waiver).values(values | {"id": new_id()} | fields))
        assert constraint_of(caught.value) == name
