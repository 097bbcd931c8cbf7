"""Revisions of what is in force, rounds with their differences, batches, and last year's copy."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from kernel import clock
from kernel.audit import AuditRow
from kernel.database import db
from kernel.events import EventRow
from kernel.identity import new_id
from procurement.filings.models import Filing, FilingStatus
from procurement.quotas.commands import holds
from procurement.quotas.models import Quota, QuotaId
from procurement.wiring import INVARIANTS
from registry.accounts.models import Role
from tests.builders import procurement, registry
from tests.builders.procurement import NOW
from tests.conftest import Client
from tests.procurement.flow import OWN, Flow, code_of
from tests.promises import broken

CONTRACT = {"situation": "outsourced", "contract_clause": True}


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


def revise(flow: Flow, filing_id: str, **changes: Any) -> Any:
    body = {"reason": "食堂人数增加", "changes": changes}
    return flow.post(f"/filings/{filing_id}/revise", flow.admin, body)


def through(flow: Flow, filing_id: str) -> Any:
    path = f"/filings/{filing_id}"
    assert flow.post(f"{path}/submit", flow.admin).status_code == 200
    assert flow.post(f"{path}/confirm", flow.superior).status_code == 200
    return flow.post(f"{path}/confirm", flow.finance)


def first(flow: Flow, **fields: Any) -> str:
    return str(flow.confirmed(**fields)["id"])


def quota(flow: Flow) -> Quota:
    return db.session.scalars(
        select(Quota)
        .where(Quota.unit_id == flow.people.unit.id)
        .execution_options(populate_existing=True)
    ).one()


def test_a_revision_takes_the_place_of_what_is_in_force_when_it_is_confirmed(flow: Flow) -> None:
    old = first(flow)
    made = revise(flow, old, reserved_fen=320_000_00, ceiling_fen=900_000_00)
    new = made.get_json()
    assert (made.status_code, new["revision"], new["supersedes_id"]) == (201, 2, old), made.text
    assert new["revision_reason"] == "食堂人数增加"
    assert flow.get(f"/filings/{old}", flow.admin).get_json()["status"] == "confirmed"
    assert (quota(flow).ceiling_fen, quota(flow).floor_fen) == (800_000_00, 300_000_00)
    last = through(flow, new["id"])
    assert last.status_code == 200, last.text
    states = {str(one.id): one.status for one in db.session.scalars(select(Filing))}
    assert states == {old: FilingStatus.SUPERSEDED, new["id"]: FilingStatus.CONFIRMED}
    assert (quota(flow).ceiling_fen, quota(flow).floor_fen) == (900_000_00, 320_000_00)
    assert str(quota(flow).filing_id) == new["id"]
    kinds = db.session.scalars(select(EventRow.kind).order_by(EventRow.position)).all()
    assert kinds[-2:] == ["FilingSuperseded", "FilingConfirmed"]
    assert broken(INVARIANTS) == []


def test_one_revision_at_a_time_of_what_is_in_force(flow: Flow) -> None:
    draft = flow.draft()["id"]
    assert code_of(revise(flow, draft)) == (409, "wrong_state")
    assert flow.post(f"/filings/{draft}/withdraw", flow.admin).status_code == 200
    old = first(flow)
    open_ = revise(flow, old).get_json()["id"]
    assert code_of(revise(flow, old)) == (409, "revision_open")
    assert code_of(flow.post("/filings", flow.admin, OWN)) == (409, "filing_exists")
    assert code_of(flow.post(f"/filings/{old}/withdraw", flow.admin)) == (409, "wrong_state")
    assert flow.post(f"/filings/{open_}/withdraw", flow.admin).status_code == 200
    assert revise(flow, old).get_json()["revision"] == 4
    with clock.stopped(datetime(2026, 12, 31, 16, tzinfo=UTC)):
        assert code_of(revise(flow, old)) == (409, "revision_open")
        current = db.session.scalars(select(Filing).where(Filing.revision == 4)).one().id
        flow.post(f"/filings/{current}/withdraw", flow.admin)
        assert code_of(revise(flow, old)) == (409, "filing_year_over")
    assert code_of(revise(flow, old, reserved_fen=1)) == (422, "below_floor")


def test_a_revision_is_taken_after_the_last_day_of_filing(flow: Flow) -> None:
    with clock.stopped(datetime(2024, 2, 1, tzinfo=UTC)):
        old = first(flow, year=2024)
    with clock.stopped(datetime(2024, 6, 1, tzinfo=UTC)):
        assert revise(flow, old).status_code == 201


def test_a_ceiling_is_not_lowered_below_what_is_held(flow: Flow) -> None:
    old = first(flow)
    holds.hold(
        order_id=new_id(),
        quota_id=QuotaId(quota(flow).id),
        parts=[procurement.part(500_000_00)],
        expires_at=None,
        now=NOW,
    )
    new = revise(flow, old, ceiling_fen=499_999_99).get_json()["id"]
    refused = through(flow, new)
    assert code_of(refused) == (409, "quota_exceeded")
    db.session.expire_all()
    assert flow.get(f"/filings/{old}", flow.admin).get_json()["status"] == "confirmed"
    assert flow.get(f"/filings/{new}", flow.admin).get_json()["status"] == "superior_confirmed"
    assert quota(flow).ceiling_fen == 800_000_00
    back = flow.post(f"/filings/{new}/return", flow.finance, {"reason": "额度过低"}).get_json()
    edit = flow.patch(f"/filings/{new}", flow.admin, {"ceiling_fen": 500_000_00}, back["version"])
    assert edit.status_code == 200
    assert through(flow, new).status_code == 200
    assert quota(flow).ceiling_fen == 500_000_00
    assert broken(INVARIANTS) == []


def test_a_fund_that_a_revision_leaves_out_has_no_money_left(flow: Flow) -> None:
    union = {"union_total_fen": 100_000_00, "union_reserved_fen": 20_000_00}
    old = first(flow, **union)
    assert (
        through(flow, revise(flow, old, union_reserved_fen=None).get_json()["id"]).status_code
        == 200
    )
    found = flow.get("/quotas", flow.admin, year=2026, fund="union").get_json()
    assert (found["ceiling_fen"], found["floor_fen"]) == (0, 0)
    assert broken(INVARIANTS) == []


def test_nobody_confirms_a_revision_they_had_a_hand_in(flow: Flow) -> None:
    old = first(flow)
    both = registry.user(flow.people.superior, [Role.UNIT_ADMIN])
    new = revise(flow, old).get_json()["id"]
    path = f"/filings/{new}"
    flow.post(f"{path}/submit", flow.admin)
    assert code_of(flow.post(f"{path}/confirm", flow.admin)) == (409, "same_person")
    assert flow.post(f"{path}/confirm", flow.token(both)).status_code == 200
    assert code_of(flow.post(f"{path}/confirm", flow.token(both))) == (409, "same_person")


def test_a_return_names_fields_and_the_next_round_shows_what_changed(flow: Flow) -> None:
    path = f"/filings/{flow.draft()['id']}"
    flow.post(f"{path}/submit", flow.admin)
    reasons = [
        {"pointer": "/canteen_total_fen", "text": "总额偏低"},
        {"pointer": "/note", "text": "请说明"},
    ]
    bad = {"reason": "有误", "reasons": [{"pointer": "/budget", "text": "x"}]}
    refused = flow.post(f"{path}/return", flow.superior, bad)
    assert code_of(refused) == (422, "return_reason_unfit")
    assert refused.get_json()["errors"][0]["pointer"] == "/reasons/0/pointer"
    back = flow.post(f"{path}/return", flow.superior, {"reason": "有误", "reasons": reasons})
    assert back.get_json()["return_reasons"] == reasons
    changes = {"canteen_total_fen": 900_000_00, "ceiling_fen": 700_000_00}
    flow.patch(path, flow.admin, changes, back.get_json()["version"])
    again = flow.post(f"{path}/submit", flow.admin).get_json()
    assert (again["round"], again["return_reasons"]) == (2, [])
    rounds = flow.get(f"{path}/differences", flow.superior).get_json()["rounds"]
    assert [one["round"] for one in rounds] == [1, 2]
    assert rounds[0]["changes"] == []
    assert rounds[1]["changes"] == [
        {
            "pointer": "/canteen_total_fen",
            "before": 1_000_000_00,
            "after": 900_000_00,
            "reasons": ["总额偏低"],
        },
        {"pointer": "/ceiling_fen", "before": 800_000_00, "after": 700_000_00, "reasons": []},
    ]
    assert rounds[1]["unanswered"] == [{"pointer": "/note", "text": "请说明"}]


def test_last_year_is_copied_and_the_differences_are_shown(flow: Flow) -> None:
    with clock.stopped(datetime(2025, 3, 1, tzinfo=UTC)):
        first(flow, year=2025)
    body = {"year": 2026, "changes": {"reserved_fen": 350_000_00}}
    made = flow.post("/filings/copy", flow.admin, body)
    assert made.status_code == 201, made.text
    filed = made.get_json()
    assert (filed["year"], filed["canteen_total_fen"]) == (2026, 1_000_000_00)
    shown = flow.get(f"/filings/{filed['id']}/differences", flow.admin).get_json()
    assert shown["last_year"] == [
        {"pointer": "/reserved_fen", "before": 300_000_00, "after": 350_000_00, "reasons": []}
    ]
    assert shown["revised"] is None
    assert code_of(flow.post("/filings/copy", flow.admin, {"year": 2028})) == (404, "not_found")
    assert code_of(flow.post("/filings/copy", flow.admin, body)) == (409, "filing_exists")


def drafts(flow: Flow, count: int) -> list[str]:
    ids = []
    for _ in range(count):
        unit = registry.organisation(
            flow.people.unit.kind, flow.people.unit.region_code, flow.people.superior
        )
        token = flow.token(registry.user(unit, [Role.UNIT_ADMIN]))
        made = flow.post("/filings", token, OWN).get_json()["id"]
        flow.post(f"/filings/{made}/submit", token)
        ids.append(made)
    return ids


def item(filing_id: str, decision: str = "confirm", **fields: Any) -> dict[str, Any]:
    return {"filing_id": filing_id, "decision": decision, "opinion": "同意"} | fields


def test_many_are_decided_at_once_each_with_its_opinion(flow: Flow) -> None:
    one, two, three = drafts(flow, 3)
    items = [
        item(three),
        item(one, opinion="属实"),
        item(two, "return", reasons=[{"pointer": "/reserved_fen", "text": "偏低"}]),
    ]
    answer = flow.post("/filings/batch-decisions", flow.superior, {"items": items})
    assert answer.status_code == 200, answer.text
    assert [(row["filing_id"], row["status"]) for row in answer.get_json()["items"]] == [
        (three, "superior_confirmed"),
        (one, "superior_confirmed"),
        (two, "returned"),
    ]
    steps = flow.get(f"/filings/{one}", flow.superior).get_json()["steps"]
    assert steps[-1]["reason"] == "属实"


def test_all_or_none_names_what_stands_against_it(flow: Flow) -> None:
    one, two = drafts(flow, 2)
    flow.post(f"/filings/{two}/confirm", flow.superior)
    items = [item(one), item(two)]
    answer = flow.post("/filings/batch-decisions", flow.superior, {"items": items})
    assert code_of(answer) == (409, "filing_batch_refused")
    errors = [(one["pointer"], one["code"]) for one in answer.get_json()["errors"]]
    assert errors == [("/items/1", "same_person")]
    db.session.expire_all()
    assert flow.get(f"/filings/{one}", flow.superior).get_json()["status"] == "submitted"


def test_each_for_itself_leaves_no_trace_of_the_refused_but_the_refusal(flow: Flow) -> None:
    old = first(flow)
    holds.hold(
        order_id=new_id(),
        quota_id=QuotaId(quota(flow).id),
        parts=[procurement.part(600_000_00)],
        expires_at=None,
        now=NOW,
    )
    new = revise(flow, old, ceiling_fen=500_000_00).get_json()["id"]
    flow.post(f"/filings/{new}/submit", flow.admin)
    flow.post(f"/filings/{new}/confirm", flow.superior)
    (other,) = drafts(flow, 1)
    flow.post(f"/filings/{other}/confirm", flow.superior)
    facts = db.session.scalar(select(func.count(EventRow.id)))
    body = {"items": [item(new), item(other)], "atomic": False}
    answer = flow.post("/filings/batch-decisions", flow.finance, body).get_json()
    assert [(row["status"], row["code"]) for row in answer["items"]] == [
        (None, "quota_exceeded"),
        ("confirmed", None),
    ]
    db.session.expire_all()
    assert flow.get(f"/filings/{old}", flow.admin).get_json()["status"] == "confirmed"
    assert flow.get(f"/filings/{new}", flow.admin).get_json()["status"] == "superior_confirmed"
    assert db.session.scalar(select(func.count(EventRow.id))) == (facts or 0) + 1
    outcomes = db.session.scalars(
        select(AuditRow.outcome).where(AuditRow.action == "confirm_filing")
    ).all()
    assert outcomes == ["quota_exceeded"]
    assert broken(INVARIANTS) == []
