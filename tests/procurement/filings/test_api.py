"""The doors to the yearly promises."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from kernel import clock
from kernel.database import db
from kernel.events import EventRow
from procurement.filings.models import Filing
from registry.accounts.models import Role
from registry.organisations.models import OrganisationKind
from tests.builders import procurement, registry
from tests.conftest import Client
from tests.procurement.flow import OWN, Flow, code_of

NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def flow(client: Client) -> Flow:
    return Flow(client)


def filings() -> int:
    return db.session.execute(select(func.count(Filing.id))).scalar_one()


def test_a_unit_drafts_its_promise(flow: Flow) -> None:
    answer = flow.post("/filings", flow.admin, OWN | {"note": "食堂自营"})
    body = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"1"'
    assert body["number"] == "BF-F-2026-440203-000001"
    assert body == OWN | {
        "id": body["id"],
        "number": body["number"],
        "unit_id": str(flow.people.unit.id),
        "revision": 1,
        "supersedes_id": None,
        "revision_reason": None,
        "round": 0,
        "farm_produce_total_fen": None,
        "union_heads": None,
        "canteen_subsidised": False,
        "central_unit": False,
        "contract_clause": None,
        "waiver_id": None,
        "return_reasons": [],
        "union_situation": "own_funds",
        "union_total_fen": None,
        "union_reserved_fen": None,
        "union_ceiling_fen": None,
        "representative_unit_id": None,
        "note": "食堂自营",
        "policy_id": body["policy_id"],
        "floor_fen": 300_000_00,
        "status": "draft",
        "author_id": str(flow.people.admin.id),
        "return_reason": None,
        "created_at": "2026-03-02T04:00:00+00:00",
        "submitted_at": None,
        "confirmed_at": None,
        "version": 1,
    }


def test_a_fen_below_the_floor_is_refused_with_both_figures(flow: Flow) -> None:
    answer = flow.post("/filings", flow.admin, OWN | {"reserved_fen": 299_999_99})
    assert code_of(answer) == (422, "below_floor")
    assert answer.get_json()["figures"] == {"reserved_fen": 299_999_99, "floor_fen": 300_000_00}
    assert answer.get_json()["errors"][0]["pointer"] == "/reserved_fen"
    assert "¥299,999.99" in answer.get_json()["title"]
    assert filings() == 0


def test_a_year_without_policy_is_refused(flow: Flow) -> None:
    answer = flow.post("/filings", flow.admin, OWN | {"year": 2020})
    assert code_of(answer) == (409, "no_policy_in_force")
    assert answer.get_json()["figures"] == {"region_code": "440203", "year": 2020}


def test_a_late_promise_is_refused(flow: Flow) -> None:
    with clock.stopped(datetime(2024, 2, 20, 16, tzinfo=UTC)):
        answer = flow.post("/filings", flow.admin, OWN | {"year": 2024})
    assert code_of(answer) == (409, "filing_closed")
    assert answer.get_json()["figures"] == {"year": 2024, "deadline_on": "2024-02-20"}
    with clock.stopped(datetime(2024, 2, 20, 15, 59, tzinfo=UTC)):
        assert flow.post("/filings", flow.admin, OWN | {"year": 2024}).status_code == 201


def test_a_unit_files_once_a_year(flow: Flow) -> None:
    flow.draft()
    assert code_of(flow.post("/filings", flow.admin, OWN)) == (409, "filing_exists")
    flow.draft(year=2025)
    assert filings() == 2


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"canteen_total_fen": 1.5}, "/canteen_total_fen", "invalid"),
        ({"reserved_fen": -1}, "/reserved_fen", "invalid"),
        ({"reserved_fen": 10**15 + 1}, "/reserved_fen", "invalid"),
        ({"year": 26}, "/year", "invalid"),
        ({"situation": "hungry"}, "/situation", "invalid"),
        ({"budget": 1}, "/budget", "unknown_field"),
        ({"ceiling_fen": 299_999_99}, "/reserved_fen", "reserved_above_ceiling"),
        ({"situation": "none"}, "/canteen_total_fen", "zero_filing_only"),
        ({"situation": "shared"}, "/representative_unit_id", "representative_unfit"),
        ({"canteen_total_fen": 0}, "/canteen_total_fen", "total_missing"),
        ({"union_reserved_fen": 1}, "/union_total_fen", "union_figures_unfit"),
        ({"note": "联系人 440203195003120018"}, "/note", "identity_in_text"),
    ],
)
def test_what_cannot_be_taken_names_its_field(
    flow: Flow, fields: dict[str, Any], pointer: str, code: str
) -> None:
    answer = flow.post("/filings", flow.admin, OWN | fields)
    assert code_of(answer) == (422, code)
    assert [one["pointer"] for one in answer.get_json()["errors"]] == [pointer]
    assert filings() == 0


def test_the_situations_of_a_unit(flow: Flow) -> None:
    other = registry.organisation(OrganisationKind.BUDGET_UNIT)
    zero = {"canteen_total_fen": 0, "reserved_fen": 0}
    flow.draft(year=2026, situation="none", note="无食堂", **zero)
    flow.draft(year=2025, situation="shared", representative_unit_id=str(other.id), **zero)
    flow.draft(year=2023, situation="shared", representative_unit_id=str(flow.people.unit.id))
    filed = flow.draft(year=2022, situation="outsourced", union_situation="no_union_funds")
    assert filed["floor_fen"] == 300_000_00
    assert code_of(
        flow.post(
            "/filings",
            flow.admin,
            OWN | zero | {"year": 2027, "situation": "shared", "representative_unit_id": NOBODY},
        )
    ) == (422, "representative_unfit")


def test_a_key_makes_one_promise(flow: Flow) -> None:
    first = flow.post("/filings", flow.admin, OWN, key="one")
    again = flow.post("/filings", flow.admin, OWN, key="one")
    assert again.status_code == 201
    assert again.get_json() == first.get_json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert code_of(flow.post("/filings", flow.admin, OWN | {"year": 2025}, key="one")) == (
        422,
        "idempotency_key_reused",
    )
    without = flow.client.post("/api/v1/procurement/filings", json=OWN, token=flow.admin)
    assert code_of(without) == (400, "idempotency_key_required")
    assert filings() == 1


def test_an_edit_names_the_version_it_edits(flow: Flow) -> None:
    filed = flow.draft()
    path = f"/filings/{filed['id']}"
    assert code_of(flow.patch(path, flow.admin, {"note": "a"}, None)) == (
        428,
        "precondition_required",
    )
    edited = flow.patch(path, flow.admin, {"reserved_fen": 400_000_00}, 1)
    assert edited.status_code == 200
    assert edited.get_json()["reserved_fen"] == 400_000_00
    assert edited.headers["ETag"] == '"2"'
    assert code_of(flow.patch(path, flow.admin, {"note": "a"}, 1)) == (412, "version_stale")
    assert code_of(flow.patch(path, flow.admin, {"reserved_fen": 1}, 2)) == (422, "below_floor")
    assert code_of(flow.patch(path, flow.admin, {"year": 2025}, 2)) == (422, "unknown_field")
    assert flow.get(path, flow.admin).get_json()["reserved_fen"] == 400_000_00


def test_what_is_with_the_chain_is_not_edited(flow: Flow) -> None:
    path = f"/filings/{flow.draft()['id']}"
    submitted = flow.post(f"{path}/submit", flow.admin).get_json()
    assert submitted["status"] == "submitted"
    assert submitted["submitted_at"] == "2026-03-02T04:00:00+00:00"
    refused = flow.patch(path, flow.admin, {"note": "a"}, submitted["version"])
    assert code_of(refused) == (409, "wrong_state")
    assert code_of(flow.post(f"{path}/submit", flow.admin)) == (409, "wrong_state")


def test_a_level_sends_back_with_a_reason_and_the_round_begins_anew(flow: Flow) -> None:
    path = f"/filings/{flow.draft()['id']}"
    flow.post(f"{path}/submit", flow.admin)
    flow.post(f"{path}/confirm", flow.superior)
    refused = flow.post(f"{path}/return", flow.finance, {})
    assert (code_of(refused), refused.get_json()["errors"][0]["pointer"]) == (
        (422, "invalid"),
        "/reason",
    )
    back = flow.post(f"{path}/return", flow.finance, {"reason": "总额填报不准确"}).get_json()
    assert (back["status"], back["return_reason"]) == ("returned", "总额填报不准确")
    edited = flow.patch(path, flow.admin, {"reserved_fen": 310_000_00}, back["version"])
    assert edited.status_code == 200
    again = flow.post(f"{path}/submit", flow.admin).get_json()
    assert (again["status"], again["return_reason"]) == ("submitted", None)
    assert code_of(flow.post(f"{path}/confirm", flow.finance)) == (409, "wrong_state")
    steps = flow.get(path, flow.admin).get_json()["steps"]
    assert [(one["act"], one["reserved_fen"]) for one in steps] == [
        ("draft", 300_000_00),
        ("submit", 300_000_00),
        ("superior_confirm", 300_000_00),
        ("return", 300_000_00),
        ("edit", 310_000_00),
        ("submit", 310_000_00),
    ]
    assert steps[3]["reason"] == "总额填报不准确"
    kinds = db.session.execute(select(EventRow.kind).order_by(EventRow.position)).scalars().all()
    assert kinds == ["FilingSubmitted", "FilingReturned", "FilingSubmitted"]


def test_promises_are_seen_by_unit_superior_finance_and_nobody_else(flow: Flow) -> None:
    filed = flow.draft()
    others = Flow(flow.client, procurement.cast_of("440300"))
    auditor = flow.token(
        registry.user(registry.organisation(OrganisationKind.PLATFORM), [Role.AUDITOR])
    )
    for token in (flow.admin, flow.superior, flow.finance, auditor):
        assert flow.get(f"/filings/{filed['id']}", token).status_code == 200
        assert len(flow.get("/filings", token).get_json()["items"]) == 1
    for token in (others.admin, others.superior, others.finance):
        assert code_of(flow.get(f"/filings/{filed['id']}", token)) == (404, "not_found")
        assert flow.get("/filings", token).get_json()["items"] == []
        assert code_of(flow.post(f"/filings/{filed['id']}/submit", others.admin)) == (
            404,
            "not_found",
        )


def test_promises_are_listed_by_year_state_and_place(flow: Flow) -> None:
    flow.draft(year=2025)
    path = f"/filings/{flow.draft(year=2026)['id']}"
    flow.post(f"{path}/submit", flow.admin)

    def years(**query: str) -> list[int]:
        items = flow.get("/filings", flow.finance, **query).get_json()["items"]
        return [one["year"] for one in items]

    assert years() == [2026, 2025]
    assert years(year="2025") == [2025]
    assert years(status="submitted") == [2026]
    assert years(region="440200") == [2026, 2025]
    assert years(region="440300") == []
    page = flow.get("/filings", flow.finance, limit=1).get_json()
    rest = flow.get("/filings", flow.finance, limit=1, cursor=page["next_cursor"]).get_json()
    assert [one["year"] for one in rest["items"]] == [2025]


def test_only_unit_administrators_of_purchasing_units_file(flow: Flow) -> None:
    buyer = flow.token(registry.user(flow.people.unit, [Role.CANTEEN_BUYER]))
    assert code_of(flow.post("/filings", buyer, OWN)) == (403, "forbidden")
    assert code_of(flow.post("/filings", "nobody", OWN)) == (401, "unauthenticated")
    cooperative = registry.organisation(OrganisationKind.COOPERATIVE)
    misplaced = flow.token(registry.user(cooperative, [Role.UNIT_ADMIN]))
    refused = flow.post("/filings", misplaced, OWN)
    assert code_of(refused) == (422, "not_a_purchaser")
    filed = flow.draft()
    edit = flow.patch(f"/filings/{filed['id']}", flow.superior, {"note": "a"}, 1)
    assert code_of(edit) == (403, "forbidden")
